using System.Globalization;
using Gateway.Buffering;
using Gateway.Buffering.Outlets;
using Gateway.EndToEnd.Parts;
using Gateway.TestKit;
using Xunit;
using Xunit.Abstractions;

namespace Gateway.EndToEnd;

public sealed class RemoteWriteVictoriaTests(ITestOutputHelper output) : IDisposable
{
    private const long Day = 86_400_000;

    private readonly TempFolder _folder = new();

    [RequiresToolFact("victoria-metrics")]
    public async Task Samples_of_any_age_arrive_exactly()
    {
        await using var victoria = await VictoriaServer.StartAsync(_folder);
        await using var rig = new RemoteWriteRig(RemoteWriteRig.To(victoria.RemoteWriteUrl));
        await rig.StartAsync();
        rig.Fill(20, Clock.Now - (30 * Day), RemoteWriteRig.Gauges("old", 300));
        rig.Fill(20, Clock.Now, RemoteWriteRig.Gauges("new", 300));
        await rig.DrainedAsync();
        Assert.Equal(rig.Given, RemoteWriteRig.Flat(await victoria.RawSamplesAsync("{__name__=~\"old|new\"}")));
        Assert.Equal(12_000, rig.Figures.SamplesSent);
        Assert.Equal(0, rig.Figures.GivenUpSamples.Sum());
    }

    [RequiresToolFact("victoria-metrics")]
    public async Task What_comes_while_the_target_is_down_arrives_when_it_is_back()
    {
        await using var victoria = await VictoriaServer.StartAsync(_folder);
        await using var rig = new RemoteWriteRig(RemoteWriteRig.To(victoria.RemoteWriteUrl));
        await rig.StartAsync();
        var series = RemoteWriteRig.Gauges("down", 50);
        var now = Clock.Now;
        rig.Append(now - 3000, series);
        await rig.DrainedAsync();
        await victoria.StopAsync();
        rig.Append(now - 2000, series);
        await Poll.UntilAsync("the fault shows", () => rig.Figures.Fault is not null && rig.Figures.Requests[(int)RemoteWriteResult.Unreachable] >= 2);
        rig.Append(now - 1000, series);
        await victoria.StartAsync();
        await rig.DrainedAsync();
        Assert.Equal(rig.Given, RemoteWriteRig.Flat(await victoria.RawSamplesAsync("down")));
        Assert.Null(rig.Figures.Fault);
    }

    [RequiresToolTheory("victoria-metrics"), InlineData(true), InlineData(false)]
    public async Task What_is_sent_again_is_shown_once_with_deduplication(bool deduplicate)
    {
        await using var victoria = await VictoriaServer.StartAsync(_folder, deduplicate: deduplicate);
        await using var buffer = new MemorySnapshotBuffer();
        var newest = Clock.Now;
        for (var round = 0; round < 2; round++)
        {
            // The progress is gone, as after a stop between the answer and its note.
            foreach (var kind in Enum.GetValues<SnapshotKind>()) await buffer.RemoveReaderAsync("remote-write/v", kind, CancellationToken.None);
            await buffer.SaveReaderAsync(new BufferReader("scrape/default", SnapshotKind.Metrics, SequenceRanges.All, 0), CancellationToken.None);
            await using var rig = new RemoteWriteRig(new RemoteWriteTargetOptions { Url = victoria.RemoteWriteUrl, Name = "v" }, buffer: buffer);
            if (round == 0) rig.Fill(10, newest, RemoteWriteRig.Gauges("twice", 20));
            await rig.StartAsync();
            await rig.DrainedAsync();
            Assert.Equal(200, rig.Figures.SamplesSent);
            await victoria.FlushAsync();
        }

        Assert.Equal(deduplicate ? 200 : 400, (await victoria.RawSamplesAsync("twice")).Count);
    }

    [RequiresToolFact("victoria-metrics")]
    public async Task Half_a_million_samples_are_sent_in_a_flat_memory()
    {
        await using var victoria = await VictoriaServer.StartAsync(_folder);
        await using var rig = new RemoteWriteRig(RemoteWriteRig.To(victoria.RemoteWriteUrl));
        rig.Fill(1, Clock.Now - Day, RemoteWriteRig.Gauges("warm", 1000));
        await rig.StartAsync();
        await rig.DrainedAsync();
        await using var again = new RemoteWriteRig(RemoteWriteRig.To(victoria.RemoteWriteUrl));
        await again.Buffer.SaveReaderAsync(new BufferReader("scrape/default", SnapshotKind.Metrics, SequenceRanges.All, 0), CancellationToken.None);
        again.Fill(500, Clock.Now, RemoteWriteRig.Gauges("many", 1000));
        var (start, before) = (TimeProvider.System.GetTimestamp(), GC.GetTotalAllocatedBytes());
        await again.StartAsync();
        await again.DrainedAsync(TimeSpan.FromMinutes(1));
        var seconds = TimeProvider.System.GetElapsedTime(start).TotalSeconds;
        var allocated = GC.GetTotalAllocatedBytes() - before;
        var figures = again.Figures;
        output.WriteLine(string.Create(
            CultureInfo.InvariantCulture,
            $"{figures.SamplesSent} samples, {figures.Requests[0]} requests, {figures.BytesSent} bytes in {seconds:0.00} s: "
            + $"{figures.SamplesSent / seconds:0} samples/s, {allocated / figures.SamplesSent} bytes allocated per sample"));
        // While it writes blocks of so much at once, a flush does not show all of them.
        var shown = 0;
        await Poll.UntilAsync(
            "all samples are shown",
            async () => (shown = (await victoria.RawSamplesAsync("many")).Count) == 500_000,
            evidence: () => $"{shown} are");
    }

    public void Dispose() => _folder.Dispose();
}
