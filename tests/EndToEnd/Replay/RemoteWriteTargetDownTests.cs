using System.Globalization;
using Gateway.EndToEnd.Parts;
using Gateway.TestKit;
using Xunit;

namespace Gateway.EndToEnd.Replay;

/// <summary>Prometheus is away, the target of remote write as well, and the service is killed while it delivers.</summary>
public sealed class RemoteWriteTargetDownTests : IDisposable
{
    private const int Kills = 3;

    /// <summary>A collection that is under way when the service is killed may be lost: from its beginning until it is on disk.</summary>
    private const long InFlight = 500;

    private readonly TempFolder _folder = new();

    [RequiresToolFact("nginx", "victoria-metrics")]
    public async Task Everything_arrives_once_the_target_is_back_although_the_service_is_killed_while_it_delivers()
    {
        await using var parts = await ReplayParts.StartAsync(_folder);
        var victoria = await parts.StartVictoriaAsync(deduplicate: true);
        await using var way = new CuttableRelay(victoria.Port);
        await victoria.StopAsync();
        string[] options =
        [
            string.Create(CultureInfo.InvariantCulture, $"--Gateway:Replay:RemoteWrite:Urls:0=http://127.0.0.1:{way.Port}/api/v1/write"),
            "--Gateway:Replay:RemoteWrite:Mode=always", "--Gateway:Replay:RemoteWrite:MinBackoff=100ms", "--Gateway:Replay:RemoteWrite:MaxBackoff=500ms",
            // Many requests, so that there is time to die between two of them.
            "--Gateway:Replay:RemoteWrite:MaxSamplesPerRequest=20",
        ];
        await parts.StopGatewayAsync();
        await parts.StartGatewayAsync(options);
        var first = await parts.Record.MarkAsync();
        await QueueState.UntilAsync(parts, "snapshots wait", queue => queue.Backlog >= 8);
        await TargetState.UntilAsync(parts, "the target is known to be down", target => target is { Fault.Length: > 0, SamplesSent: 0 });

        await victoria.StartAsync();
        var killed = new List<long>();
        for (var round = 0; round < Kills; round++)
        {
            var answers = way.Answers;
            await Poll.UntilAsync("the target takes some", () => way.Answers >= answers + 5, evidence: () => parts.Evidence(victoria));
            // From here on it is not told what arrived.
            way.Blackhole();
            killed.Add(Clock.Now);
            await parts.KillGatewayAsync();
            await parts.StartGatewayAsync(options);
            await TargetState.UntilAsync(parts, "it knows that it has not delivered all", target => target.Backlog > 0);
            way.Restore();
        }

        var end = await parts.Record.MarkAsync();
        await QueueState.UntilAsync(parts, "one more snapshot", queue => queue.Backlog > 0);
        // Nobody is told of a collection that the service did not survive.
        var lost = 0;
        await Poll.UntilAsync("all has arrived", async () =>
        {
            var stored = await victoria.RawSamplesAsync(SampleRecord.Selector, first);
            var now = parts.Record.Compare(first, end, stored);
            lost = now.Missing.Count;
            return now.Missing.All(writing => killed.Exists(kill => Math.Abs(kill - writing.Time) <= InFlight));
        }, evidence: () => parts.Evidence(victoria));
        var difference = parts.Record.Compare(first, end, await victoria.RawSamplesAsync(SampleRecord.Selector, first));
        Whole.CheckButForMissing(difference, parts, victoria);
        Assert.InRange(lost, 0, Kills);
        Assert.True(difference.Arrived.Count >= 8, difference.ToString());
        Assert.Equal(0, (await TargetState.OfAsync(parts.Gateway)).GivenUp);
    }

    public void Dispose() => _folder.Dispose();
}
