using Gateway.EndToEnd.Parts;
using Gateway.TestKit;
using Xunit;

namespace Gateway.EndToEnd.Replay;

/// <summary>Two Prometheus servers scrape one service, each under a name of its own.</summary>
public sealed class TwoConsumersTests : IDisposable
{
    /// <summary>Scrapes that one of them misses while the other one goes on.</summary>
    private const int Missed = 15;

    private readonly TempFolder _folder = new();

    [RequiresToolFact("prometheus", "nginx")]
    public async Task One_that_was_away_gets_everything_and_the_other_one_is_not_disturbed()
    {
        // Two late scrapes of a busy machine are not an absence of the one that stays.
        await using var parts = await ReplayParts.StartAsync(_folder, new ReplaySetup
        {
            Options = ["--Gateway:Replay:Consumers:0=a", "--Gateway:Replay:Consumers:1=b", "--Gateway:Replay:AbsentAfterIntervals=3"],
        });
        var first = await parts.Record.MarkAsync();
        var a = await StartAsync(parts, "a");
        var b = await StartAsync(parts, "b");
        foreach (var name in (string[])["a", "b"]) await QueueState.UntilAsync(parts, $"{name} is present", queue => queue.State == "present", name);
        var bothPresent = await parts.Record.MarkAsync();

        await StopAsync(b, "b");
        var bLeft = Clock.Now;
        await QueueState.UntilAsync(parts, "b is absent", queue => queue.State == "absent", "b");
        var bAway = await parts.Record.MarkAsync();
        await QueueState.UntilAsync(parts, "scrapes of a wait for b", queue => queue.Backlog >= Missed, "b");
        await b.StartAsync();
        var bComes = await parts.Record.MarkAsync();
        await QueueState.UntilAsync(parts, "b is present again", queue => queue.State == "present", "b");
        var bBack = await parts.Record.MarkAsync();

        var ofA = await ReplayParts.RecordedAsync(a, first);
        var ofB = await ReplayParts.RecordedAsync(b, first);
        // a: good scrapes, each with plain samples: those have the time of the scrape.
        var scrapes = (await a.UpAsync("gateway", bothPresent)).Where(sample => sample.Time <= bBack).ToList();
        Assert.All(scrapes, sample => Assert.Equal(1, sample.Value));
        Assert.True(scrapes.Count >= Missed, parts.Evidence(a, b));
        Assert.Equal(
            scrapes.Select(sample => sample.Time),
            Indices(ofA).Where(sample => sample.Time >= bothPresent && sample.Time <= bBack).Select(sample => sample.Time));
        // b: what was collected while it was away, at the very times at which a has it.
        Assert.True(bComes - bLeft > Missed * 1000);
        var whileAway = parts.Record.Compare(bAway, bComes, ofB);
        Whole.Check(whileAway, parts, a, b);
        // The record counts collections that fall on one of its writings as one, so this is only a guard against a test of nothing.
        Assert.True(whileAway.Collected.Count >= Missed / 2, whileAway.ToString());
        Assert.Empty(parts.Record.Compare(first, bBack, ofA, ofB).Missing);

        // Both away: each gets all.
        await StopAsync(a, "a");
        await StopAsync(b, "b");
        foreach (var name in (string[])["a", "b"]) await QueueState.UntilAsync(parts, $"{name} is absent", queue => queue.State == "absent", name);
        var bothAway = await parts.Record.MarkAsync();
        await QueueState.UntilAsync(parts, "snapshots wait for both", queue => queue.Backlog >= 4, "b");
        await Task.WhenAll(a.StartAsync(), b.StartAsync());
        var bothCome = await parts.Record.MarkAsync();
        foreach (var name in (string[])["a", "b"]) await QueueState.UntilAsync(parts, $"{name} is present at the end", queue => queue.State == "present", name);
        var end = await parts.Record.MarkAsync();
        foreach (var server in (PrometheusServer[])[a, b])
        {
            var stored = await ReplayParts.RecordedAsync(server, first);
            Whole.Check(parts.Record.Compare(bothAway, bothCome, stored), parts, a, b);
            Assert.All(await server.UpAsync("gateway", first), sample => Assert.Equal(1, sample.Value));
        }

        Assert.Empty(parts.Record.Compare(first, end, await ReplayParts.RecordedAsync(a, first), await ReplayParts.RecordedAsync(b, first)).Missing);
        Assert.Equal(0, (await QueueState.OfAsync(parts.Gateway, "a")).OnShelf);
    }

    public void Dispose() => _folder.Dispose();

    private static Task<PrometheusServer> StartAsync(ReplayParts parts, string name) => parts.StartPrometheusAsync(
        parts.Configuration with { Jobs = [new ScrapeJob("gateway", parts.Relay.Port) { Consumer = name }] }, name);

    /// <summary>Ends a server just after a scrape, so that none is under way whose answer nobody stores.</summary>
    private static async Task StopAsync(PrometheusServer server, string name)
    {
        var now = Clock.Now;
        await Poll.UntilAsync($"a fresh scrape of {name}", async () => (await server.UpAsync("gateway", now)).Count > 0, evidence: () => server.Log);
        await server.StopAsync();
    }

    private static List<Sample> Indices(StoredSamples stored) => stored.Series.Single(series => series.Key.Name == SampleRecord.Index).Value;
}
