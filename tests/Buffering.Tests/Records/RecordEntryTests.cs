using FsCheck.Fluent;
using Gateway.Buffering.Codec;
using Gateway.Buffering.Records;
using Gateway.TestKit;
using Xunit;
using Record = Gateway.Buffering.Records.Record;

namespace Gateway.Buffering.Tests.Records;

/// <summary>Entries come back as they were written; bytes that were not written so are refused and nothing else.</summary>
public sealed class RecordEntryTests
{
    [Fact]
    public void A_block_names_each_of_its_rows_whatever_their_sequences_times_and_sizes() => Properties.Check(
        Prop.ForAll(ArbMap.Default.ArbFor<int>(), seed =>
        {
            var rows = Rows(new Random(seed));
            var block = Block(rows);
            var read = RecordEntry.Read(block.First, RecordEntry.Write(block));
            var directory = new RowDirectory();
            directory.Read(read);
            return directory.Sequences.SequenceEqual(rows.Select(row => row.First).ToArray())
                && directory.TimesMs.SequenceEqual(rows.Select(row => row.OldestMs).ToArray())
                && directory.Samples.SequenceEqual(rows.Select(row => (int)row.Samples).ToArray())
                && Same(read, block);
        }));

    [Fact]
    public void A_single_snapshot_comes_back() => Properties.Check(
        Prop.ForAll(ArbMap.Default.ArbFor<int>(), seed =>
        {
            foreach (var row in Rows(new Random(seed)))
            {
                if (!Same(RecordEntry.Read(row.First, RecordEntry.Write(row)), row)) return false;
            }

            return true;
        }));

    [Fact]
    public void A_steady_interval_takes_little()
    {
        var rows = new List<Record>();
        for (var i = 0; i < 480; i++) rows.Add(Row(1000 + i, 1_700_000_000_000 + (i * 15_000L) + (i % 5), 507));
        Assert.InRange(RowDirectory.Write(rows).Length, 480, 520);
    }

    [Fact]
    public void Damaged_bytes_are_refused_and_nothing_else_is_thrown()
    {
        var random = new Random(5);
        for (var round = 0; round < 3000; round++)
        {
            var block = Block(Rows(random));
            var bytes = RecordEntry.Write(block);
            if (round % 2 == 0) bytes = bytes[..random.Next(bytes.Length)];
            else bytes[random.Next(bytes.Length)] ^= (byte)(1 << random.Next(8));
            Assert.Throws<BufferFormatException>(() => RecordEntry.Read(block.First, bytes));
        }
    }

    [Fact]
    public void Contradictions_behind_a_good_checksum_are_refused()
    {
        var random = new Random(6);
        for (var round = 0; round < 3000; round++)
        {
            var bytes = RecordEntry.Write(Block(Rows(random)))[..^4];
            for (var flips = 1 + random.Next(3); flips > 0; flips--) bytes[random.Next(bytes.Length)] = (byte)random.Next(256);
            var output = new ByteWriter();
            output.Bytes(bytes);
            output.Fixed32(Envelope.Checksum(bytes));
            try
            {
                var record = RecordEntry.Read(1, output.Written);
                new RowDirectory().Read(record);
            }
            catch (BufferFormatException e)
            {
                Assert.NotEmpty(e.Reason);
            }
        }
    }

    private static List<Record> Rows(Random random)
    {
        var rows = new List<Record>();
        var (sequence, time) = (random.Next(2) == 0 ? 1 : random.NextInt64(1, long.MaxValue / 2), random.NextInt64(-5, 1L << 42));
        for (var count = random.Next(1, 60); count > 0; count--)
        {
            rows.Add(Row(sequence, time, random.Next(4) == 0 ? random.Next(1 << 20) : 507));
            sequence += random.Next(3) == 0 ? random.Next(1, 1000) : 1;
            time += random.Next(8) == 0 ? random.NextInt64(-1L << 40, 1L << 40) : 15_000 + random.Next(3);
        }

        return rows;
    }

    private static Record Row(long sequence, long time, int samples) => new()
    {
        First = sequence,
        Last = sequence,
        Kind = SnapshotKind.Metrics,
        Form = sequence > 5 ? BlobKind.Delta : BlobKind.Keyframe,
        Roster = 3,
        Keyframe = sequence > 5 ? sequence - 4 : sequence,
        OldestMs = time,
        NewestMs = time,
        Rows = 1,
        Samples = samples,
        Bytes = 77,
    };

    private static Record Block(List<Record> rows) => new()
    {
        First = rows[0].First,
        Last = rows[^1].Last,
        Kind = SnapshotKind.Pushes,
        Form = BlobKind.Block,
        Roster = 12,
        Keyframe = rows[0].First,
        OldestMs = rows.Min(row => row.OldestMs),
        NewestMs = rows.Max(row => row.OldestMs),
        Rows = rows.Count,
        Samples = rows.Sum(row => row.Samples),
        Bytes = 12_345,
        Directory = RowDirectory.Write(rows),
    };

    private static bool Same(Record a, Record b) =>
        (a.First, a.Last, a.Kind, a.Form, a.Roster, a.Keyframe) == (b.First, b.Last, b.Kind, b.Form, b.Roster, b.Keyframe)
        && (a.OldestMs, a.NewestMs, a.Rows, a.Samples, a.Bytes) == (b.OldestMs, b.NewestMs, b.Rows, b.Samples, b.Bytes)
        && a.Directory.AsSpan().SequenceEqual(b.Directory);
}
