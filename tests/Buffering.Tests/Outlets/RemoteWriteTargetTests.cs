using Gateway.Buffering.Outlets;
using Gateway.Exposition;
using Xunit;

namespace Gateway.Buffering.Tests.Outlets;

public sealed class RemoteWriteTargetTests
{
    private static readonly WriteAnswer OutOfOrder = FakeReceiver.Answer(400, "out of order sample\n");

    [Fact]
    public async Task Everything_arrives_oldest_first_in_requests_within_the_bound()
    {
        using var rig = new TargetRig(Always(maxSamples: 250));
        rig.Fill(20, TargetRig.Gauges(100));
        Assert.Empty(await rig.DrainAsync());
        AssertAllStoredOnce(rig, 2000);
        Assert.All(rig.Receiver.Requests, request => Assert.InRange(Count(request), 1, 250));
        Assert.Equal(10, rig.Receiver.Requests.Count);
        AssertTimeGoesForward(rig);
        Assert.Equal((2000, 10), (rig.Figures.SamplesSent, rig.Figures.Requests[(int)RemoteWriteResult.Delivered]));
        Assert.True(rig.Figures.BytesSent > 1000);
        Assert.Equal(rig.Time.GetUtcNow(), rig.Figures.LastSuccess);
    }

    [Fact]
    public async Task A_snapshot_larger_than_a_request_is_cut_by_series()
    {
        using var rig = new TargetRig(Always(maxSamples: 100));
        rig.Fill(3, TargetRig.Gauges(1000));
        await rig.DrainAsync();
        AssertAllStoredOnce(rig, 3000);
        Assert.All(rig.Receiver.Requests, request => Assert.InRange(Count(request), 1, 100));
        AssertTimeGoesForward(rig);
    }

    [Fact]
    public async Task The_bound_in_bytes_cuts_as_well_and_what_is_larger_alone_is_given_up()
    {
        var options = Always();
        options.MaxRequestBytes = 4096;
        using var rig = new TargetRig(options);
        var large = Series.Create(MetricFamily.Gauge("large", "", "x"), [new string('x', 5000)]);
        rig.Fill(4, [.. TargetRig.Gauges(200), large]);
        await rig.DrainAsync();
        Assert.Equal(800, rig.Receiver.Stored.Count);
        Assert.Equal(4, rig.Figures.GivenUpSamples[(int)GiveUpReason.TooLarge]);
        Assert.Contains(rig.Log.Lines, line => line.Id == 2105 && line.Text.Contains("large", StringComparison.Ordinal));
    }

    [Fact]
    public async Task Progress_is_saved_after_each_page()
    {
        using var rig = new TargetRig(Always(maxSamples: 10));
        rig.Fill(3, TargetRig.Gauges(10));
        await rig.Target.StepAsync(CancellationToken.None);
        Assert.Equal("2-", rig.Backlog().ToString());
        await rig.DrainAsync();
        Assert.Equal("4-", rig.Backlog().ToString());
    }

    [Fact]
    public async Task Both_kinds_are_sent_the_one_further_behind_first()
    {
        using var rig = new TargetRig(Always(maxSamples: 10));
        var series = TargetRig.Gauges(1)[0];
        rig.Buffer.AppendPushes((series, rig.Now - 5000, 1), (series, rig.Now - 3000, 2));
        rig.Buffer.Append(rig.Now - 9000, (series, 3.0));
        await rig.DrainAsync();
        Assert.Equal([3, 1], rig.Receiver.Requests.Select(request => request[0].Samples[0].Value));
        Assert.Equal(2, rig.Receiver.Requests[1][0].Samples.Count);
    }

    [Fact]
    public async Task One_poisonous_series_is_found_and_its_neighbours_arrive()
    {
        using var rig = new TargetRig(Always(maxSamples: 1000));
        rig.Receiver.Judge = request => request.Exists(series => series.Metric == "bad") ? FakeReceiver.Answer(400, "label value too long") : FakeReceiver.Answer(204);
        rig.Fill(20, [.. TargetRig.Gauges(99), Series.Create(MetricFamily.Gauge("bad", ""), [])]);
        await rig.DrainAsync();
        AssertAllStoredOnce(rig, 99 * 20);
        Assert.Equal(20, rig.Figures.GivenUpSamples[(int)GiveUpReason.BadRequest]);
        // Found once in the first page; in the second one it goes alone, after the others went in one request.
        var requests = rig.Receiver.Requests;
        var second = requests.FindIndex(request => Count(request) == 99 * 10);
        Assert.InRange(requests.Count - second, 2, 1 + (2 * 10));
        Assert.Equal("bad", requests[^1].Single().Metric);
    }

