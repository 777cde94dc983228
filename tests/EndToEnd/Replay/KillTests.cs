using Gateway.EndToEnd.Parts;
using Gateway.TestKit;
using Xunit;
using Xunit.Abstractions;

namespace Gateway.EndToEnd.Replay;

/// <summary>
/// kill -9 at random moments while Prometheus is away, while it gets what it missed, and afterwards: every snapshot that the service had counted as taken arrives.
/// <c>GATEWAY_TORTURE_ROUNDS</c> sets the number of kills.
/// </summary>
public sealed class KillTests(ITestOutputHelper output)
{
    private const int Seed = 20260102;

    /// <summary>
    /// Interval and time-out of the scrapes: a request that waits for the service to start is given up earlier by Prometheus than the service knows, and an
    /// answer to it looks delivered. With two seconds that does not happen by a start alone.
    /// </summary>
    private static readonly TimeSpan Interval = TimeSpan.FromSeconds(2);

    /// <summary>From an instant after the service is ready to well behind the next snapshot.</summary>
    private const int LongestLifeMilliseconds = 4_000;

    /// <summary>Small pages, so that there are several and a kill can come between them.</summary>
    private const string SmallPages = "--Gateway:Replay:MaxPageSamples=1000";

    /// <summary>The log tells of each page.</summary>
    private const string Talkative = "--Logging:LogLevel:Gateway.Replay=Debug";

    [RequiresToolFact("prometheus", "nginx")]
    public async Task Every_snapshot_that_was_taken_arrives_although_the_service_is_killed_again_and_again()
    {
        await using var run = await OutageRun.StartAsync(new ReplaySetup { ScrapeInterval = Interval, Options = [SmallPages, Talkative] });
        var random = new Random(Seed);
        var lives = new List<Life>();
        await run.BeginAsync();
        await run.Prometheus.StopAsync();
        var away = (OutageSettings.Kills + 1) / 2;
        for (var i = 0; i < away; i++) lives.Add(await LiveAndDieAsync(run, random.Next(LongestLifeMilliseconds)));
        // The last one before Prometheus comes back leaves something to hand over, and so much that it takes several pages.
        await Poll.UntilAsync("a backlog of several pages", async () => (await ConsumerState.OfAsync(run.Parts.Gateway)).Backlog >= 10, TimeSpan.FromMinutes(1));
        await run.Prometheus.StartAsync();
        await run.Prometheus.ScrapedAsync("gateway", Clock.Now);
        for (var i = away; i < OutageSettings.Kills; i++) lives.Add(await LiveAndDieAsync(run, random.Next(LongestLifeMilliseconds)));
        await run.SettledAsync();
        var difference = await run.AssertAllArrivedAsync(missing => IsExcused(missing, run, lives), () => string.Join('\n', lives));
        await run.AssertPlainAsync();
        output.WriteLine($"{lives.Count} kills; {difference.Missing.Count} under way when one came. {difference}");
        Assert.True(difference.Missing.Count <= lives.Count, difference.ToString());
        Assert.Empty(Directory.EnumerateFiles(run.StateFolder, "*.damaged-*"));
    }

    /// <summary>Lets the service run for a while and kills it, after it was asked how much it has.</summary>
    private static async Task<Life> LiveAndDieAsync(OutageRun run, int milliseconds)
    {
        var begin = Clock.Now;
        await Task.Delay(TimeSpan.FromMilliseconds(milliseconds), TimeProvider.System);
        var state = await ConsumerState.OfAsync(run.Parts.Gateway);
        await run.Parts.KillGatewayAsync();
        var death = Clock.Now;
        var log = run.Parts.Gateway.Log;
        await run.Parts.StartGatewayAsync();
        return new Life(begin, death, state.State == "absent" ? state.Appended : 0, log);
    }

    /// <summary>
    /// Only what was under way when the service died may be missing: the last collection of a life, and while Prometheus was away, when each collection goes into
    /// the buffer, not one that the buffer had counted.
    /// </summary>
    private static bool IsExcused(RecordedWriting missing, OutageRun run, IReadOnlyList<Life> lives)
    {
        var previous = run.Start;
        foreach (var life in lives)
        {
            var collected = run.Parts.Record.Writings.Where(writing => writing.Collections > 0 && writing.Time > previous && writing.Time <= life.Death).ToList();
            if (collected.Count > 0 && collected[^1].Number == missing.Number) return collected.Count > life.Durable;
            previous = life.Death;
        }

        return false;
    }

    /// <summary>One life of the service.</summary>
    /// <param name="Begin">When it was ready.</param>
    /// <param name="Death">When it was killed.</param>
    /// <param name="Durable">Snapshots that it had counted as taken right before; 0 when not each collection goes into the buffer.</param>
    /// <param name="Log">What it said.</param>
    private sealed record Life(long Begin, long Death, long Durable, string Log)
    {
        public override string ToString() => $"lived from {Clock.Text(Begin)} to {Clock.Text(Death)}, {Durable} durable\n{Log}";
    }
}
