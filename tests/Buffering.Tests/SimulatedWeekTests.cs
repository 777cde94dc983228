using Gateway.Buffering.Tests.Stores;
using Gateway.TestKit;
using Xunit;

namespace Gateway.Buffering.Tests;

/// <summary>Measures the memory of the process, so nothing runs beside it.</summary>
[Collection("alone")]
public sealed class SimulatedWeekTests : IDisposable
{
    private readonly TempFolder _folder = new();

    [Fact]
    public async Task A_simulated_week_of_one_snapshot_a_second_stays_within_its_bounds()
    {
        const int Snapshots = 7 * 24 * 3600;
        await using var buffer = await TestBuffer.StartAsync(_folder, options => (options.MaxBytes, options.MaxAge, options.FuseSnapshots) = (4 << 20, TimeSpan.FromDays(2), 480), new MemoryStore(new MemoryStore.Disk()));
        var fleet = new Fleet(3);
        var memory = 0L;
        // A hundred at a time: they share a transaction.
        var waiting = new List<Task>();
        for (var i = 0; i < Snapshots; i++)
        {
            waiting.Add(buffer.Buffer.AppendAsync(fleet.Copy(buffer.Time.GetUtcNow().ToUnixTimeMilliseconds()), default));
            buffer.Time.Advance(TimeSpan.FromSeconds(1));
            if (waiting.Count < 500) continue;
            await Task.WhenAll(waiting);
            waiting.Clear();
            // A real second is long enough to fuse what came in it.
            await Until.TrueAsync(() => buffer.Buffer.Figures.FusedBlocks >= (i / 480) - 4, () => $"{i} {buffer.Buffer.Figures} {buffer.Log.Text}");
            if (i > Snapshots / 2 && memory == 0) memory = GC.GetTotalMemory(forceFullCollection: true);
        }

        await Task.WhenAll(waiting);
        buffer.Time.Advance(TimeSpan.FromSeconds(10));
        await buffer.DisposeAsync();
        var figures = buffer.Buffer.Figures;
        Assert.Equal(Snapshots, figures.AppendedSnapshots);
        Assert.InRange(figures.Held[0].Snapshots, (2 * 24 * 3600) - 500, (2 * 24 * 3600) + 500);
        Assert.InRange(figures.DiskBytes, 1, 4 << 20);
        Assert.InRange(GC.GetTotalMemory(forceFullCollection: true), 0, memory + (4 << 20));
        Assert.Equal(0, figures.LostSamples.Sum());
    }

    public void Dispose() => _folder.Dispose();
}

/// <summary>Tests that measure the process.</summary>
[CollectionDefinition("alone", DisableParallelization = true)]
public sealed class Alone;