    [Fact]
    public async Task A_suspect_that_is_taken_again_is_none_any_more()
    {
        using var rig = new TargetRig(Always(maxSamples: 20));
        var refuse = true;
        rig.Receiver.Judge = request => refuse && request.Exists(series => series.Metric == "bad") ? FakeReceiver.Answer(400, "limit") : FakeReceiver.Answer(204);
        Series[] series = [.. TargetRig.Gauges(19), Series.Create(MetricFamily.Gauge("bad", ""), [])];
        rig.Fill(1, series);
        await rig.DrainAsync();
        refuse = false;
        rig.Time.Advance(TimeSpan.FromSeconds(15));
        rig.Fill(1, series);
        rig.Receiver.Requests.Clear();
        await rig.DrainAsync();
        Assert.Equal([19, 1], rig.Receiver.Requests.Select(Count));
        rig.Time.Advance(TimeSpan.FromSeconds(15));
        rig.Fill(1, series);
        await rig.DrainAsync();
        Assert.Equal([19, 1, 20], rig.Receiver.Requests.Select(Count));
    }

    [Fact]
    public async Task A_target_that_calls_everything_bad_loses_nothing_and_is_reported()
    {
        using var rig = new TargetRig(Always());
        rig.Fill(5, TargetRig.Gauges(200));
        var mended = false;
        rig.Receiver.Judge = _ => FakeReceiver.Answer(mended ? 204 : 400, "plain HTTP request was sent to HTTPS port");
        for (var i = 0; i < 2000; i++) rig.Time.Advance(await rig.Target.StepAsync(CancellationToken.None) ?? TimeSpan.Zero);
        Assert.Empty(rig.Receiver.Stored);
        Assert.Equal(0, rig.Figures.GivenUpSamples.Sum());
        Assert.Contains("HTTPS port", rig.Figures.Fault, StringComparison.Ordinal);
        Assert.Single(rig.Log.Lines, line => line.Id == 2102);
        mended = true;
        await rig.DrainAsync();
        AssertAllStoredOnce(rig, 1000);
        Assert.Null(rig.Figures.Fault);
        Assert.Single(rig.Log.Lines, line => line.Id == 2104);
    }

    [Fact]
    public async Task A_small_page_of_nothing_but_poison_is_given_up_after_some_long_pauses()
    {
        using var rig = new TargetRig(Always());
        rig.Fill(2, [Series.Create(MetricFamily.Gauge("bad", ""), [])]);
        rig.Receiver.Judge = _ => FakeReceiver.Answer(400, "no");
        var pauses = await rig.DrainAsync();
        Assert.Equal(Enumerable.Repeat(rig.Options.RefusalPause, RemoteWriteTarget.MaxHolds), pauses);
        Assert.Equal(2, rig.Figures.GivenUpSamples[(int)GiveUpReason.BadRequest]);
    }

    [Fact]
    public async Task Snapshots_stored_already_are_given_up_and_the_newer_ones_of_the_page_arrive()
    {
        using var rig = new TargetRig(Always());
        rig.Fill(1, TargetRig.Gauges(1));
        await rig.DrainAsync();
        rig.Time.Advance(TimeSpan.FromMinutes(5));
        rig.Fill(10, TargetRig.Gauges(100));
        var edge = rig.Now - (15_000 * 4);
        rig.Receiver.Judge = request => request.Exists(series => series.Samples[0].TimeMs <= edge) ? OutOfOrder : FakeReceiver.Answer(204);
        Assert.Empty(await rig.DrainAsync());
        Assert.Equal(1 + 400, rig.Receiver.Stored.Count);
        Assert.Equal(600, rig.Figures.GivenUpSamples[(int)GiveUpReason.OutOfOrder]);
    }

    [Fact]
    public async Task One_series_out_of_order_does_not_take_its_neighbours_along()
    {
        using var rig = new TargetRig(Always());
        rig.Fill(1, TargetRig.Gauges(1));
        await rig.DrainAsync();
        rig.Time.Advance(TimeSpan.FromMinutes(5));
        rig.Receiver.Judge = request => request.Exists(series => series.Key.EndsWith("i=77", StringComparison.Ordinal)) ? OutOfOrder : FakeReceiver.Answer(204);
        rig.Fill(5, TargetRig.Gauges(200));
        await rig.DrainAsync();
        Assert.Equal(1 + (199 * 5), rig.Receiver.Stored.Count);
        Assert.Equal(5, rig.Figures.GivenUpSamples[(int)GiveUpReason.OutOfOrder]);
    }

