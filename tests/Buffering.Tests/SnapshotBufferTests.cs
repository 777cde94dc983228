using Gateway.Buffering.Tests.Stores;
using Gateway.Exposition;
using Gateway.TestKit;
using Xunit;

namespace Gateway.Buffering.Tests;

/// <summary>The promises of <see cref="ISnapshotBuffer"/>, over each store.</summary>
public sealed class SnapshotBufferTests : IDisposable
{
    private const long Start = TestBuffer.StartMs;
    private const int Interval = 15_000;

    private readonly TempFolder _folder = new();
    private readonly MemoryStore.Disk _disk = new();

    public static TheoryData<string> Stores => ["sqlite", "memory"];

    [Theory, MemberData(nameof(Stores))]
    public async Task What_was_appended_comes_back_with_the_same_bits_in_pages(string store)
    {
        await using var buffer = await StartAsync(store);
        var fleet = new Fleet(30);
        for (var i = 0; i < 700; i++) await buffer.AppendAsync(fleet, Start + (i * Interval));
        Assert.Equal(buffer.Expected(SnapshotKind.Metrics, SequenceRanges.All), await buffer.ReadAllAsync(SnapshotKind.Metrics, maxSamples: 1000));
        Assert.All(buffer.Stamps, stamp => Assert.True(stamp.Durable));
        Assert.Equal(Enumerable.Range(1, 700).Select(i => (long)i), buffer.Stamps.Select(stamp => stamp.Sequence));
    }

    [Theory, MemberData(nameof(Stores))]
    public async Task After_a_restart_everything_is_there_and_sequences_go_on(string store)
    {
        var fleet = new Fleet(30);
        var first = await StartAsync(store);
        await using (first)
        {
            for (var i = 0; i < 300; i++) await first.AppendAsync(fleet, Start + (i * Interval));
            await first.AppendAsync(fleet.Pushes(Start, 7));
            await first.Buffer.SaveReaderAsync(new BufferReader("scrape/a", SnapshotKind.Metrics, SequenceRanges.Of(100), 5, "page 3"), default);
            await first.Buffer.SaveReaderAsync(new BufferReader("scrape/b", SnapshotKind.Metrics, SequenceRanges.Of(1), 5), default);
            await first.Buffer.RemoveReaderAsync("scrape/b", SnapshotKind.Metrics, default);
        }

        await using var second = await StartAsync(store, before: first);
        Assert.Equal(302, (await second.AppendAsync(fleet, Start + 5_000_000)).Sequence);
        Assert.Equal(second.Expected(SnapshotKind.Metrics, SequenceRanges.All), await second.ReadAllAsync(SnapshotKind.Metrics));
        Assert.Equal(second.Expected(SnapshotKind.Pushes, SequenceRanges.All), await second.ReadAllAsync(SnapshotKind.Pushes));
        var reader = Assert.Single(second.Buffer.Readers);
        Assert.Equal(("scrape/a", SnapshotKind.Metrics, "100-", 5L, "page 3"), (reader.Name, reader.Kind, reader.Backlog.ToString(), reader.SeenMs, reader.State));
    }

    [Theory, MemberData(nameof(Stores))]
    public async Task Old_snapshots_are_fused_and_read_the_same(string store)
    {
        var fleet = new Fleet(25);
        var first = await StartAsync(store, options => (options.KeyframeInterval, options.FuseSnapshots) = (10, 40));
        await using (first)
        {
            for (var i = 0; i < 205; i++)
            {
                await first.AppendAsync(fleet, Start + (i * Interval) + (i % 3));
                if (i % 4 == 0) await first.AppendAsync(fleet.Pushes(Start + (i * Interval), 3));
            }

            // 200 rows of metrics in 5 blocks, 40 of 52 of pushes in one.
            await Until.TrueAsync(() => first.Buffer.Figures.FusedBlocks == 6, () => $"{first.Buffer.Figures.FusedBlocks} {first.Log.Text}");
            await CheckAsync(first);
        }

        await using var second = await StartAsync(store, before: first);
        await CheckAsync(second);
        Assert.Equal(205, second.Buffer.Figures.Held[0].Snapshots);
        Assert.Equal(205 * 25, second.Buffer.Figures.Held[0].Samples);

        static async Task CheckAsync(TestBuffer buffer)
        {
            foreach (var kind in Enum.GetValues<SnapshotKind>())
            {
                Assert.Equal(buffer.Expected(kind, SequenceRanges.All), await buffer.ReadAllAsync(kind));
                Assert.Equal(buffer.Expected(kind, SequenceRanges.All), await buffer.ReadAllAsync(kind, maxSamples: 26));
            }

            // Parts of blocks, with holes.
            var ranges = SequenceRanges.Of(17, 33).Add(35, 35).Add(80, 180);
            Assert.Equal(buffer.Expected(SnapshotKind.Metrics, ranges), await buffer.ReadAllAsync(SnapshotKind.Metrics, ranges, maxSamples: 130));
        }
    }

