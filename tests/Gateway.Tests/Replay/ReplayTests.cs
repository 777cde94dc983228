using System.Net;
using Gateway.Buffering;
using Gateway.Exposition;
using Gateway.Replay;
using Gateway.Tests.Support;
using Microsoft.Extensions.DependencyInjection;
using Xunit;

namespace Gateway.Tests.Replay;

/// <summary>From the last scrape over the absence to the last page, through HTTP, on a clock that the test moves.</summary>
public sealed class ReplayTests
{
    [Fact]
    public async Task Before_any_scrape_the_expected_consumer_is_absent_and_gets_everything_with_its_first_scrape()
    {
        await using var kit = await ReplayKit.StartAsync();
        await kit.PassAsync(60);
        Assert.Equal("absent", kit.State());

        var samples = await kit.ScrapeAsync();

        Assert.True(samples.Count >= 5, $"{samples.Count} samples");
        kit.AssertCollected(samples);
        // The last one is live.
        Assert.Equal(kit.Collected.Count, samples[^1].Value);
    }

    [Fact]
    public async Task Everything_of_an_absence_is_handed_over_once_and_then_samples_are_plain_again()
    {
        await using var kit = await PresentAsync();
        var before = kit.Collected.Count;
        await kit.PassAsync(120);
        Assert.Equal("absent", kit.State());
        Assert.True(kit.IsRegistered);

        var handedOver = await kit.ScrapeAsync();
        Assert.Equal("replaying", kit.State());
        await kit.PassAsync(15);
        var after = await kit.ScrapeAsync();

        kit.AssertCollected(handedOver);
        Assert.Equal(Enumerable.Range(before + 1, handedOver.Count).Select(n => (double)n), handedOver.Select(sample => sample.Value));
        Assert.Null(Assert.Single(after).Time);
        Assert.Equal("present", kit.State());
        await kit.PassAsync(1);
        Assert.False(kit.IsRegistered);
    }

    [Fact]
    public async Task Absence_is_noticed_after_one_and_a_half_intervals_a_snapshot_taken_at_once_and_then_one_per_interval()
    {
        await using var kit = await PresentAsync();
        var before = kit.Collected.Count;
        await kit.PassAsync(22);
        Assert.Equal(("present", before), (kit.State(), kit.Collected.Count));
        await kit.PassAsync(2);
        Assert.Equal("absent", kit.State());
        await Eventually.TrueAsync(() => kit.Collected.Count == before + 1, "the first snapshot");
        await kit.PassAsync(30);
        Assert.Equal(before + 3, kit.Collected.Count);
        Assert.Contains(kit.Gateway.Log.All, line => line.Contains("counts as absent", StringComparison.Ordinal));
    }

    [Theory]
    [InlineData("GET", "/prom/metrics", "curl/8.0")]
    [InlineData("GET", "/prom/metrics", "checker")]
    [InlineData("HEAD", "/prom/metrics", "Prometheus/2.53.3")]
    [InlineData("GET", "/prom/metrics?consumer=a%20b", "Prometheus/2.53.3")]
    [InlineData("GET", "/prom/status", "checker")]
    public async Task Nothing_but_a_valid_scrape_touches_the_queue(string method, string path, string agent)
    {
        await using var kit = await PresentAsync();
        await kit.PassAsync(60);
        var before = kit.View().Backlog;
        using var response = await kit.Gateway.SendAsync(method, path, "User-Agent: " + agent);
        Assert.Equal(("absent", before), (kit.State(), kit.View().Backlog));
    }

    [Fact]
    public async Task A_page_is_repeated_with_identical_values_when_nobody_came_after_it()
    {
        await using var kit = await PresentAsync();
        await kit.PassAsync(60);
        var first = await kit.ScrapeAsync();
        await kit.PassAsync(60);
        var second = await kit.ScrapeAsync();
        Assert.Equal(first, second.Take(first.Count));
        kit.AssertCollected(second);
    }