    [Theory]
    [InlineData(400, "out of bounds")]
    [InlineData(400, "too old sample")]
    [InlineData(500, "too old sample")]
    public async Task The_edge_of_what_is_too_old_is_found_with_few_requests_and_nothing_beyond_it_is_given_up(int status, string text)
    {
        for (var edge = 0; edge <= 60; edge += 7)
        {
            using var rig = new TargetRig(Always(maxSamples: 2000));
            rig.Time.Advance(TimeSpan.FromHours(3));
            rig.Fill(60, TargetRig.Gauges(100));
            rig.Time.Advance(TimeSpan.FromHours(1));
            var oldest = rig.Now - 3_600_000 - ((60 - 1 - edge) * 15_000);
            var last = new Dictionary<string, long>(StringComparer.Ordinal);
            rig.Receiver.Judge = request =>
            {
                if (request.Exists(series => series.Samples[0].TimeMs < oldest)) return FakeReceiver.Answer(status, text);
                // As Prometheus without a window: nothing older than what the series has.
                if (request.Exists(series => series.Samples[0].TimeMs < last.GetValueOrDefault(series.Key))) return OutOfOrder;
                foreach (var series in request) last[series.Key] = series.Samples[^1].TimeMs;
                return FakeReceiver.Answer(204);
            };
            Assert.Empty(await rig.DrainAsync());
            // Only the series that was asked may lose some, on the page with the edge.
            var late = rig.Figures.GivenUpSamples.Sum() - (edge * 100);
            Assert.InRange(late, 0, 20);
            Assert.Equal(6000 - (edge * 100) - late, rig.Receiver.Stored.Count);
            Assert.InRange(rig.Receiver.Requests.Count, 3, 50);
        }
    }

    [Fact]
    public async Task Young_samples_that_are_out_of_bounds_wait_for_the_clock_of_the_target()
    {
        using var rig = new TargetRig(Always());
        rig.Fill(5, TargetRig.Gauges(100));
        // It is a quarter of an hour behind and takes nothing more than ten minutes ahead of itself.
        rig.Receiver.Judge = request => request.Exists(series => series.Samples[^1].TimeMs > rig.Now - 300_000) ? FakeReceiver.Answer(400, "out of bounds") : FakeReceiver.Answer(204);
        Assert.Single(await rig.DrainAsync());
        AssertAllStoredOnce(rig, 500);
        Assert.Equal(0, rig.Figures.GivenUpSamples.Sum());
    }

    [Fact]
    public async Task What_is_all_too_old_costs_two_requests_a_page()
    {
        using var rig = new TargetRig(Always(maxSamples: 1000));
        rig.Fill(200, TargetRig.Gauges(100));
        rig.Time.Advance(TimeSpan.FromHours(3));
        rig.Receiver.Judge = _ => FakeReceiver.Answer(400, "out of bounds");
        Assert.Empty(await rig.DrainAsync());
        Assert.Equal((40, 20_000), (rig.Receiver.Requests.Count, rig.Figures.GivenUpSamples[(int)GiveUpReason.OutOfBounds]));
    }

    [Theory]
    [InlineData(400, "duplicate sample for timestamp", GiveUpReason.Duplicate)]
    [InlineData(400, "out of order sample", GiveUpReason.OutOfOrder)]
    public async Task What_will_never_be_taken_is_given_up_without_pause_and_with_few_requests(int status, string text, GiveUpReason reason)
    {
        using var rig = new TargetRig(Always(maxSamples: 1000));
        rig.Fill(1, TargetRig.Gauges(1));
        await rig.DrainAsync();
        rig.Receiver.Requests.Clear();
        rig.Receiver.Judge = _ => FakeReceiver.Answer(status, text);
        rig.Time.Advance(TimeSpan.FromHours(3));
        rig.Fill(200, TargetRig.Gauges(100));
        Assert.Empty(await rig.DrainAsync());
        Assert.Equal(20_000, rig.Figures.GivenUpSamples[(int)reason]);
        Assert.Equal(20_000, rig.Figures.GivenUpSamples.Sum());
        // 20 pages: the search of the first one is long, later ones are not searched to the last sample again.
        Assert.InRange(rig.Receiver.Requests.Count, 20 * 15, 20 * 25 + 160);
        Assert.Single(rig.Log.Lines, line => line.Id == 2105);
    }

