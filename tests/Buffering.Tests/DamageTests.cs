using System.Buffers;
using Gateway.Buffering.Codec;
using Gateway.Buffering.Records;
using Gateway.Buffering.Stores;
using Gateway.Buffering.Tests.Stores;
using Gateway.TestKit;
using Xunit;
using Record = Gateway.Buffering.Records.Record;

namespace Gateway.Buffering.Tests;

/// <summary>Files that are not what was written: torn logs, flipped bits, cut and foreign files. Never an exception, never a wrong sample; what is gone is counted.</summary>
public sealed class DamageTests : IDisposable
{
    private const long Start = TestBuffer.StartMs;
    private const int Interval = 15_000;
    private const int RecordDamaged = 2004;
    private const int EntriesDamaged = 2007;
    private const int Quarantined = 2003;

    private readonly TempFolder _folder = new();

    [Fact]
    public async Task A_log_torn_at_any_place_costs_no_more_than_its_end()
    {
        var (before, inFile) = await AbandonAsync(synced: 60, inLog: 60);
        var log = await File.ReadAllBytesAsync(_folder["copy/buffer.db-wal"]);
        var random = new Random(7);
        for (var round = 0; round < 60; round++)
        {
            using var torn = new TempFolder();
            File.Copy(_folder["copy/buffer.db"], torn["buffer.db"]);
            var bytes = log.ToArray();
            var at = random.Next(bytes.Length);
            // Cut off, not written at all, or with some bits of another time.
            if (round % 3 == 0) bytes = bytes[..at];
            else if (round % 3 == 1) bytes.AsSpan(at, Math.Min(4096, bytes.Length - at)).Clear();
            else bytes[at] ^= (byte)(1 << random.Next(8));
            await File.WriteAllBytesAsync(torn["buffer.db-wal"], bytes);
            await using var buffer = await TestBuffer.StartAsync(torn, before: before);
            var newest = buffer.Buffer.Newest(SnapshotKind.Metrics)!.Value.Sequence;
            Assert.InRange(newest, inFile, 120);
            Assert.Equal(buffer.Expected(SnapshotKind.Metrics, SequenceRanges.Of(1, newest)), await buffer.ReadAllAsync(SnapshotKind.Metrics));
            Assert.True((await buffer.Buffer.AppendAsync(new Fleet(3).Draft(Start + 5_000_000), default)).Durable);
        }
    }

    [Fact]
    public async Task A_copy_of_the_open_files_has_everything_that_was_acknowledged()
    {
        var (before, _) = await AbandonAsync(synced: 30, inLog: 500);
        await using var buffer = await TestBuffer.StartAsync(_folder["copy"], before: before);
        Assert.Equal(530, buffer.Buffer.Newest(SnapshotKind.Metrics)!.Value.Sequence);
        Assert.Equal(buffer.Expected(SnapshotKind.Metrics, SequenceRanges.All), await buffer.ReadAllAsync(SnapshotKind.Metrics));
        Assert.Equal("1-", Assert.Single(buffer.Buffer.Readers).Backlog.ToString());
    }

    [Fact]
    public async Task Flipped_bits_in_the_file_never_give_a_wrong_sample_and_what_is_gone_is_counted()
    {
        var (before, _) = await AbandonAsync(synced: 200, inLog: 0);
        var file = await File.ReadAllBytesAsync(_folder["copy/buffer.db"]);
        var random = new Random(11);
        for (var round = 0; round < 60; round++)
        {
            using var damaged = new TempFolder();
            var bytes = file.ToArray();
            for (var flips = 1 + random.Next(6); flips > 0; flips--) bytes[random.Next(bytes.Length)] ^= (byte)(1 << random.Next(8));
            await File.WriteAllBytesAsync(damaged["buffer.db"], bytes);
            await using var buffer = await TestBuffer.StartAsync(damaged, before: before);
            var read = await buffer.ReadAllAsync(SnapshotKind.Metrics);
            var expected = buffer.Expected(SnapshotKind.Metrics, SequenceRanges.All);
            var wrong = read.Except(expected).Take(3).ToList();
            Assert.True(wrong.Count == 0, $"round {round}: {string.Join(", ", wrong)}\n{buffer.Log.Text}");
            var noticed = buffer.Buffer.Figures.LostSamples[(int)LossReason.Damage] > 0 || buffer.Log.Count(EntriesDamaged) > 0 || buffer.Log.Count(Quarantined) > 0;
            Assert.True(read.Count == expected.Count || noticed, $"round {round}: {expected.Count - read.Count} samples missing, and nobody knows. {buffer.Log.Text}");
            Assert.True((await buffer.Buffer.AppendAsync(new Fleet(3).Draft(Start + 5_000_000), default)).Durable);
        }
    }