    [Fact]
    public async Task A_page_whose_answer_broke_off_comes_again_smaller_until_everything_has_arrived()
    {
        await using var kit = await PresentAsync("Gateway:Replay:MaxPageSamples=100000");
        kit.RegisterBulk(20_000);
        await kit.PassAsync(60);
        var (wanted, delivered) = (kit.Collected.Count, kit.View().DeliveredPages);
        await kit.BreakScrapeAsync(() => kit.View().FailedPages == 1);
        Assert.True(kit.View().PageLimit <= 50_000);
        Assert.Equal(delivered, kit.View().DeliveredPages);

        var samples = new List<(double Value, long? Time)>();
        while (kit.State() != "present")
        {
            await kit.PassAsync(15);
            samples.AddRange((await kit.ScrapeAsync()).Where(sample => sample.Time is not null));
        }

        kit.AssertCollected(samples);
        Assert.Superset(Enumerable.Range(wanted - 2, 3).Select(n => (double)n).ToHashSet(), samples.Select(sample => sample.Value).ToHashSet());
    }

    [Fact]
    public async Task A_live_answer_that_broke_off_is_handed_over_with_the_next_scrape()
    {
        await using var kit = await PresentAsync();
        kit.RegisterBulk(50_000);
        await kit.PassAsync(15);
        await kit.BreakScrapeAsync(() => kit.State() == "replaying" && kit.View().Backlog.Snapshots == 1);
        var lost = kit.Collected.Count;
        await kit.PassAsync(15);
        var samples = await kit.ScrapeAsync();
        kit.AssertCollected(samples);
        Assert.Equal([lost, lost + 1], samples.Select(sample => sample.Value));
    }

    [Fact]
    public async Task A_scrape_that_comes_while_a_snapshot_is_taken_hands_it_over_as_well()
    {
        await using var kit = await PresentAsync();
        await kit.PassAsync(60);
        var (waiting, collected, delivered) = (kit.View().Backlog.Snapshots, kit.Collected.Count, kit.View().DeliveredSnapshots);
        using var snapshot = kit.Replay.BeginSnapshot();
        Assert.NotNull(snapshot);
        var scrape = kit.ScrapeAsync();
        await Eventually.TrueAsync(() => kit.Collected.Count > collected, "the scrape has collected");
        await AppendLateAsync(kit);
        Assert.False(scrape.IsCompleted);
        snapshot.Dispose();
        await scrape;
        await kit.PassAsync(15);
        await kit.ScrapeAsync();

        Assert.Equal(("present", delivered + waiting + 2), (kit.State(), kit.View().DeliveredSnapshots));
    }

    [Fact]
    public async Task A_snapshot_that_takes_longer_than_a_scrape_can_wait_is_handed_over_with_the_next_one()
    {
        await using var kit = await PresentAsync();
        await kit.PassAsync(60);
        using var snapshot = kit.Replay.BeginSnapshot();
        Assert.NotNull(snapshot);
        var collected = kit.Collected.Count;
        var scrape = kit.ScrapeAsync("", "X-Prometheus-Scrape-Timeout-Seconds: 60");
        await Eventually.TrueAsync(() => kit.Collected.Count > collected, "the scrape has collected");
        // Past the quarter of a minute that it waits for the snapshot, not past the minute for which anybody waits for the answer.
        var passed = TimeSpan.Zero;
        await Eventually.TrueAsync(
            () =>
            {
                var step = TimeSpan.FromMilliseconds(20);
                if (passed < TimeSpan.FromSeconds(40)) kit.Clock.Advance(step);
                passed += step;
                return scrape.IsCompleted;
            }, "the scrape waits no longer");
        await scrape;
        var before = kit.View();

        kit.Replay.Taken(snapshot, await AppendLateAsync(kit));
        Assert.Equal(before.Backlog.Snapshots + 1, kit.View().Backlog.Snapshots);
        await kit.ScrapeAsync();
        await kit.PassAsync(15);
        await kit.ScrapeAsync();

        Assert.Equal("present", kit.State());
        // All of the absence and the live snapshot of its scrape; then the late one with the live snapshot of the next.
        Assert.Equal(before.DeliveredSnapshots + before.Backlog.Snapshots + 2, kit.View().DeliveredSnapshots);
    }

