using Gateway.Buffering.Stores;
using Gateway.Buffering.Tests.Stores;
using Gateway.TestKit;
using Xunit;

namespace Gateway.Buffering.Tests;

/// <summary>A disk that takes nothing: snapshots wait in memory, bounded and counted, and move to the disk in order when it is back.</summary>
public sealed class UnavailableDiskTests : IDisposable
{
    private const long Start = TestBuffer.StartMs;
    private const int Interval = 15_000;
    private const int Unavailable = 2001;
    private const int Recovered = 2002;

    private readonly TempFolder _folder = new();
    private readonly MemoryStore.Disk _disk = new();

    [Theory, InlineData(true), InlineData(false)]
    public async Task Snapshots_wait_in_memory_and_move_to_the_disk_in_order(bool closes)
    {
        var fleet = new Fleet(20);
        var first = await StartAsync(options => (options.KeyframeInterval, options.FuseSnapshots) = (10, 20));
        await using (first)
        {
            for (var i = 0; i < 25; i++) await first.AppendAsync(fleet, Start + (i * Interval));
            _disk.ClosesOnFault = closes;
            _disk.Fault = BufferStoreFault.Unavailable;
            for (var i = 25; i < 60; i++) await first.AppendAsync(fleet, Start + (i * Interval));
            await first.Buffer.SaveReaderAsync(new BufferReader("scrape/a", SnapshotKind.Metrics, SequenceRanges.Of(3), 7), default);
            await first.AppendAsync(new Fleet(5, first: 500), Start + (60 * Interval));
            Assert.All(first.Stamps, stamp => Assert.Equal(stamp.Sequence <= 25, stamp.Durable));
            var figures = first.Buffer.Figures;
            Assert.False(figures.Available);
            Assert.NotNull(figures.Fault);
            Assert.InRange(figures.MemoryBytes, 1, 1 << 20);
            Assert.Equal((61, 1), (figures.Held[0].Snapshots, first.Log.Count(Unavailable)));

            // What is in memory can be read; what is on a disk that gives nothing is not said to be covered.
            // (26 was written against a keyframe there before the fault was met.)
            Assert.Equal(first.Expected(SnapshotKind.Metrics, SequenceRanges.Of(27)), await first.ReadAllAsync(SnapshotKind.Metrics, SequenceRanges.Of(27)));
            using var page = new SnapshotPage();
            await first.Buffer.ReadAsync(new PageQuery(SnapshotKind.Metrics, SequenceRanges.All, 1000), page, default);
            Assert.Equal((0, ""), (page.SnapshotCount, page.Covered.ToString()));

            _disk.Fault = null;
            first.Time.Advance(TimeSpan.FromMinutes(2));
            await Until.TrueAsync(() => first.Buffer.Figures.Available, () => first.Log.Text);
            Assert.Equal((1, 0L), (first.Log.Count(Recovered), first.Buffer.Figures.MemoryBytes));
            Assert.True((await first.AppendAsync(fleet, Start + (61 * Interval))).Durable);
            Assert.Equal(first.Expected(SnapshotKind.Metrics, SequenceRanges.All), await first.ReadAllAsync(SnapshotKind.Metrics));
        }

        await using var second = await StartAsync(before: first);
        Assert.Equal(second.Expected(SnapshotKind.Metrics, SequenceRanges.All), await second.ReadAllAsync(SnapshotKind.Metrics));
        Assert.Equal("3-", Assert.Single(second.Buffer.Readers).Backlog.ToString());
        Assert.Equal(0, second.Buffer.Figures.LostSamples.Sum() + first.Buffer.Figures.LostSamples.Sum());
    }

    [Fact]
    public async Task The_ring_is_bounded_and_its_oldest_snapshots_go_first()
    {
        await using var buffer = await StartAsync(options => options.MemoryBytes = 256 << 10);
        await buffer.Buffer.SaveReaderAsync(new BufferReader("scrape/a", SnapshotKind.Metrics, SequenceRanges.All, 0), default);
        var random = new Random(1);
        _disk.Fault = BufferStoreFault.Unavailable;
        for (var i = 0; i < 300; i++)
        {
            await buffer.AppendAsync(Noise.Draft(random, 300, Start + (i * Interval)));
            Assert.InRange(buffer.Buffer.Figures.MemoryBytes, 1, 256 << 10);
        }

        var oldest = buffer.Buffer.Oldest(SnapshotKind.Metrics)!.Value.Sequence;
        // At least 13 of 16 parts of the ring are in use.
        Assert.InRange(oldest, 150, 230);
        Assert.Equal((oldest - 1) * 300, buffer.Buffer.Figures.LostSamples[(int)LossReason.Memory]);
        Assert.Equal(1, buffer.Log.Count(2005));
        Assert.Equal(buffer.Expected(SnapshotKind.Metrics, SequenceRanges.Of(oldest)), await buffer.ReadAllAsync(SnapshotKind.Metrics));
        _disk.Fault = null;
        buffer.Time.Advance(TimeSpan.FromMinutes(2));
        await Until.TrueAsync(() => buffer.Buffer.Figures.Available);
        Assert.Equal(buffer.Expected(SnapshotKind.Metrics, SequenceRanges.Of(oldest)), await buffer.ReadAllAsync(SnapshotKind.Metrics));
    }

