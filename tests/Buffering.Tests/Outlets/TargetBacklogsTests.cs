using Gateway.Buffering.Outlets;
using Gateway.TestKit;
using Xunit;

namespace Gateway.Buffering.Tests.Outlets;

public sealed class TargetBacklogsTests : IDisposable
{
    private readonly MemorySnapshotBuffer _buffer = new();
    private readonly Shelf _shelf;
    private readonly List<TargetBacklogs> _made = [];

    public TargetBacklogsTests() => _shelf = new Shelf(_buffer);

    [Fact]
    public async Task Snapshots_leave_the_shelf_when_all_targets_have_delivered_them()
    {
        Fill(10);
        var backlogs = await StartAsync(RemoteWriteMode.Undeliverable, "a", "b");
        await AsideAsync(backlogs, SequenceRanges.Of(2, 6));
        Assert.Equal(("2-6", "2-6", "2-6"), (OnShelf, Of("a"), Of("b")));
        await backlogs.DoneAsync("a", SnapshotKind.Metrics, SequenceRanges.Of(2, 4), CancellationToken.None);
        Assert.Equal(("2-6", "5-6", "2-6"), (OnShelf, Of("a"), Of("b")));
        await backlogs.DoneAsync("b", SnapshotKind.Metrics, SequenceRanges.Of(1, 3), CancellationToken.None);
        Assert.Equal(("4-6", "5-6", "4-6"), (OnShelf, Of("a"), Of("b")));
    }

    [Fact]
    public async Task Without_targets_they_stay_and_the_first_target_gets_them()
    {
        Fill(10);
        await StartAsync(RemoteWriteMode.Off);
        await _shelf.AddAsync(SnapshotKind.Metrics, SequenceRanges.Of(2, 6), CancellationToken.None);
        Assert.Equal("2-6", OnShelf);
        await StartAsync(RemoteWriteMode.Undeliverable, "a");
        Assert.Equal(("2-6", "2-6"), (OnShelf, Of("a")));
    }

    [Fact]
    public async Task A_restart_changes_nothing()
    {
        Fill(10);
        var backlogs = await StartAsync(RemoteWriteMode.Undeliverable, "a", "b");
        await AsideAsync(backlogs, SequenceRanges.Of(2, 6));
        await backlogs.DoneAsync("a", SnapshotKind.Metrics, SequenceRanges.Of(2, 6), CancellationToken.None);
        await StartAsync(RemoteWriteMode.Undeliverable, "a", "b");
        Assert.Equal(("2-6", "", "2-6"), (OnShelf, Of("a"), Of("b")));
    }

    [Fact]
    public async Task A_target_that_is_no_longer_named_is_forgotten_and_a_new_one_gets_the_whole_shelf()
    {
        Fill(10);
        var backlogs = await StartAsync(RemoteWriteMode.Undeliverable, "a", "b");
        await AsideAsync(backlogs, SequenceRanges.Of(2, 6));
        await backlogs.DoneAsync("a", SnapshotKind.Metrics, SequenceRanges.Of(2, 4), CancellationToken.None);
        await StartAsync(RemoteWriteMode.Undeliverable, "a", "c");
        Assert.Equal(("2-6", "5-6", "2-6"), (OnShelf, Of("a"), Of("c")));
        Assert.DoesNotContain(_buffer.Readers, reader => reader.Name == "remote-write/b");
        // Without the slow one only what the other still has to get is left.
        await StartAsync(RemoteWriteMode.Undeliverable, "a");
        Assert.Equal("5-6", OnShelf);
    }

    [Fact]
    public async Task What_two_consumers_put_aside_one_after_the_other_is_delivered_once()
    {
        Fill(10);
        var backlogs = await StartAsync(RemoteWriteMode.Undeliverable, "a");
        await AsideAsync(backlogs, SequenceRanges.Of(2, 6));
        await backlogs.DoneAsync("a", SnapshotKind.Metrics, SequenceRanges.Of(2, 6), CancellationToken.None);
        await AsideAsync(backlogs, SequenceRanges.Of(4, 8));
        Assert.Equal(("7-8", "7-8"), (OnShelf, Of("a")));
    }