    [Fact]
    public async Task Without_a_window_pages_come_oldest_first_and_only_the_last_one_has_live_samples()
    {
        await using var kit = await PresentAsync("Gateway:Replay:MaxPageSamples=1000");
        kit.RegisterBulk(300);
        await kit.PassAsync(150);
        List<(double Value, long? Time)> all = [];
        var pages = 0;
        while (kit.State() != "present")
        {
            var page = await kit.ScrapeAsync();
            var live = kit.Collected.Count;
            if (page is [{ Time: null }]) break;
            if (page[^1].Value != live) Assert.DoesNotContain(page, sample => sample.Value == live);
            all.AddRange(page);
            pages++;
            await kit.PassAsync(1);
        }

        Assert.True(pages > 3, $"{pages} pages");
        kit.AssertCollected(all);
    }

    [Fact]
    public async Task With_a_window_every_page_carries_the_live_samples_and_older_data_is_taken()
    {
        await using var kit = await PresentAsync("Gateway:Replay:MaxPageSamples=1000", "Gateway:Replay:OutOfOrderWindow=24h");
        kit.RegisterBulk(300);
        var first = kit.Collected.Count + 1;
        await kit.PassAsync(150);
        var last = kit.Collected.Count;
        await kit.JumpAsync(TimeSpan.FromHours(2));
        await kit.PassAsync(2);
        HashSet<double> seen = [];
        for (var i = 0; i < 30 && kit.State() != "present"; i++)
        {
            var page = await kit.ScrapeAsync();
            if (page is [{ Time: null }]) break;
            Assert.Equal(kit.Collected.Count, page[^1].Value);
            kit.AssertCollected(page);
            seen.UnionWith(page.Select(sample => sample.Value));
            await kit.PassAsync(1);
        }

        Assert.Equal("present", kit.State());
        Assert.Equal(0, kit.Replay.OnShelf(SnapshotKind.Metrics).Samples);
        Assert.Superset(Enumerable.Range(first, last - first + 1).Select(n => (double)n).ToHashSet(), seen);
    }

    [Fact]
    public async Task What_is_too_old_for_a_scrape_is_set_aside_and_never_served()
    {
        await using var kit = await PresentAsync();
        await kit.PassAsync(90);
        var old = kit.View().Backlog;
        Assert.True(old.Snapshots >= 4);
        await kit.JumpAsync(TimeSpan.FromHours(2));
        await kit.PassAsync(2);

        var samples = await kit.ScrapeAsync();

        kit.AssertCollected(samples);
        Assert.All(samples, sample => Assert.True(sample.Time > (kit.Clock.GetUtcNow() - TimeSpan.FromMinutes(55)).ToUnixTimeMilliseconds()));
        // Some that were taken while the clock moved on may lie there as well.
        Assert.True(kit.Replay.OnShelf(SnapshotKind.Metrics).Snapshots >= old.Snapshots);
        Assert.Contains(kit.Gateway.Log.All, line => line.Contains("too_old", StringComparison.Ordinal));
    }

    [Fact]
    public async Task Each_consumer_gets_everything_and_a_snapshot_is_taken_once()
    {
        await using var kit = await ReplayKit.StartAsync("Gateway:Replay:Consumers=a,b");
        await kit.ScrapeAsync("?consumer=a");
        await kit.ScrapeAsync("?consumer=b");
        await kit.PassAsync(15);
        Assert.Null(Assert.Single(await kit.ScrapeAsync("?consumer=a")).Time);
        Assert.Null(Assert.Single(await kit.ScrapeAsync("?consumer=b")).Time);
        var before = kit.Collected.Count;
        // b goes away, a goes on.
        for (var i = 0; i < 6; i++)
        {
            await kit.PassAsync(15);
            Assert.Null(Assert.Single(await kit.ScrapeAsync("?consumer=a")).Time);
        }

        Assert.Equal(("present", "absent"), (kit.State("a"), kit.State("b")));
        var samples = await kit.ScrapeAsync("?consumer=b");
        kit.AssertCollected(samples);
        // One collection per interval while b was away: those of a's scrapes, but for the first one, when nobody knew, and the one taken when b was missed.
        Assert.InRange(kit.Collected.Count - before, 7, 9);
        Assert.InRange(samples.Count, 6, 8);
    }