    [Fact]
    public async Task A_disk_that_is_broken_at_the_start_is_tried_again_and_what_it_holds_comes_back()
    {
        var fleet = new Fleet(10);
        var first = await StartAsync();
        await using (first)
        {
            for (var i = 0; i < 30; i++) await first.AppendAsync(fleet, Start + (i * Interval));
            await first.Buffer.SaveReaderAsync(new BufferReader("scrape/a", SnapshotKind.Metrics, SequenceRanges.Of(11), 1), default);
            await first.Buffer.SaveReaderAsync(new BufferReader("scrape/b", SnapshotKind.Metrics, SequenceRanges.Empty, 1), default);
        }

        _disk.Fault = BufferStoreFault.Unavailable;
        await using var second = await StartAsync(before: first);
        var early = await second.AppendAsync(fleet, Start + (40 * Interval));
        Assert.True(early.Sequence > 30 && !early.Durable);
        await second.Buffer.SaveReaderAsync(new BufferReader("scrape/a", SnapshotKind.Metrics, SequenceRanges.Of(early.Sequence), 2), default);
        _disk.Fault = null;
        second.Time.Advance(TimeSpan.FromMinutes(2));
        await Until.TrueAsync(() => second.Buffer.Figures.Available, () => second.Log.Text);
        Assert.True((await second.AppendAsync(fleet, Start + (41 * Interval))).Sequence > early.Sequence);
        Assert.Equal(second.Expected(SnapshotKind.Metrics, SequenceRanges.All), await second.ReadAllAsync(SnapshotKind.Metrics));
        var readers = second.Buffer.Readers.OrderBy(reader => reader.Name, StringComparer.Ordinal).ToList();
        Assert.Equal(("11-", 2L), (readers[0].Backlog.ToString(), readers[0].SeenMs));
        Assert.Equal($"{early.Sequence}", readers[1].Backlog.ToString());
    }

    [Fact]
    public async Task What_is_only_in_memory_at_the_stop_is_counted_and_logged()
    {
        var buffer = await StartAsync();
        await buffer.Buffer.SaveReaderAsync(new BufferReader("scrape/a", SnapshotKind.Metrics, SequenceRanges.Of(3), 1), default);
        _disk.Fault = BufferStoreFault.Unavailable;
        var fleet = new Fleet(10);
        for (var i = 0; i < 5; i++) await buffer.AppendAsync(fleet, Start + (i * Interval));
        await buffer.DisposeAsync();
        Assert.Equal(30, buffer.Buffer.Figures.LostSamples[(int)LossReason.Stop]);
        Assert.Equal(1, buffer.Log.Count(2006));
    }

    [RequiresRootFact]
    public async Task A_full_disk_costs_nothing_once_there_is_room_again()
    {
        using var mount = new SmallMount(_folder, 3072);
        var random = new Random(1);
        var first = await TestBuffer.StartAsync(_folder);
        await using (first)
        {
            for (var i = 0; i < 20; i++) await first.AppendAsync(Noise.Draft(random, 500, Start + (i * Interval)));
            var ballast = mount.Fill();
            for (var i = 20; i < 200; i++) await first.AppendAsync(Noise.Draft(random, 500, Start + (i * Interval)));
            Assert.False(first.Buffer.Figures.Available);
            Assert.Equal("The disk of the buffer is full.", first.Buffer.Figures.Fault);
            Assert.Contains(first.Stamps, stamp => !stamp.Durable);
            Assert.Equal(first.Expected(SnapshotKind.Metrics, SequenceRanges.All), await first.ReadAllAsync(SnapshotKind.Metrics));
            File.Delete(ballast);
            first.Time.Advance(TimeSpan.FromMinutes(2));
            await Until.TrueAsync(() => first.Buffer.Figures.Available, () => first.Log.Text);
        }

        await using var second = await TestBuffer.StartAsync(_folder, before: first);
        Assert.Equal(second.Expected(SnapshotKind.Metrics, SequenceRanges.All), await second.ReadAllAsync(SnapshotKind.Metrics));
        Assert.Equal(0, first.Buffer.Figures.LostSamples.Sum());
    }

