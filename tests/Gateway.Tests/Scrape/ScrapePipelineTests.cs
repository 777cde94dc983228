using Gateway.Collectors;
using Gateway.Exposition;
using Gateway.Scrape;
using Gateway.Tests.Support;
using Xunit;

namespace Gateway.Tests.Scrape;

public sealed class ScrapePipelineTests
{
    private static readonly MetricFamily Good = MetricFamily.Gauge("good", "Good.");
    private static readonly TimeSpan Second = TimeSpan.FromSeconds(1);

    public static TheoryData<string, Action<MetricSink>> Misdeeds => new()
    {
        { "throws", _ => throw new InvalidOperationException("no") },
        { "throws after samples", sink =>
        {
            sink.Add(MetricFamily.Gauge("bad", "Bad."), 1);
            throw new InvalidOperationException("no");
        } },
        { "illegal metric name", sink => sink.Add(MetricFamily.Gauge("bad-name", "Bad."), 1) },
        { "illegal label name", sink => sink.Add(MetricFamily.Gauge("bad", "Bad.", "__name__"), ["x"], 1) },
        { "too few labels", sink => sink.Add(MetricFamily.Gauge("bad", "Bad.", "a", "b"), ["x"], 1) },
        { "too many labels", sink => sink.Add(MetricFamily.Gauge("bad", "Bad."), ["x"], 1) },
        { "null family", sink => sink.Add((MetricFamily)null!, 1) },
        { "a million series", sink =>
        {
            var bad = MetricFamily.Gauge("bad", "Bad.", "n");
            for (var i = 0; i < 1_000_000; i++) sink.Add(bad, [$"{i}"], 1);
        } },
    };