    [Fact]
    public async Task A_damaged_snapshot_costs_itself_and_those_that_need_it()
    {
        var (before, _) = await AbandonAsync(synced: 29, inLog: 0);
        List<Record> lost;
        using (var store = new SqliteBufferStore(_folder["copy"], 1 << 30, 3, TimeProvider.System))
        {
            var found = new Finder();
            store.Open(found);
            var delta = found.Records.Find(record => record.IsDelta)!;
            var keyframe = found.Records.Find(record => record.Form == BlobKind.Keyframe && record.First > delta.First)!;
            lost = [delta, .. found.Records.FindAll(record => record.Keyframe == keyframe.First)];
            Assert.InRange(lost.Count, 4, 12);
            Spoil(store, delta);
            Spoil(store, keyframe);
        }

        await using var buffer = await TestBuffer.StartAsync(_folder["copy"], before: before);
        var left = SequenceRanges.All;
        foreach (var record in lost) left = left.Remove(record.First, record.First);
        Assert.Equal(buffer.Expected(SnapshotKind.Metrics, left), await buffer.ReadAllAsync(SnapshotKind.Metrics));
        Assert.Equal(lost.Count * 12, buffer.Buffer.Figures.LostSamples[(int)LossReason.Damage]);
        Assert.Equal(2, buffer.Log.Count(RecordDamaged));
        Assert.Equal(0, buffer.Buffer.Figures.Quarantines);

        static void Spoil(SqliteBufferStore store, Record record)
        {
            var content = new ArrayBufferWriter<byte>();
            Assert.True(store.TryRead(record.First, content));
            var bytes = content.WrittenSpan.ToArray();
            bytes[bytes.Length / 2] ^= 1;
            var change = new StoreChange();
            change.Add(new StoreRecord(record.First, IsBlock: false, RecordEntry.Write(record), bytes));
            store.Commit(change);
        }
    }

    [Theory]
    [InlineData("empty")]
    [InlineData("text")]
    [InlineData("cut")]
    [InlineData("header")]
    public async Task A_file_that_is_no_buffer_is_set_aside_and_a_fresh_one_takes_its_place(string how)
    {
        await AbandonAsync(synced: 200, inLog: 0);
        var path = _folder["copy/buffer.db"];
        File.Delete(path + "-wal");
        var bytes = await File.ReadAllBytesAsync(path);
        await File.WriteAllBytesAsync(path, how switch
        {
            "empty" => [],
            "text" => "This was never a database, and it is longer than the header of one, which has a hundred bytes, of which the first ones say what it is."u8.ToArray(),
            "cut" => bytes[..(bytes.Length / 3)],
            _ => [.. new byte[100], .. bytes[100..]],
        });
        await using var buffer = await TestBuffer.StartAsync(_folder["copy"]);
        await buffer.ReadAllAsync(SnapshotKind.Metrics);
        await buffer.AppendAsync(new Fleet(3), Start);
        Assert.True(Assert.Single(buffer.Stamps).Durable);
        Assert.Equal(buffer.Expected(SnapshotKind.Metrics, SequenceRanges.All), await buffer.ReadAllAsync(SnapshotKind.Metrics, SequenceRanges.Of(buffer.Stamps[0].Sequence)));
        if (how != "empty") Assert.Equal(1, buffer.Buffer.Figures.Quarantines);
        if (how != "empty") Assert.Single(Directory.GetFiles(_folder["copy"], "buffer.db.damaged-*"), file => !file.EndsWith("-wal", StringComparison.Ordinal));
    }

