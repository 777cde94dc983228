using Gateway.EndToEnd.Parts;
using Gateway.TestKit;
using Xunit;
using Xunit.Abstractions;

namespace Gateway.EndToEnd.Replay;

/// <summary>
/// Six hours of snapshots are handed over to a Prometheus with an out-of-order window of a day: page by page, with the live samples on each.
/// <c>GATEWAY_REPLAY_SERIES</c> makes it larger.
/// </summary>
public sealed class WindowReplayTests(ITestOutputHelper output)
{
    private static readonly TimeSpan Outage = TimeSpan.FromHours(6);

    /// <summary>A page of this many samples leaves six and more of them, whatever the width.</summary>
    private static readonly string PageSize = $"--Gateway:Replay:MaxPageSamples={OutageSettings.Series * 230}";

    [RequiresToolFact("prometheus", "nginx")]
    public async Task Six_hours_arrive_in_pages_while_live_samples_go_on_and_up_stays_1()
    {
        var filled = new FilledBuffer(Outage, OutageSettings.Series);
        await using var run = await OutageRun.StartAsync(
            new ReplaySetup { ScrapeInterval = TimeSpan.FromSeconds(OutageSettings.Series > 500 ? 5 : 2), Options = ["--Gateway:Replay:OutOfOrderWindow=24h", PageSize] },
            alsoItself: true, filled.FillAsync, configuration => configuration with { OutOfOrderWindow = "24h" });
        await run.Prometheus.ScrapedAsync("gateway", run.Start);
        var back = (await run.Prometheus.UpAsync("gateway", run.Start))[0].Time;
        await Poll.UntilAsync("two pages are delivered", async () => (await ConsumerState.OfAsync(run.Parts.Gateway)).DeliveredPages >= 2);
        // In the middle of it the present is there, before the past is.
        var live = await ReplayParts.RecordedAsync(run.Prometheus, back);
        var middle = await ConsumerState.OfAsync(run.Parts.Gateway);
        Assert.Equal("replaying", middle.State);
        Assert.NotEqual(0, live.Count);
        await run.SettledAsync(TimeSpan.FromMinutes(2));
        var state = await ConsumerState.OfAsync(run.Parts.Gateway);
        Assert.True(state.DeliveredPages >= 6, $"{state}");

        var all = await run.Prometheus.RawSamplesAsync(FilledBuffer.Selector, filled.First, Clock.Now);
        Assert.True(filled.Differences(all) is { Count: 0 } differences, $"{string.Join('\n', filled.Differences(all))}\n{run.Parts.Evidence(run.Prometheus)}");
        await run.AssertAllArrivedAsync();
        await run.AssertUpSinceAsync(back);
        await run.AssertNothingTooOldAsync();
        await run.AssertPlainAsync();

        // The last page is stored with the scrape that brought it: the one before the first plain sample.
        var pages = await run.Prometheus.RawSamplesAsync("gateway_replay_page{job=\"gateway\",endpoint=\"/prom/metrics\"}", filled.First, Clock.Now);
        var took = TimeSpan.FromMilliseconds(pages.Single[^1].Time - back);
        output.WriteLine($"{filled.Samples} samples of {filled.Snapshots} snapshots on {state.DeliveredPages} pages: {took.TotalSeconds:0.0} s from the first scrape to the last page");
    }
}
