using System.Buffers;
using Gateway.Buffering.Records;
using Gateway.Buffering.Stores;

namespace Gateway.Benchmarks;

/// <summary>Makes a large store out of a small one: its blocks again and again, under sequences that go on. Good for opening; their contents name other sequences.</summary>
internal static class BufferBenchmarkFiller
{
    /// <summary>Adds copies of the blocks until the store has this size.</summary>
    public static void Multiply(string folder, int megabytes)
    {
        using var store = new SqliteBufferStore(folder, 4L << 30, 3, TimeProvider.System);
        var found = new Found();
        store.Open(found);
        var block = found.Records.Find(record => record.IsBlock) ?? throw new InvalidOperationException("The store has no block.");
        var content = new ArrayBufferWriter<byte>();
        store.TryRead(block.First, content);
        var bytes = content.WrittenSpan.ToArray();
        var (span, shift) = (block.Last - block.First + 1, found.Records[^1].Last);
        var change = new StoreChange();
        for (var first = shift + 1; store.Size.UsedBytes < (long)megabytes << 20; first += span)
        {
            change.Clear();
            for (var i = 0; i < 32; i++, first += span)
            {
                var copy = new Record
                {
                    First = first,
                    Last = first + span - 1,
                    Kind = block.Kind,
                    Form = block.Form,
                    Roster = block.Roster,
                    Keyframe = first,
                    OldestMs = block.OldestMs,
                    NewestMs = block.NewestMs,
                    Rows = block.Rows,
                    Samples = block.Samples,
                    Bytes = block.Bytes,
                    Directory = block.Directory,
                };
                change.Add(new StoreRecord(first, IsBlock: true, RecordEntry.Write(copy), bytes));
            }

            store.Commit(change);
            store.Tidy(shrink: false);
        }
    }

    private sealed class Found : IStoreVisitor
    {
        public List<Record> Records { get; } = [];

        public void Record(long key, ReadOnlySpan<byte> entry) => Records.Add(RecordEntry.Read(key, entry));

        public void Roster(long roster)
        {
            // They stay as they are.
        }

        public void Reader(string name, int kind, string backlog, long seenMs, string state)
        {
            // There are none.
        }

        public void Counters(StoreCounters counters)
        {
            // The next opening takes the last record.
        }
    }
}
