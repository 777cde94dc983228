using Gateway.EndToEnd.Parts;
using Gateway.TestKit;
using Xunit;
using Xunit.Abstractions;

namespace Gateway.EndToEnd.Replay;

/// <summary>Answers that break off on their way behind the proxy: pages and plain ones, several times.</summary>
public sealed class CutAnswerTests(ITestOutputHelper output)
{
    private static readonly TimeSpan Outage = TimeSpan.FromMinutes(50);

    private const int Cuts = 4;

    [RequiresToolFact("prometheus", "nginx")]
    public async Task Pages_that_break_off_are_served_again_until_all_is_there()
    {
        const int Width = 1_000;
        var filled = new FilledBuffer(Outage, Width);
        await using var run = await OutageRun.StartAsync(
            new ReplaySetup { ScrapeInterval = TimeSpan.FromSeconds(2), Options = [$"--Gateway:Replay:MaxPageSamples={Width * 80}"] }, fill: async directory =>
            {
                await filled.FillAsync(directory);
            });
        // Before the first scrape, which comes 5 s after the start of Prometheus at the soonest.
        run.Parts.Relay.CutAnswers(Cuts, 20_000);
        await Poll.UntilAsync("the pages are cut", () => run.Parts.Relay.Cuts >= Cuts, TimeSpan.FromMinutes(1));
        await run.SettledAsync(TimeSpan.FromMinutes(1));
        var state = await ConsumerState.OfAsync(run.Parts.Gateway);
        output.WriteLine($"{run.Parts.Relay.Cuts} pages cut, {state}");
        Assert.Equal(Cuts, state.FailedPages);
        var all = await run.Prometheus.RawSamplesAsync(FilledBuffer.Selector, filled.First, Clock.Now);
        Assert.True(filled.Differences(all) is { Count: 0 } differences, $"{string.Join('\n', filled.Differences(all))}\n{run.Parts.Evidence(run.Prometheus)}");
        await run.AssertAllArrivedAsync();
        await run.AssertPlainAsync();
    }
}
