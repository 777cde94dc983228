using Gateway.Buffering.Records;
using Gateway.Buffering.Tests.Stores;
using Gateway.TestKit;
using Xunit;

namespace Gateway.Buffering.Tests;

/// <summary>Bytes, age and free space are kept, the oldest goes first, and what somebody had still to get is counted and logged.</summary>
public sealed class LimitsTests : IDisposable
{
    private const long Start = TestBuffer.StartMs;
    private const int Interval = 15_000;
    private const int Losing = 2005;
    private const int Lost = 2006;

    private readonly TempFolder _folder = new();
    private readonly MemoryStore.Disk _disk = new();

    [Theory, InlineData(true), InlineData(false)]
    public async Task The_file_keeps_to_its_bytes_and_only_what_somebody_wanted_is_lost(bool sqlite)
    {
        const long Max = 1 << 20;
        var buffer = await StartAsync(options => (options.MaxBytes, options.KeyframeInterval, options.FuseSnapshots) = (Max, 10, 40), sqlite);
        await using (buffer)
        {
            // Somebody had everything up to 150, and something of the middle is nobody's.
            await buffer.Buffer.SaveReaderAsync(new BufferReader("scrape/a", SnapshotKind.Metrics, SequenceRanges.Of(151, 199).Add(300), 0), default);
            await buffer.Buffer.SaveReaderAsync(new BufferReader("scrape/a", SnapshotKind.Pushes, SequenceRanges.All, 0), default);
            var random = new Random(1);
            for (var i = 0; i < 1000; i++)
            {
                await buffer.AppendAsync(Noise.Draft(random, 400, Start + (i * Interval)));
                Assert.InRange(buffer.Buffer.Figures.DiskBytes, 0, Max);
            }

            var figures = buffer.Buffer.Figures;
            var oldest = Assert.NotNull(buffer.Buffer.Oldest(SnapshotKind.Metrics)).Sequence;
            Assert.InRange(oldest, 301, 990);
            Assert.Equal((49 + oldest - 300) * 400, figures.LostSamples[(int)LossReason.Bytes]);
            Assert.Equal(150 + 100, figures.RemovedSnapshots);
            Assert.Equal(1000 - (oldest - 1), figures.Held[0].Snapshots);
            Assert.Equal(1, buffer.Log.Count(Losing));
            Assert.Equal(0, buffer.Log.Count(Lost));
            Assert.Equal(buffer.Expected(SnapshotKind.Metrics, SequenceRanges.Of(oldest)), await buffer.ReadAllAsync(SnapshotKind.Metrics));
        }

        Assert.Equal(1, buffer.Log.Count(Lost));
    }

    [Fact]
    public async Task An_episode_of_losses_ends_with_a_summary_and_the_next_one_is_told_again()
    {
        await using var buffer = await StartAsync(options => (options.MaxBytes, options.KeyframeInterval) = (1 << 20, 10));
        await buffer.Buffer.SaveReaderAsync(new BufferReader("scrape/a", SnapshotKind.Metrics, SequenceRanges.All, 0), default);
        var random = new Random(1);
        await FillAsync();
        Assert.Equal((1, 0), (buffer.Log.Count(Losing), buffer.Log.Count(Lost)));
        await AdvanceAsync(buffer, TimeSpan.FromHours(7));
        Assert.Equal((1, 1), (buffer.Log.Count(Losing), buffer.Log.Count(Lost)));
        await FillAsync();
        Assert.Equal((2, 1), (buffer.Log.Count(Losing), buffer.Log.Count(Lost)));

        async Task FillAsync()
        {
            for (var i = 0; i < 500; i++) await buffer.AppendAsync(Noise.Draft(random, 400, Start + (buffer.Stamps.Count * Interval)));
        }
    }

    [Fact]
    public async Task What_is_too_old_goes()
    {
        await using var buffer = await StartAsync(options => (options.MaxAge, options.KeyframeInterval, options.FuseSnapshots) = (TimeSpan.FromHours(2), 10, 20));
        await buffer.Buffer.SaveReaderAsync(new BufferReader("scrape/a", SnapshotKind.Metrics, SequenceRanges.Of(200), 0), default);
        var fleet = new Fleet(5);
        for (var i = 0; i < 1440; i++)
        {
            await buffer.AppendAsync(fleet, buffer.Time.GetUtcNow().ToUnixTimeMilliseconds());
            buffer.Time.Advance(TimeSpan.FromSeconds(15));
        }

        await AdvanceAsync(buffer, TimeSpan.FromSeconds(30));
        var oldest = Assert.NotNull(buffer.Buffer.Oldest(SnapshotKind.Metrics));
        // Two hours are 480 snapshots; a block goes only as a whole.
        Assert.InRange(oldest.Sequence, 1440 - 480 - 20, 1440 - 480 + 3);
        Assert.Equal((oldest.Sequence - 200) * 5, buffer.Buffer.Figures.LostSamples[(int)LossReason.Age]);
        Assert.Equal(199, buffer.Buffer.Figures.RemovedSnapshots);
    }