    [Fact]
    public async Task A_page_keeps_to_its_bounds_and_says_what_it_stands_for()
    {
        await using var buffer = await StartAsync("memory", options => (options.KeyframeInterval, options.FuseSnapshots) = (10, 20));
        var fleet = new Fleet(10);
        for (var i = 0; i < 45; i++) await buffer.AppendAsync(fleet, Start + (i * Interval));
        await Until.TrueAsync(() => buffer.Buffer.Figures.FusedBlocks == 2);
        using var page = new SnapshotPage();
        await ReadAsync("5-8,10-30,50-60", maxSamples: 79);
        Assert.Equal((7, "5-8,10-12"), (page.SnapshotCount, page.Covered.ToString()));
        await ReadAsync("5-8,10-30,50-60", maxSamples: 1000, maxSnapshots: 20);
        Assert.Equal((20, "5-8,10-25"), (page.SnapshotCount, page.Covered.ToString()));

        // The first snapshot comes whole however small the page; nothing that may still come is covered.
        await ReadAsync("44-", maxSamples: 1);
        Assert.Equal((1, "44"), (page.SnapshotCount, page.Covered.ToString()));
        await ReadAsync("44-", maxSamples: 1000);
        Assert.Equal((2, "44-45"), (page.SnapshotCount, page.Covered.ToString()));
        await ReadAsync("46-", maxSamples: 1000);
        Assert.Equal((0, ""), (page.SnapshotCount, page.Covered.ToString()));

        async Task ReadAsync(string ranges, int maxSamples, int maxSnapshots = int.MaxValue)
        {
            page.Clear();
            Assert.True(SequenceRanges.TryParse(ranges, out var parsed));
            await buffer.Buffer.ReadAsync(new PageQuery(SnapshotKind.Metrics, parsed, maxSamples, maxSnapshots), page, default);
            page.Complete();
        }
    }

    [Theory, InlineData(false), InlineData(true)]
    public async Task Snapshots_are_found_by_their_time_also_when_the_clock_was_set_back(bool fused)
    {
        await using var buffer = await StartAsync("memory", options => (options.KeyframeInterval, options.FuseSnapshots) = fused ? (5, 10) : (100, 480));
        var fleet = new Fleet(4);
        // 1-10 at 0 to 9 s, 11-20 an hour before, 21-30 ten years ahead, then on from 10 s.
        for (var i = 0; i < 10; i++) await buffer.AppendAsync(fleet, Start + (i * 1000));
        for (var i = 0; i < 10; i++) await buffer.AppendAsync(fleet, Start - 3_600_000 + (i * 1000));
        for (var i = 0; i < 10; i++) await buffer.AppendAsync(fleet, Start + 315_360_000_000 + (i * 1000));
        for (var i = 10; i < 21; i++) await buffer.AppendAsync(fleet, Start + (i * 1000));
        if (fused) await Until.TrueAsync(() => buffer.Buffer.Figures.FusedBlocks == 4);
        Assert.Equal("1-20,31-41", Find(0, Start + 60_000));
        Assert.Equal("11-20", Find(0, Start - 1));
        Assert.Equal("3-10,31-33", Find(Start + 2000, Start + 12_000));
        Assert.Equal("21-30", Find(Start + 60_000, long.MaxValue));
        Assert.Equal("13", Find(Start - 3_600_000 + 2000, Start - 3_600_000 + 2000));
        Assert.Equal("", Find(0, 1));
        Assert.Equal(new BacklogSize(3, 12, Start - 3_600_000, Start + 9000), buffer.Buffer.Measure(SnapshotKind.Metrics, SequenceRanges.Of(9, 11)));
        Assert.Equal(new SnapshotStamp(1, Start, 4, true), buffer.Buffer.Oldest(SnapshotKind.Metrics));
        Assert.Equal(new SnapshotStamp(41, Start + 20_000, 4, true), buffer.Buffer.Newest(SnapshotKind.Metrics));
        Assert.Null(buffer.Buffer.Oldest(SnapshotKind.Pushes));
        Assert.Equal(buffer.Expected(SnapshotKind.Metrics, SequenceRanges.All), await buffer.ReadAllAsync(SnapshotKind.Metrics, maxSamples: 50));

        string Find(long from, long to) => buffer.Buffer.Find(SnapshotKind.Metrics, from, to).ToString();
    }