    [Fact]
    public async Task Refused_as_out_of_order_after_a_lost_answer_means_that_it_was_stored()
    {
        using var rig = new TargetRig(Always());
        rig.Fill(5, TargetRig.Gauges(100));
        var lost = false;
        rig.Receiver.Judge = request =>
        {
            if (lost) return OutOfOrder;
            lost = true;
            rig.Receiver.Store(request);
            return new WriteAnswer(RemoteWriteResult.Timeout, Fault: "did not answer in time");
        };
        Assert.Single(await rig.DrainAsync());
        Assert.Equal(2, rig.Receiver.Requests.Count);
        Assert.Equal(500, rig.Figures.GivenUpSamples[(int)GiveUpReason.Repeated]);
        Assert.Equal(1, rig.Figures.Retries);
    }

    [Theory]
    [InlineData(404, "remote write receiver needs to be enabled")]
    [InlineData(401, "")]
    [InlineData(403, "")]
    [InlineData(302, "")]
    [InlineData(402, "pay")]
    public async Task When_somebody_must_act_the_target_is_left_alone_for_long_and_reported_once(int status, string text)
    {
        using var rig = new TargetRig(Always());
        rig.Fill(1, TargetRig.Gauges(3));
        rig.Receiver.Judge = _ => FakeReceiver.Answer(status, text);
        for (var i = 0; i < 3; i++) Assert.Equal(rig.Options.RefusalPause, await rig.Target.StepAsync(CancellationToken.None));
        Assert.StartsWith($"answered {status}", rig.Figures.Fault, StringComparison.Ordinal);
        Assert.Equal(rig.Time.GetUtcNow() + rig.Options.RefusalPause, rig.Figures.PausedUntil);
        Assert.Single(rig.Log.Lines);
        Assert.Equal(2102, rig.Log.Lines[0].Id);
        rig.Receiver.Judge = null;
        await rig.DrainAsync();
        AssertAllStoredOnce(rig, 3);
        Assert.Equal((null, 0L), (rig.Figures.PausedUntil, rig.Figures.GivenUpSamples.Sum()));
    }

    [Fact]
    public async Task A_target_that_is_down_is_asked_with_growing_pauses_and_gets_everything_later()
    {
        using var rig = new TargetRig(Always());
        rig.Fill(1, TargetRig.Gauges(3));
        rig.Receiver.Judge = _ => new WriteAnswer(RemoteWriteResult.Unreachable, Fault: "no connection");
        var pauses = new List<TimeSpan>();
        for (var i = 0; i < 12; i++) pauses.Add((await rig.Target.StepAsync(CancellationToken.None))!.Value);
        for (var i = 0; i < 6; i++) Assert.InRange(pauses[i], rig.Options.MinBackoff * (1 << i) / 2, rig.Options.MinBackoff * (1 << i));
        Assert.All(pauses[6..], pause => Assert.InRange(pause, rig.Options.MaxBackoff / 2, rig.Options.MaxBackoff));
        Assert.Equal(11, rig.Figures.Retries);
        Assert.Single(rig.Log.Lines, line => line.Id == 2101);
        rig.Receiver.Judge = null;
        await rig.DrainAsync();
        AssertAllStoredOnce(rig, 3);
        rig.Receiver.Judge = _ => FakeReceiver.Answer(503);
        rig.Fill(1, TargetRig.Gauges(3));
        Assert.True(await rig.Target.StepAsync(CancellationToken.None) <= rig.Options.MinBackoff, "a success makes the pauses short again");
    }

    [Theory]
    [InlineData(429, 7, 7)]
    [InlineData(503, 7, 7)]
    [InlineData(429, 100_000, 300)]
    public async Task Retry_after_is_honoured_up_to_its_limit(int status, int asked, int waited)
    {
        using var rig = new TargetRig(Always());
        rig.Fill(1, TargetRig.Gauges(3));
        rig.Receiver.Judge = _ => FakeReceiver.Answer(status, retryAfter: TimeSpan.FromSeconds(asked));
        Assert.Equal(TimeSpan.FromSeconds(waited), await rig.Target.StepAsync(CancellationToken.None));
    }

    [Fact]
    public async Task What_is_too_large_becomes_smaller_and_grows_again()
    {
        using var rig = new TargetRig(Always(maxSamples: 1000));
        var limit = 130;
        rig.Receiver.Judge = request => Count(request) > limit ? FakeReceiver.Answer(413) : FakeReceiver.Answer(204);
        rig.Fill(300, TargetRig.Gauges(100));
        Assert.Empty(await rig.DrainAsync());
        AssertAllStoredOnce(rig, 30_000);
        Assert.Equal(0, rig.Figures.GivenUpSamples.Sum());
        Assert.InRange(rig.Figures.Requests[(int)RemoteWriteResult.TooLarge], 3, 12);
        limit = 1000;
        rig.Time.Advance(TimeSpan.FromHours(2));
        rig.Fill(300, TargetRig.Gauges(100));
        await rig.DrainAsync();
        Assert.Contains(rig.Receiver.Requests, request => Count(request) >= 800);
        AssertAllStoredOnce(rig, 60_000);
    }