    [Fact]
    public async Task A_clock_that_jumps_ahead_and_back_costs_nothing()
    {
        await using var buffer = await StartAsync(options => options.MaxAge = TimeSpan.FromHours(2));
        var fleet = new Fleet(5);
        for (var i = 0; i < 20; i++) await buffer.AppendAsync(fleet, Start + (i * Interval));
        await AdvanceAsync(buffer, TimeSpan.FromMinutes(65));
        buffer.Time.StepWallClock(TimeSpan.FromDays(3650));
        await AdvanceAsync(buffer, TimeSpan.FromMinutes(50));
        Assert.Equal(20, buffer.Buffer.Figures.Held[0].Snapshots);
        buffer.Time.StepWallClock(-TimeSpan.FromDays(3650));
        await AdvanceAsync(buffer, TimeSpan.FromMinutes(1));
        Assert.Equal(20, buffer.Buffer.Figures.Held[0].Snapshots);
        // A loop that reads its two clocks while the test moves them sees a step more, and holds on for an hour more.
        for (var hour = 0; hour < 10 && buffer.Buffer.Figures.Held[0].Snapshots > 0; hour++) await AdvanceAsync(buffer, TimeSpan.FromMinutes(65));
        Assert.Equal(0, buffer.Buffer.Figures.Held[0].Snapshots);
    }

    [Theory, InlineData(true), InlineData(false)]
    public async Task Short_space_on_the_disk_takes_the_oldest_down_to_the_last_few_megabytes(bool sqlite)
    {
        var space = new TestSpace { Free = 1 << 30 };
        await using var buffer = await StartAsync(options => (options.MinFreeBytes, options.KeyframeInterval) = (64 << 20, 10), sqlite, space);
        await buffer.Buffer.SaveReaderAsync(new BufferReader("scrape/a", SnapshotKind.Metrics, SequenceRanges.All, 0), default);
        var random = new Random(1);
        for (var i = 0; i < 400; i++) await buffer.AppendAsync(Noise.Draft(random, 3000, Start + (i * Interval)));
        var before = buffer.Buffer.Figures;
        Assert.InRange(before.DiskBytes, 7 << 20, 40 << 20);
        Assert.Equal(0, before.LostSamples.Sum());

        space.Free = (64 << 20) - (1 << 20);
        await buffer.AppendAsync(Noise.Draft(random, 3000, Start + (400 * Interval)));
        await Until.TrueAsync(() => buffer.Buffer.Figures.LostSamples[(int)LossReason.FreeSpace] > 0);
        space.Free = 1 << 30;
        if (sqlite) await Until.TrueAsync(() => buffer.Buffer.Figures.DiskBytes < before.DiskBytes - (1 << 20), () => $"{before.DiskBytes} {buffer.Buffer.Figures.DiskBytes}");
        Assert.InRange(buffer.Buffer.Figures.Held[0].Snapshots, 300, 395);
        Assert.Equal((401 - buffer.Buffer.Figures.Held[0].Snapshots) * 3000, buffer.Buffer.Figures.LostSamples[(int)LossReason.FreeSpace]);

        space.Free = 0;
        for (var i = 401; i < 420; i++)
        {
            await buffer.AppendAsync(Noise.Draft(random, 3000, Start + (i * Interval)));
            await AdvanceAsync(buffer, TimeSpan.FromSeconds(10));
        }

        Assert.InRange(buffer.Buffer.Figures.Held[0].Snapshots, 40, 200);
        Assert.Equal(buffer.Expected(SnapshotKind.Metrics, SequenceRanges.Of(buffer.Buffer.Oldest(SnapshotKind.Metrics)!.Value.Sequence)), await buffer.ReadAllAsync(SnapshotKind.Metrics));
    }

    public void Dispose() => _folder.Dispose();

    /// <summary>Lets time pass until the loop has looked at its limits.</summary>
    private static async Task AdvanceAsync(TestBuffer buffer, TimeSpan by)
    {
        buffer.Time.Advance(by);
        // Readers are put by the loop, one turn after the tick.
        await buffer.Buffer.SaveReaderAsync(new BufferReader("turn", SnapshotKind.Pushes, SequenceRanges.Empty, 0), default);
        await buffer.Buffer.SaveReaderAsync(new BufferReader("turn", SnapshotKind.Pushes, SequenceRanges.Empty, 1), default);
    }

    private Task<TestBuffer> StartAsync(Action<BufferOptions> set, bool sqlite = false, DiskSpace? space = null) =>
        TestBuffer.StartAsync(_folder, set, sqlite ? null : new MemoryStore(_disk), disk: space);

    private sealed class TestSpace() : DiskSpace("")
    {
        public long Free { get; set; }

        public override long? FreeBytes() => Free;
    }
}
