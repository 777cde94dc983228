using Gateway.TestKit;
using Xunit;

namespace Gateway.EndToEnd.Parts;

public sealed class VictoriaServerTests : IDisposable
{
    private const long Time = 1_700_000_000_123;

    private readonly TempFolder _folder = new();

    [RequiresToolFact("victoria-metrics")]
    public async Task Stores_what_is_imported_and_gives_it_back_with_times_and_values()
    {
        await using var victoria = await VictoriaServer.StartAsync(_folder);
        await victoria.ImportAsync($"a{{x=\"1\"}} 0.1 {Time}\na{{x=\"1\"}} +Inf {Time + 1}\na{{x=\"2\"}} 1e-300 {Time}\nb -7 {Time}\n");
        var all = await victoria.RawSamplesAsync("{__name__!=\"\"}");
        Assert.Equal(4, all.Count);
        Assert.Equal([new Sample(Time, 0.1), new Sample(Time + 1, double.PositiveInfinity)], all.Series[new SeriesName("a", "x=1")]);
        Assert.Equal([new Sample(Time, 1e-300)], all.Series[new SeriesName("a", "x=2")]);
        Assert.Equal([new Sample(Time, -7)], (await victoria.RawSamplesAsync("b")).Single);
        Assert.Equal([new Sample(Time + 1, double.PositiveInfinity)], (await victoria.RawSamplesAsync("a", Time + 1)).Single);
        Assert.Equal(4, await victoria.OwnMetricAsync("vm_rows_inserted_total"));
    }

    [RequiresToolFact("victoria-metrics")]
    public async Task Keeps_values_as_exactly_as_it_is_said_to()
    {
        await using var victoria = await VictoriaServer.StartAsync(_folder);
        await victoria.ImportAsync(string.Concat(Enumerable.Range(1, 3000).Select(i => FormattableString.Invariant($"third {i / 3.0:R} {Time + i}\n"))));
        var stored = await victoria.RawSamplesAsync("third");
        Assert.Equal(3000, stored.Count);
        foreach (var (time, value) in stored.Single)
        {
            var given = (time - Time) / 3.0;
            Assert.InRange(Math.Abs(value - given), 0, given * stored.Precision);
        }
    }

    [RequiresToolTheory("victoria-metrics"), InlineData(false, 2), InlineData(true, 1)]
    public async Task What_is_delivered_twice_is_shown_twice_unless_it_deduplicates(bool deduplicate, int shown)
    {
        await using var victoria = await VictoriaServer.StartAsync(_folder, deduplicate: deduplicate);
        for (var i = 0; i < 2; i++)
        {
            await victoria.ImportAsync($"twice 5 {Time}\n");
            await victoria.FlushAsync();
        }

        Assert.Equal(Enumerable.Repeat(new Sample(Time, 5), shown), (await victoria.RawSamplesAsync("twice")).Single);
    }

    [RequiresToolFact("victoria-metrics")]
    public async Task Keeps_its_data_and_port_over_a_restart_and_loses_them_when_wiped()
    {
        await using var victoria = await VictoriaServer.StartAsync(_folder);
        var port = victoria.Port;
        await victoria.ImportAsync($"kept 5 {Time}\n");
        await victoria.StopAsync();
        Assert.False(victoria.IsRunning);
        await victoria.StartAsync();
        Assert.Equal(port, victoria.Port);
        Assert.Equal(1, (await victoria.RawSamplesAsync("kept")).Count);
        await victoria.KillAsync();
        victoria.Wipe();
        await victoria.StartAsync();
        Assert.Equal(0, (await victoria.RawSamplesAsync("kept")).Count);
    }

    [RequiresToolFact("victoria-metrics")]
    public async Task Merged_data_are_on_disk_and_can_be_measured()
    {
        await using var victoria = await VictoriaServer.StartAsync(_folder);
        for (var part = 0; part < 5; part++)
        {
            await victoria.ImportAsync(string.Concat(Enumerable.Range(0, 200).Select(i => $"merged{{x=\"{i}\"}} {i * part} {Time + (part * 15_000)}\n")));
            await victoria.FlushAsync();
        }

        await victoria.MergeAsync();
        var (data, index) = victoria.DiskBytes();
        Assert.InRange(data, 1, 1000 * 16);
        Assert.True(index > 0);
        Assert.Equal(1000, (await victoria.RawSamplesAsync("merged")).Count);
    }

    public void Dispose() => _folder.Dispose();
}