    [Fact]
    public async Task A_consumer_that_comes_under_a_name_of_its_own_gets_what_was_buffered_for_whoever_would_come()
    {
        await using var kit = await ReplayKit.StartAsync();
        await kit.PassAsync(60);
        var forA = await kit.ScrapeAsync("?consumer=a");
        var forB = await kit.ScrapeAsync("?consumer=b");
        Assert.True(forA.Count >= 5);
        Assert.Superset(forA.SkipLast(1).ToHashSet(), forB.ToHashSet());
        await kit.PassAsync(15);
        await kit.ScrapeAsync("?consumer=a");
        await kit.ScrapeAsync("?consumer=b");
        await kit.PassAsync(1);
        Assert.False(kit.Replay.IsRecording(SnapshotKind.Metrics));
    }

    [Fact]
    public async Task An_order_begins_and_ends_buffering_whatever_the_clock_says()
    {
        await using var kit = await PresentAsync();
        using (var start = await kit.Gateway.SendAsync("POST", "/prom/buffer/start", "User-Agent: checker")) Assert.Equal(HttpStatusCode.OK, start.StatusCode);
        Assert.Equal("absent", kit.State());
        await kit.PassAsync(20);
        var held = kit.View().Backlog.Snapshots;
        Assert.True(held > 0);
        using (var stop = await kit.Gateway.SendAsync("POST", "/prom/buffer/stop", "User-Agent: checker")) Assert.Equal(HttpStatusCode.OK, stop.StatusCode);
        await kit.PassAsync(60);
        Assert.Equal(held, kit.View().Backlog.Snapshots);

        var samples = await kit.ScrapeAsync();

        Assert.Equal(held + 1, samples.Count);
        kit.AssertCollected(samples);
        // The order ends with the scrape: an absence is noticed again.
        await kit.PassAsync(60);
        Assert.Equal("absent", kit.State());
    }

    [Fact]
    public async Task An_ordered_start_takes_a_snapshot_at_once_and_then_one_per_interval()
    {
        await using var kit = await PresentAsync();
        await kit.PassAsync(2);
        var before = kit.Collected.Count;
        using (var start = await kit.Gateway.SendAsync("POST", "/prom/buffer/start", "User-Agent: checker")) Assert.Equal(HttpStatusCode.OK, start.StatusCode);
        await kit.PassAsync(1);
        Assert.Equal(before + 1, kit.Collected.Count);
        await kit.PassAsync(30);
        Assert.Equal(before + 3, kit.Collected.Count);
    }

    [Fact]
    public async Task A_consumer_that_scrapes_more_slowly_than_it_is_expected_to_gets_on_all_the_same()
    {
        await using var kit = await PresentAsync("Gateway:Replay:MaxPageSamples=1000");
        kit.RegisterBulk(300);
        await kit.PassAsync(120);
        var first = kit.Collected.Count - 3;
        HashSet<double> seen = [];
        for (var i = 0; i < 60 && !seen.Contains(first); i++)
        {
            seen.UnionWith((await kit.ScrapeAsync()).Select(sample => sample.Value));
            await kit.PassAsync(24);
        }

        Assert.Contains(first, seen);
    }

    [Theory]
    [InlineData("POST", "/prom/buffer/start", "Prometheus/2.53.3", HttpStatusCode.Forbidden)]
    [InlineData("GET", "/prom/buffer/start", "checker", HttpStatusCode.MethodNotAllowed)]
    [InlineData("POST", "/prom/buffer/start?consumer=nobody", "checker", HttpStatusCode.NotFound)]
    [InlineData("POST", "/prom/buffer/start?consumer=a%20b", "checker", HttpStatusCode.BadRequest)]
    [InlineData("POST", "/prom/buffer/start?who=a", "checker", HttpStatusCode.BadRequest)]
    [InlineData("POST", "/prom/buffer/replay", "checker", HttpStatusCode.BadRequest)]
    [InlineData("POST", "/prom/buffer/replay?since=yesterday", "checker", HttpStatusCode.BadRequest)]
    [InlineData("POST", "/prom/buffer/replay?since=5&until=4", "checker", HttpStatusCode.BadRequest)]
    [InlineData("POST", "/prom/buffer/replay?since=0&consumer=nobody", "checker", HttpStatusCode.NotFound)]
    [InlineData("GET", "/prom/buffer", "checker", HttpStatusCode.OK)]
    public async Task Orders_that_make_no_sense_are_refused(string method, string path, string agent, HttpStatusCode status)
    {
        await using var kit = await PresentAsync();
        using var response = await kit.Gateway.SendAsync(method, path, "User-Agent: " + agent);
        Assert.Equal(status, response.StatusCode);
        Assert.Equal("present", kit.State());
    }