    [Fact]
    public async Task Series_that_come_and_go_are_read_back_and_old_rosters_are_deleted()
    {
        await using var buffer = await StartAsync("memory", options => (options.KeyframeInterval, options.FuseSnapshots, options.MaxBytes) = (10, 20, 1 << 20));
        for (var i = 0; i < 600; i++) await buffer.AppendAsync(new Fleet(60, first: i * 50), Start + (i * Interval));
        await Until.TrueAsync(() => buffer.Buffer.Figures.FusedBlocks >= 25);
        Assert.True(_disk.Rosters.Count > 1, "a roster that is mostly dead is followed by another");
        Assert.Equal(buffer.Expected(SnapshotKind.Metrics, SequenceRanges.All), await buffer.ReadAllAsync(SnapshotKind.Metrics));
        var oldest = _disk.Rosters.Keys.First();
        var random = new Random(1);
        for (var i = 600; !buffer.Buffer.Find(SnapshotKind.Metrics, 0, Start + (100 * Interval)).IsEmpty; i++)
            await buffer.AppendAsync(Noise.Draft(random, 1000, Start + (i * Interval)));
        // The limits are kept after the callers were answered.
        await buffer.DisposeAsync();
        Assert.DoesNotContain(oldest, _disk.Rosters.Keys);
    }

    [Fact]
    public async Task A_snapshot_with_two_samples_of_a_series_at_one_time_is_refused_and_nothing_of_it_stays()
    {
        await using var buffer = await StartAsync("memory");
        var family = MetricFamily.Create("a", MetricType.Gauge, "", "", ["l"]);
        var draft = new SnapshotDraft();
        await buffer.AppendAsync(Fill("x", "y"));
        await Assert.ThrowsAsync<ArgumentException>(() => buffer.Buffer.AppendAsync(Fill("z", "new", "z"), default));
        draft.Reset(SnapshotKind.Metrics, Start);
        await Assert.ThrowsAsync<ArgumentException>(() => buffer.Buffer.AppendAsync(draft, default));
        var stamp = await buffer.AppendAsync(Fill("y", "w"));
        Assert.Equal(2, stamp.Sequence);
        Assert.Equal(buffer.Expected(SnapshotKind.Metrics, SequenceRanges.All), await buffer.ReadAllAsync(SnapshotKind.Metrics));

        SnapshotDraft Fill(params string[] labels)
        {
            draft.Reset(SnapshotKind.Metrics, Start + buffer.Stamps.Count);
            foreach (var label in labels) draft.Add(family, Series.Create(family, [label]), 1);
            return draft;
        }
    }

    [Theory, MemberData(nameof(Stores))]
    public async Task Many_appends_at_once_share_transactions_and_keep_their_order(string store)
    {
        await using var buffer = await StartAsync(store);
        var fleet = new Fleet(5);
        var tasks = Enumerable.Range(0, 500).Select(i => buffer.AppendAsync(fleet.Pushes(Start + (i * 10_000), 3))).ToArray();
        var stamps = await Task.WhenAll(tasks);
        Assert.Equal(Enumerable.Range(1, 500).Select(i => (long)i), stamps.Select(stamp => stamp.Sequence));
        if (store == "memory") Assert.InRange(_disk.Commits, 8, 499);
        Assert.Equal(buffer.Expected(SnapshotKind.Pushes, SequenceRanges.All), await buffer.ReadAllAsync(SnapshotKind.Pushes));
    }

    [Fact]
    public async Task A_snapshot_of_a_hundred_thousand_series_goes_in_and_comes_back()
    {
        await using var buffer = await StartAsync("sqlite");
        var fleet = new Fleet(100_000);
        for (var i = 0; i < 4; i++) await buffer.AppendAsync(fleet, Start + (i * Interval));
        Assert.Equal(buffer.Expected(SnapshotKind.Metrics, SequenceRanges.All), await buffer.ReadAllAsync(SnapshotKind.Metrics, maxSamples: 250_000));
    }

    [Fact]
    public async Task After_closing_nothing_is_taken_any_more()
    {
        var buffer = await StartAsync("memory");
        var fleet = new Fleet(3);
        await buffer.AppendAsync(fleet, Start);
        await buffer.DisposeAsync();
        await Assert.ThrowsAsync<ObjectDisposedException>(() => buffer.Buffer.AppendAsync(fleet.Draft(Start + 1), default));
        await Assert.ThrowsAsync<ObjectDisposedException>(() => buffer.Buffer.SaveReaderAsync(new BufferReader("a", SnapshotKind.Metrics, SequenceRanges.All, 0), default));
        using var page = new SnapshotPage();
        await Assert.ThrowsAsync<ObjectDisposedException>(() => buffer.Buffer.ReadAsync(new PageQuery(SnapshotKind.Metrics, SequenceRanges.All, 10), page, default));
        await buffer.DisposeAsync();
    }

    [Fact]
    public async Task A_caller_that_gives_up_has_its_draft_back()
    {
        await using var buffer = await StartAsync("memory");
        using var cancelled = new CancellationTokenSource();
        await cancelled.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => buffer.Buffer.AppendAsync(new Fleet(3).Draft(Start), cancelled.Token));
        await buffer.AppendAsync(new Fleet(3).Draft(Start));
    }

    public void Dispose() => _folder.Dispose();

    private Task<TestBuffer> StartAsync(string store, Action<BufferOptions>? set = null, TestBuffer? before = null) =>
        TestBuffer.StartAsync(_folder, set, store == "memory" ? new MemoryStore(_disk) : null, before);
}