    [Fact]
    public async Task Always_begins_with_shelf_and_backlogs_of_scrapes_and_takes_all_that_comes()
    {
        Fill(10);
        await _buffer.SaveReaderAsync(new BufferReader(BufferReader.Aside, SnapshotKind.Metrics, SequenceRanges.Of(1, 2), 0), CancellationToken.None);
        await _buffer.SaveReaderAsync(new BufferReader("scrape/default", SnapshotKind.Metrics, SequenceRanges.Of(8), 0), CancellationToken.None);
        var backlogs = await StartAsync(RemoteWriteMode.Always, "a");
        Assert.Equal("1-2,8-", Of("a"));
        await backlogs.DoneAsync("a", SnapshotKind.Metrics, SequenceRanges.Of(1, 9), CancellationToken.None);
        Assert.Equal(("", "10-"), (OnShelf, Of("a")));
        // Delivered already; only what is not stays aside.
        await AsideAsync(backlogs, SequenceRanges.Of(9, 10));
        Assert.Equal(("10", "10-"), (OnShelf, Of("a")));
        // From before it began: who knows whether it ever had these.
        await AsideAsync(await StartAsync(RemoteWriteMode.Always, "a"), SequenceRanges.Of(4, 5));
        Assert.Equal(("4-5,10", "4-5,10-"), (OnShelf, Of("a")));
    }

    [Fact]
    public async Task Always_without_anything_before_begins_with_the_next_snapshot()
    {
        Fill(10);
        await StartAsync(RemoteWriteMode.Always, "a");
        Assert.Equal(("11-", "11-"), (Of("a"), Of("a", SnapshotKind.Pushes)));
    }

    [Fact]
    public async Task Another_mode_keeps_what_was_promised()
    {
        Fill(10);
        var backlogs = await StartAsync(RemoteWriteMode.Always, "a");
        Fill(5);
        await StartAsync(RemoteWriteMode.Undeliverable, "a");
        Assert.Equal("11-15", Of("a"));
        await StartAsync(RemoteWriteMode.Always, "a");
        Assert.Equal("11-", Of("a"));
        Assert.Equal("11-", (await backlogs.BacklogAsync("a", SnapshotKind.Metrics, CancellationToken.None)).ToString());
    }

    [Fact]
    public async Task When_the_buffer_had_to_begin_anew_its_first_snapshots_are_not_passed_over()
    {
        Fill(10);
        var always = await StartAsync(RemoteWriteMode.Always, "a");
        _buffer.BeginAnew();
        // Of the old buffer: its sequences are others.
        await always.DoneAsync("a", SnapshotKind.Metrics, SequenceRanges.Of(11, 12), CancellationToken.None);
        Fill(3);
        Assert.Equal(SequenceRanges.All, await always.BacklogAsync("a", SnapshotKind.Metrics, CancellationToken.None));
        var backlogs = await StartAsync(RemoteWriteMode.Undeliverable, "a");
        await AsideAsync(backlogs, SequenceRanges.Of(1, 2));
        await backlogs.DoneAsync("a", SnapshotKind.Metrics, SequenceRanges.Of(1, 3), CancellationToken.None);
        _buffer.BeginAnew();
        Fill(2);
        await AsideAsync(backlogs, SequenceRanges.Of(1, 2));
        Assert.Equal(("1-2", "1-2"), (OnShelf, Of("a")));
    }

    public void Dispose()
    {
        _made.ForEach(made => made.Dispose());
        _shelf.Dispose();
    }

    private string OnShelf => Read(BufferReader.Aside, SnapshotKind.Metrics);

    private string Of(string target, SnapshotKind kind = SnapshotKind.Metrics) => Read("remote-write/" + target, kind);

    private string Read(string name, SnapshotKind kind) => _buffer.Readers.FirstOrDefault(reader => reader.Name == name && reader.Kind == kind)?.Backlog.ToString() ?? "";

    /// <summary>As whoever cannot deliver by scrape does; then a target looks at what it has to do.</summary>
    private async Task AsideAsync(TargetBacklogs backlogs, SequenceRanges ranges)
    {
        await _shelf.AddAsync(SnapshotKind.Metrics, ranges, CancellationToken.None);
        await backlogs.BacklogAsync("a", SnapshotKind.Metrics, CancellationToken.None);
    }

    private void Fill(int snapshots)
    {
        for (var i = 0; i < snapshots; i++) _buffer.Append(1000 + i, (TargetRig.Gauges(1)[0], i));
    }

    private async Task<TargetBacklogs> StartAsync(RemoteWriteMode mode, params string[] targets)
    {
        var backlogs = new TargetBacklogs(_buffer, _shelf, new ManualTimeProvider());
        _made.Add(backlogs);
        await backlogs.StartAsync(targets, mode, CancellationToken.None);
        return backlogs;
    }
}