    [RequiresRootFact]
    public async Task A_read_only_file_system_costs_nothing_once_it_is_writable_again()
    {
        using var mount = new SmallMount(_folder, 16 << 10);
        var fleet = new Fleet(20);
        var first = await TestBuffer.StartAsync(_folder);
        await using (first)
        {
            for (var i = 0; i < 20; i++) await first.AppendAsync(fleet, Start + (i * Interval));
        }

        // Nobody is asked to a remount while he writes: it is read-only before the start.
        mount.SetReadOnly(true);
        var second = await TestBuffer.StartAsync(_folder, before: first);
        await using (second)
        {
            for (var i = 20; i < 40; i++) await second.AppendAsync(fleet, Start + (i * Interval));
            Assert.False(second.Buffer.Figures.Available);
            mount.SetReadOnly(false);
            second.Time.Advance(TimeSpan.FromMinutes(2));
            await Until.TrueAsync(() => second.Buffer.Figures.Available, () => second.Log.Text);
            Assert.Equal(second.Expected(SnapshotKind.Metrics, SequenceRanges.All), await second.ReadAllAsync(SnapshotKind.Metrics));
        }

        await using var third = await TestBuffer.StartAsync(_folder, before: second);
        Assert.Equal(third.Expected(SnapshotKind.Metrics, SequenceRanges.All), await third.ReadAllAsync(SnapshotKind.Metrics));
    }

    [RequiresRootFact("mkfs.ext4", "mount", "umount")]
    public async Task A_disk_that_goes_read_only_under_a_running_buffer_costs_nothing()
    {
        using var disk = await DiskImage.MountAsync(_folder, mebibytes: 16);
        var fleet = new Fleet(20);
        var first = await TestBuffer.StartAsync(_folder, options => options.KeyframeInterval = 5);
        await using (first)
        {
            for (var i = 0; i < 20; i++) await first.AppendAsync(fleet, Start + (i * Interval));
            await first.Buffer.SaveReaderAsync(new BufferReader("scrape/a", SnapshotKind.Metrics, SequenceRanges.Of(3), 1), default);
            await disk.AbortAsync();
            for (var i = 20; i < 40; i++) await first.AppendAsync(fleet, Start + (i * Interval));
            Assert.All(first.Stamps, stamp => Assert.Equal(stamp.Sequence <= 20, stamp.Durable));
            Assert.Equal((false, 1), (first.Buffer.Figures.Available, first.Log.Count(Unavailable)));
            Assert.NotNull(first.Buffer.Figures.Fault);
            // 21 was written against a keyframe on the disk before the fault was met.
            Assert.Equal(first.Expected(SnapshotKind.Metrics, SequenceRanges.Of(22)), await first.ReadAllAsync(SnapshotKind.Metrics, SequenceRanges.Of(22)));

            // Still read-only: another attempt changes nothing.
            first.Time.Advance(TimeSpan.FromMinutes(2));
            Assert.False((await first.AppendAsync(fleet, Start + (40 * Interval))).Durable);
            await disk.RepairAsync();
            first.Time.Advance(TimeSpan.FromMinutes(2));
            await Until.TrueAsync(() => first.Buffer.Figures.Available, () => first.Log.Text);
            Assert.True((await first.AppendAsync(fleet, Start + (41 * Interval))).Durable);
            Assert.Equal(first.Expected(SnapshotKind.Metrics, SequenceRanges.All), await first.ReadAllAsync(SnapshotKind.Metrics));
        }

        await using var second = await TestBuffer.StartAsync(_folder, before: first);
        Assert.Equal(second.Expected(SnapshotKind.Metrics, SequenceRanges.All), await second.ReadAllAsync(SnapshotKind.Metrics));
        Assert.Equal("3-", Assert.Single(second.Buffer.Readers).Backlog.ToString());
        Assert.Equal(0, second.Buffer.Figures.LostSamples.Sum() + first.Buffer.Figures.LostSamples.Sum());
    }

    public void Dispose() => _folder.Dispose();

    private Task<TestBuffer> StartAsync(Action<BufferOptions>? set = null, TestBuffer? before = null) =>
        TestBuffer.StartAsync(_folder, set, new MemoryStore(_disk), before);
}