    [Fact]
    public async Task A_target_that_is_always_too_late_is_given_smaller_requests()
    {
        using var rig = new TargetRig(Always(maxSamples: 1000));
        rig.Receiver.Judge = request => Count(request) > 260 ? new WriteAnswer(RemoteWriteResult.Timeout, Fault: "late") : FakeReceiver.Answer(204);
        rig.Fill(10, TargetRig.Gauges(100));
        Assert.Equal(4, (await rig.DrainAsync()).Count);
        AssertAllStoredOnce(rig, 1000);
    }

    [Fact]
    public async Task Samples_from_a_wrong_clock_in_the_future_wait()
    {
        using var rig = new TargetRig(Always());
        rig.Buffer.Append(rig.Now + 3_600_000, (TargetRig.Gauges(1)[0], 1));
        rig.Buffer.Append(rig.Now, (TargetRig.Gauges(1)[0], 2));
        await rig.DrainAsync();
        Assert.Equal(2, Assert.Single(rig.Receiver.Stored).Value.Value);
        Assert.Equal("1,3-", rig.Backlog().ToString());
        rig.Time.Advance(TimeSpan.FromHours(1));
        await rig.DrainAsync();
        Assert.Equal(2, rig.Receiver.Stored.Count);
    }

    [Fact]
    public async Task What_retention_took_is_no_backlog()
    {
        using var rig = new TargetRig(Always(maxSamples: 3));
        rig.Fill(5, TargetRig.Gauges(3));
        rig.Buffer.Trim(5);
        Assert.Null(await rig.Target.StepAsync(CancellationToken.None));
        rig.Fill(1, TargetRig.Gauges(3));
        await rig.DrainAsync();
        Assert.Equal(3, rig.Receiver.Stored.Count);
        Assert.Equal("7-", rig.Backlog().ToString());
    }

    [Fact]
    public async Task A_buffer_that_began_anew_is_sent_from_its_beginning()
    {
        using var rig = new TargetRig(Always());
        rig.Fill(5, TargetRig.Gauges(3));
        await rig.DrainAsync();
        rig.Buffer.BeginAnew();
        rig.Time.Advance(TimeSpan.FromMinutes(5));
        rig.Fill(2, TargetRig.Gauges(3));
        await rig.DrainAsync();
        AssertAllStoredOnce(rig, 21);
        Assert.Equal("3-", rig.Backlog().ToString());
    }

    [Fact]
    public async Task Times_of_creation_are_sent_only_where_a_scrape_would_show_them()
    {
        var series = Series.Create(MetricFamily.Create("c_total", MetricType.Counter, "", ""), [], SampleRole.Created);
        foreach (var format in Enum.GetValues<ExpositionFormat>())
        {
            var options = Always();
            options.Format = format;
            using var rig = new TargetRig(options);
            rig.Fill(1, [series]);
            await rig.DrainAsync();
            Assert.Equal(format == ExpositionFormat.OpenMetrics ? 1 : 0, rig.Receiver.Stored.Count);
            Assert.Equal("2-", rig.Backlog().ToString());
        }
    }

    private static RemoteWriteOptions Always(int maxSamples = 5000) => new() { Mode = RemoteWriteMode.Always, MaxSamplesPerRequest = maxSamples };

    private static int Count(List<SentSeries> request) => request.Sum(series => series.Samples.Count);

    private static void AssertAllStoredOnce(TargetRig rig, int samples)
    {
        Assert.Equal(samples, rig.Receiver.Stored.Count);
        Assert.All(rig.Receiver.Stored.Values, stored => Assert.Equal(1, stored.Times));
        Assert.Equal(samples, rig.Figures.SamplesSent);
    }

    /// <summary>Over requests as within them.</summary>
    private static void AssertTimeGoesForward(TargetRig rig)
    {
        var last = long.MinValue;
        foreach (var request in rig.Receiver.Requests)
        {
            Assert.True(request.Min(series => series.Samples[0].TimeMs) >= last, "a request is older than the one before");
            last = request.Max(series => series.Samples[^1].TimeMs);
            Assert.All(request, series => Assert.Equal(series.Samples.Select(sample => sample.TimeMs).Order(), series.Samples.Select(sample => sample.TimeMs)));
        }
    }
}