    [Theory, MemberData(nameof(Misdeeds))]
    public async Task A_collector_that_misbehaves_costs_its_own_families_only(string misdeed, Action<MetricSink> run)
    {
        await using var kit = new ScrapeKit();
        kit.Register("a", sink => sink.Add(Good, 1));
        kit.Register("bad", new ScriptedCollector(run), maxSamples: 10_000);
        kit.Register("z", sink => sink.Add(MetricFamily.Gauge("also_good", "Good."), 2));
        var text = await kit.ScrapeAsync();
        Assert.True(text.Contains("\ngood 1\n", StringComparison.Ordinal) && text.Contains("\nalso_good 2\n", StringComparison.Ordinal), misdeed);
        Assert.DoesNotContain("\nbad", text, StringComparison.Ordinal);
        Assert.Contains("\ngateway_collector_success{collector=\"a\"} 1\n", text, StringComparison.Ordinal);
        Assert.Contains("\ngateway_collector_success{collector=\"bad\"} 0\n", text, StringComparison.Ordinal);
        Assert.Contains("\ngateway_collector_success{collector=\"z\"} 1\n", text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_hang_costs_the_scrape_its_limit_once_and_then_nothing()
    {
        await using var kit = new ScrapeKit();
        var hanging = new GatedCollector(obeys: false);
        kit.Register("hang", hanging);
        kit.Register("good", sink => sink.Add(Good, 1));
        var first = kit.ScrapeAsync(Second);
        await hanging.Entered.InTime();
        await Eventually.TrueAsync(() => kit.Clock.WaitingTimers == 2, "only the hanging run is under way: its own timer and that of the wait for it are left");
        kit.Clock.Advance(Second);
        Assert.Contains("\ngood 1\n", await first.InTime(), StringComparison.Ordinal);
        var second = await kit.ScrapeAsync(Second); // nobody moves the clock
        Assert.Contains("\ngateway_collector_success{collector=\"hang\"} 0\n", second, StringComparison.Ordinal);
        Assert.Contains("\ngateway_collector_skips_total{collector=\"hang\"} 1\n", second, StringComparison.Ordinal);
        Assert.Contains("\ngood 1\n", second, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Half_a_surrogate_pair_is_written_as_valid_utf8_and_never_as_two_equal_series()
    {
        await using var kit = new ScrapeKit();
        var family = MetricFamily.Gauge("odd", "Odd \ud800.", "l");
        kit.Register("odd", sink =>
        {
            sink.Add(family, ["a\ud800"], 1);
            sink.Add(family, ["a\udfff"], 2);
            sink.Add(family, ["a\n\"\\\u0001"], 3);
        });
        var text = await kit.ScrapeAsync(); // parses it, too
        Assert.Single(text.Split('\n'), line => line.StartsWith("odd{l=\"a\ufffd\"}", StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_family_of_two_collectors_stands_together_once()
    {
        await using var kit = new ScrapeKit();
        kit.Register("a", sink => sink.Add(MetricFamily.Gauge("shared", "From a.", "of"), ["a"], 1));
        kit.Register("b", sink => sink.Add(MetricFamily.Gauge("shared", "From b.", "of"), ["b"], 2));
        Assert.Contains(
            "# HELP shared From a.\n# TYPE shared gauge\nshared{of=\"a\"} 1\nshared{of=\"b\"} 2\n", await kit.ScrapeAsync(), StringComparison.Ordinal);
        Assert.Empty(kit.Warnings);
    }

    [Fact]
    public async Task A_collector_that_gives_a_figure_of_the_service_itself_does_not_take_its_place()
    {
        await using var kit = new ScrapeKit();
        kit.Register("thief", sink => sink.Add(MetricFamily.Counter("gateway_collector_success", "Another type.", "collector"), ["thief"], 7));
        var text = await kit.ScrapeAsync();
        Assert.Contains("# TYPE gateway_collector_success gauge\ngateway_collector_success{collector=\"thief\"} 1\n", text, StringComparison.Ordinal);
        Assert.Contains(
            "\ngateway_exposition_rejected_samples_total{collector=\"thief\",reason=\"type_conflict\"} 1\n", await kit.ScrapeAsync(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_family_with_two_types_is_that_of_the_first_collector_and_the_clash_is_logged_counted_and_taken_back()
    {
        await using var kit = new ScrapeKit();
        var clash = true;
        kit.Register("a", sink => sink.Add(MetricFamily.Gauge("shared", "From a."), 1));
        kit.Register("b", sink =>
        {
            if (clash) sink.Add(MetricFamily.Counter("shared", "From b."), 2);
        });
        for (var i = 0; i < 3; i++) Assert.EndsWith("# TYPE shared gauge\nshared 1\n", await kit.ScrapeAsync(), StringComparison.Ordinal);
        clash = false;
        Assert.Contains(
            "\ngateway_exposition_rejected_samples_total{collector=\"b\",reason=\"type_conflict\"} 3\n", await kit.ScrapeAsync(), StringComparison.Ordinal);
        Assert.Equal(
            [
                "Warning FailureLog: b/family shared: 1 sample(s) left out: another collector gives this family another type; repetitions are counted, not logged",
                "Information FailureLog: b/family shared: works again after 3 failure(s) in 0 s",
            ],
            kit.Log.From(Microsoft.Extensions.Logging.LogLevel.Information));
    }

    [Fact]
    public async Task A_series_of_two_collectors_appears_once()
    {
        await using var kit = new ScrapeKit();
        kit.Register("a", sink => sink.Add(MetricFamily.Gauge("shared", "S.", "x", "y"), ["1", "2"], 1));
        kit.Register("b", sink => sink.Add(MetricFamily.Gauge("shared", "S.", "y", "x"), ["2", "1"], 9));
        Assert.EndsWith("# TYPE shared gauge\nshared{x=\"1\",y=\"2\"} 1\n", await kit.ScrapeAsync(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_scrape_that_is_cancelled_gives_the_batches_of_the_others_back()
    {
        await using var kit = new ScrapeKit();
        var slow = new GatedCollector(obeys: true);
        SampleBatch? first = null;
        SampleBatch? second = null;
        kit.Register("fast", sink =>
        {
            (first, second) = (second, sink.Batch);
            sink.Add(Good, 1);
        });
        kit.Register("slow", slow);
        using var gone = new CancellationTokenSource();
        var scrape = kit.Pipeline.CollectAsync(Second, gone.Token);
        await slow.Entered.InTime();
        await Eventually.TrueAsync(() => kit.State("fast").Samples == 1, "the fast one ended");
        await gone.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => scrape.InTime());
        slow.Release();
        await Eventually.TrueAsync(() => kit.State("slow").RunningSince is null, "the slow one ended");
        var next = kit.ScrapeAsync();
        await slow.Entered.InTime();
        slow.Release();
        await next.InTime();
        Assert.Same(first, second);
    }

    [Fact]
    public async Task Collectors_come_and_go_while_it_runs()
    {
        await using var kit = new ScrapeKit();
        Assert.DoesNotContain("good", await kit.ScrapeAsync(), StringComparison.Ordinal);
        var collector = new ScriptedCollector(sink => sink.Add(Good, 1));
        kit.Register("good", collector);
        Assert.Contains("\ngood 1\n", await kit.ScrapeAsync(), StringComparison.Ordinal);
        Assert.Throws<InvalidOperationException>(() => kit.Register("good", _ => { }));
        Assert.True(await kit.Registry.UnregisterAsync("good"));
        Assert.False(await kit.Registry.UnregisterAsync("good"));
        Assert.Equal(1, collector.Disposals);
        Assert.DoesNotContain("good", await kit.ScrapeAsync(), StringComparison.Ordinal);
        kit.Register("good", sink => sink.Add(Good, 2));
        Assert.Contains("\ngood 2\n", await kit.ScrapeAsync(), StringComparison.Ordinal);
        await kit.Registry.DisposeAsync();
        Assert.Throws<InvalidOperationException>(() => kit.Register("late", _ => { }));
    }

    [Fact]
    public async Task A_collector_taken_out_while_its_samples_are_written_does_not_spoil_them()
    {
        await using var kit = new ScrapeKit();
        kit.Register("good", sink => sink.Add(Good, 1));
        using var result = await kit.Pipeline.CollectAsync(Second, CancellationToken.None).InTime();
        await kit.Registry.UnregisterAsync("good");
        Assert.Contains("\ngood 1\n", ScrapeKit.Text(result), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Taking_out_a_collector_that_hangs_does_not_hang()
    {
        await using var kit = new ScrapeKit();
        var hanging = new GatedCollector(obeys: false);
        kit.Register("hang", hanging);
        var scrape = kit.ScrapeAsync(Second);
        await hanging.Entered.InTime();
        Assert.True(await kit.Registry.UnregisterAsync("hang").InTime());
        kit.Clock.Advance(Second);
        await scrape.InTime();
        await Eventually.TrueAsync(() => hanging.Token.IsCancellationRequested, "it was asked to end");
        hanging.Release();
    }

    [Fact]
    public async Task Cancelling_all_runs_ends_the_scrapes_that_wait()
    {
        await using var kit = new ScrapeKit();
        var slow = new GatedCollector(obeys: true);
        kit.Register("slow", slow);
        kit.Register("good", sink => sink.Add(Good, 1));
        var scrape = kit.ScrapeAsync();
        await slow.Entered.InTime();
        kit.Registry.CancelRuns();
        Assert.Contains("\ngood 1\n", await scrape.InTime(), StringComparison.Ordinal);
        Assert.Empty(kit.Warnings); // a stop is no failure
    }

    [Fact]
    public async Task Within_the_window_a_scrape_gets_the_samples_of_the_one_before()
    {
        await using var kit = new ScrapeKit(new ScrapeOptions { CoalesceWindow = Second });
        var runs = 0;
        kit.Register("good", sink => sink.Add(Good, ++runs));
        Assert.Contains("\ngood 1\n", await kit.ScrapeAsync(), StringComparison.Ordinal);
        kit.Clock.Advance(Second);
        Assert.Contains("\ngood 1\n", await kit.ScrapeAsync(), StringComparison.Ordinal);
        kit.Clock.Advance(TimeSpan.FromTicks(1));
        Assert.Contains("\ngood 2\n", await kit.ScrapeAsync(), StringComparison.Ordinal);
        Assert.Contains("\ngood 2\n", await kit.ScrapeAsync(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task What_a_hasty_scrape_had_to_leave_out_is_not_missing_from_the_next_one()
    {
        await using var kit = new ScrapeKit(new ScrapeOptions { CoalesceWindow = Second * 10 });
        var slow = new GatedCollector(obeys: true, sink => sink.Add(Good, 1));
        kit.Register("slow", slow);
        var hasty = kit.ScrapeAsync(Second / 10);
        await slow.Entered.InTime();
        kit.Clock.Advance(Second / 10);
        Assert.DoesNotContain("\ngood ", await hasty.InTime(), StringComparison.Ordinal);
        await Eventually.TrueAsync(() => kit.State("slow").RunningSince is null, "the slow one returned");
        slow.Release();
        var patient = kit.ScrapeAsync(Second);
        await slow.Entered.InTime();
        slow.Release();
        Assert.Contains("\ngood 1\n", await patient.InTime(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_self_metrics_tell_what_happened()
    {
        await using var kit = new ScrapeKit();
        kit.Register("good", sink =>
        {
            kit.Clock.Advance(Second / 2);
            sink.Add(Good, 1);
            sink.Add(Good, 1);
            sink.Fault("part");
        });
        var text = await kit.ScrapeAsync();
        var end = kit.Clock.GetUtcNow().ToUnixTimeMilliseconds() / 1000.0;
        foreach (var line in new[]
        {
            "gateway_collector_success{collector=\"good\"} 1", "gateway_collector_duration_seconds{collector=\"good\"} 0.5", "gateway_collector_samples{collector=\"good\"} 1",
            "gateway_collector_faults{collector=\"good\"} 1", "gateway_collector_skips_total{collector=\"good\"} 0", "gateway_collector_duplicate_samples_total{collector=\"good\"} 1",
            $"gateway_collector_last_success_timestamp_seconds{{collector=\"good\"}} {end.ToString("R", System.Globalization.CultureInfo.InvariantCulture)}",
        })
        {
            Assert.Contains($"\n{line}\n", text, StringComparison.Ordinal);
        }
    }

    [Fact]
    public async Task A_part_whose_self_metrics_throw_costs_only_those_and_one_line()
    {
        await using var kit = new ScrapeKit();
        var writer = new SelfMetricsWriter([new BrokenMetrics(), new CollectorSelfMetrics(kit.Registry)], kit.Failures);
        kit.Register("good", sink => sink.Add(Good, 1));
        await kit.ScrapeAsync();
        for (var i = 0; i < 3; i++)
        {
            var batch = writer.Write();
            Assert.True(batch.FamilyCount > 3);
            writer.GiveBack(batch);
        }

        Assert.Equal(
            ["Warning FailureLog: BrokenMetrics: its self metrics could not be read and are missing from the scrape; repetitions are counted, not logged | IOException"],
            kit.Warnings);
    }

    private sealed class BrokenMetrics : ISelfMetrics
    {
        public void Write(MetricSink sink) => throw new IOException("no");
    }
}