    [Fact]
    public async Task Damage_met_at_run_time_keeps_what_memory_has_and_counts_the_rest()
    {
        var disk = new MemoryStore.Disk();
        await using var buffer = await TestBuffer.StartAsync(_folder, options => options.KeyframeInterval = 10, new MemoryStore(disk));
        var fleet = new Fleet(20);
        await buffer.Buffer.SaveReaderAsync(new BufferReader("scrape/a", SnapshotKind.Metrics, SequenceRanges.Of(5), 3), default);
        for (var i = 0; i < 25; i++) await buffer.AppendAsync(fleet, Start + (i * Interval));
        disk.Fault = BufferStoreFault.Damaged;
        var stamp = await buffer.AppendAsync(fleet, Start + (25 * Interval));
        Assert.Equal((26L, true), (stamp.Sequence, stamp.Durable));
        Assert.Equal((1L, 1, 1), (buffer.Buffer.Figures.Quarantines, disk.SetAsides, buffer.Log.Count(Quarantined)));

        // Of 5 to 25 all are gone but the keyframe that 26 needs: it was in memory still.
        Assert.Equal(20 * 20, buffer.Buffer.Figures.LostSamples[(int)LossReason.Damage]);
        var keyframe = buffer.Buffer.Oldest(SnapshotKind.Metrics)!.Value.Sequence;
        Assert.InRange(keyframe, 15, 25);
        var left = SequenceRanges.Of(keyframe, keyframe).Add(26);
        Assert.Equal(buffer.Expected(SnapshotKind.Metrics, left), await buffer.ReadAllAsync(SnapshotKind.Metrics));
        await buffer.AppendAsync(fleet, Start + (26 * Interval));
        await buffer.DisposeAsync();
        await using var again = await TestBuffer.StartAsync(_folder, store: new MemoryStore(disk), before: buffer);
        Assert.Equal(again.Expected(SnapshotKind.Metrics, left), await again.ReadAllAsync(SnapshotKind.Metrics));
        Assert.Equal("5-", Assert.Single(again.Buffer.Readers).Backlog.ToString());
    }

    public void Dispose() => _folder.Dispose();

    /// <summary>Leaves copies of the files of a buffer that was never closed in <c>copy</c>, as kill -9 would.</summary>
    private async Task<(TestBuffer Buffer, long InFile)> AbandonAsync(int synced, int inLog)
    {
        static void Set(BufferOptions options) => (options.KeyframeInterval, options.FuseSnapshots) = (10, 30);

        var fleet = new Fleet(12);
        var first = await TestBuffer.StartAsync(_folder, Set);
        await using (first)
        {
            await first.Buffer.SaveReaderAsync(new BufferReader("scrape/a", SnapshotKind.Metrics, SequenceRanges.All, 3), default);
            for (var i = 0; i < synced; i++) await first.AppendAsync(fleet, Start + (i * Interval));
            await Until.TrueAsync(() => first.Buffer.Figures.FusedBlocks >= (synced - 1) / 30, () => $"{first.Buffer.Figures.FusedBlocks}");
        }

        Directory.CreateDirectory(_folder["copy"]);
        var second = await TestBuffer.StartAsync(_folder, Set, before: first);
        await using (second)
        {
            for (var i = 0; i < inLog; i++) await second.AppendAsync(fleet, Start + ((synced + i) * Interval));
            foreach (var file in Directory.GetFiles(_folder)) File.Copy(file, _folder["copy/" + Path.GetFileName(file)]);
        }

        return (second, synced);
    }

    private sealed class Finder : IStoreVisitor
    {
        public List<Record> Records { get; } = [];

        public void Record(long key, ReadOnlySpan<byte> entry) => Records.Add(RecordEntry.Read(key, entry));

        public void Roster(long roster)
        {
            // Not needed.
        }

        public void Reader(string name, int kind, string backlog, long seenMs, string state)
        {
            // Not needed.
        }

        public void Counters(StoreCounters counters)
        {
            // Not needed.
        }
    }
}