    [Fact]
    public async Task What_was_delivered_can_be_offered_again()
    {
        await using var kit = await PresentAsync();
        await kit.PassAsync(60);
        var first = await kit.ScrapeAsync();
        await kit.PassAsync(15);
        await kit.ScrapeAsync();
        Assert.Equal("present", kit.State());
        using (var order = await kit.Gateway.SendAsync("POST", "/prom/buffer/replay?since=0", "User-Agent: checker"))
        {
            Assert.Contains("\"snapshots\":", await order.Content.ReadAsStringAsync(), StringComparison.Ordinal);
        }

        var again = await kit.ScrapeAsync();
        Assert.Superset(first.ToHashSet(), again.ToHashSet());
    }

    [Fact]
    public async Task A_restart_loses_nothing_and_knows_how_long_Prometheus_has_been_away()
    {
        var kit = await PresentAsync();
        await kit.PassAsync(60);
        var buffered = kit.View().Backlog.Snapshots;
        kit = await kit.RestartAsync(TimeSpan.FromMinutes(5));
        await using var _ = kit;
        Assert.Equal("absent", kit.State());
        Assert.True(kit.View().SinceScrape >= TimeSpan.FromMinutes(6));
        Assert.True(kit.View().Backlog.Snapshots >= buffered);
        await kit.PassAsync(30);
        var samples = await kit.ScrapeAsync();
        kit.AssertCollected(samples);
        Assert.True(samples.Count >= buffered + 2, $"{samples.Count} of {buffered} and 2");
    }

    [Fact]
    public async Task A_disk_that_comes_late_brings_what_an_earlier_run_left_and_keeps_what_came_meanwhile()
    {
        var kit = await PresentAsync();
        await kit.PassAsync(60);
        var buffered = kit.View().Backlog.Snapshots;
        kit = await kit.RestartAsync(TimeSpan.FromSeconds(30), folder =>
        {
            Directory.Move(folder, folder + ".away");
            File.WriteAllText(folder, "no folder");
        });
        await using var _ = kit;
        await kit.PassAsync(30);
        Assert.False(kit.Buffer.Figures.Available);
        var meanwhile = kit.View().Backlog.Snapshots;
        Assert.True(meanwhile >= 2, $"{meanwhile} in memory");

        File.Delete(kit.BufferFolder);
        Directory.Move(kit.BufferFolder + ".away", kit.BufferFolder);
        for (var i = 0; i < 180 && !kit.Buffer.Figures.Available; i++) await kit.PassAsync(1);
        await kit.PassAsync(2);

        Assert.True(kit.View().Backlog.Snapshots >= buffered + meanwhile, $"{kit.View().Backlog} of {buffered} and {meanwhile}");
        var samples = await kit.ScrapeAsync();
        kit.AssertCollected(samples);
        // The first snapshot of a run is taken before the collector of this test is there.
        Assert.True(samples.Count >= buffered + meanwhile, $"{samples.Count} of {buffered} and {meanwhile}");
    }

    [Fact]
    public async Task A_page_that_was_not_settled_is_offered_again_after_a_restart()
    {
        var kit = await PresentAsync();
        await kit.PassAsync(60);
        var first = await kit.ScrapeAsync();
        kit = await kit.RestartAsync(TimeSpan.FromSeconds(10));
        await using var _ = kit;
        var second = await kit.ScrapeAsync();
        Assert.Equal(first, second.Take(first.Count));
    }

    [Fact]
    public async Task A_clock_that_is_set_back_is_noticed_and_nothing_from_the_future_is_served()
    {
        await using var kit = await PresentAsync();
        await kit.PassAsync(45);
        kit.Clock.StepWallClock(TimeSpan.FromDays(3650));
        await kit.PassAsync(45);
        kit.Clock.StepWallClock(TimeSpan.FromDays(-3650));
        await kit.PassAsync(45);
        var samples = await kit.ScrapeAsync();

        kit.AssertCollected(samples);
        Assert.True(samples.Count >= 5, $"{samples.Count} samples");
        var now = kit.Clock.GetUtcNow().ToUnixTimeMilliseconds();
        Assert.All(samples, sample => Assert.True(sample.Time <= now));
        Assert.Equal(2, kit.Gateway.Services.GetRequiredService<ReplayCounters>().ClockSteps);
        Assert.True(kit.Replay.OnShelf(SnapshotKind.Metrics).Snapshots >= 2);
    }

    [Fact]
    public async Task A_clock_that_is_set_back_an_hour_goes_on_from_there()
    {
        await using var kit = await PresentAsync();
        await kit.PassAsync(45);
        kit.Clock.StepWallClock(TimeSpan.FromHours(-1));
        await kit.PassAsync(60);
        var samples = await kit.ScrapeAsync();
        kit.AssertCollected(samples);
        Assert.All(samples, sample => Assert.True(sample.Time <= kit.Clock.GetUtcNow().ToUnixTimeMilliseconds()));
        Assert.True(samples.Count >= 4);
    }

    [Fact]
    public async Task Metrics_tell_who_is_away_what_waits_and_what_was_handed_over()
    {
        await using var kit = await PresentAsync();
        await kit.PassAsync(60);
        using var response = await kit.Gateway.ScrapeAsync();
        var text = await response.Content.ReadAsStringAsync();
        Assert.Equal(1, ReplayKit.Samples(text, "gateway_prometheus_absent{consumer=\"default\"}")[1].Value);
        Assert.Equal([1, 1], ReplayKit.Samples(text, "gateway_replay_state{consumer=\"default\",endpoint=\"/prom/metrics\",state=\"absent\"}").Take(2).Select(s => s.Value));
        Assert.True(ReplayKit.Samples(text, "gateway_replay_backlog_snapshots{consumer=\"default\",endpoint=\"/prom/metrics\"}")[^1].Value >= 3);
        var page = Assert.Single(ReplayKit.Samples(text, "gateway_replay_page{consumer=\"default\",endpoint=\"/prom/metrics\"}"));
        Assert.Equal(kit.Clock.GetUtcNow().ToUnixTimeMilliseconds(), page.Time);
        Assert.DoesNotContain(kit.Gateway.Log.All, line => line.StartsWith("Warning FailureLog", StringComparison.Ordinal));
    }

    [Fact]
    public async Task Switched_off_nothing_is_buffered()
    {
        await using var kit = await ReplayKit.StartOffAsync();
        Assert.Null(Assert.Single(await kit.ScrapeAsync()).Time);
        Assert.False(kit.IsRegistered);
    }

    /// <summary>The end of a snapshot that is being taken.</summary>
    private static async Task<long> AppendLateAsync(ReplayKit kit)
    {
        var family = MetricFamily.Gauge("late", "Of the snapshot that is being taken.");
        var draft = new SnapshotDraft();
        draft.Reset(SnapshotKind.Metrics, kit.Buffer.Newest(SnapshotKind.Metrics)!.Value.TimeMs + 1);
        draft.Add(family, Series.Create(family, []), 1);
        return (await kit.Buffer.AppendAsync(draft, CancellationToken.None)).Sequence;
    }

    private static async Task<ReplayKit> PresentAsync(params string[] settings)
    {
        var kit = await ReplayKit.StartAsync(settings);
        await kit.ScrapeAsync();
        await kit.PassAsync(15);
        Assert.Null(Assert.Single(await kit.ScrapeAsync()).Time);
        Assert.Equal("present", kit.State());
        return kit;
    }
}
