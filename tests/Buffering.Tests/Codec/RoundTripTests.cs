using System.Buffers;
using FsCheck;
using FsCheck.Fluent;
using Gateway.Buffering.Codec;
using Gateway.TestKit;
using Xunit;

namespace Gateway.Buffering.Tests.Codec;

/// <summary>What is encoded comes back bit by bit.</summary>
public sealed class RoundTripTests
{
    private static Arbitrary<int> Seeds => Arb.From(Gen.Choose(0, int.MaxValue - 1));

    [Theory, InlineData(false), InlineData(true)]
    public void Every_snapshot_opens_with_its_keyframe_alone(bool ownTimes) => Properties.Check(
        Prop.ForAll(Seeds, seed =>
        {
            var rows = Generated.Rows(seed, ownTimes);
            var encoder = new SnapshotEncoder(keyframeInterval: 1 + (seed % 7));
            var blobs = rows.ConvertAll(row => Blob(output => Assert.Equal(row.Sequence, encoder.Encode(3, row, output).FirstSequence)));
            var headers = blobs.ConvertAll(blob => BlobHeader.Read(blob));
            // In a shuffled order, so that nothing can depend on what was read before.
            var decoder = new SnapshotDecoder();
            var random = new Random(seed);
            foreach (var at in Enumerable.Range(0, rows.Count).OrderBy(_ => random.Next()))
            {
                var keyframe = headers[at].Kind == BlobKind.Delta ? blobs[headers.FindIndex(header => header.FirstSequence == headers[at].KeyframeSequence)] : [];
                var read = new SnapshotRow();
                Assert.Equal(headers[at], decoder.Decode(blobs[at], keyframe, read));
                Assert.Equal((rows[at].Sequence, rows[at].TimeMs, rows[at].HasOwnTimes), (read.Sequence, read.TimeMs, read.HasOwnTimes));
                Assert.Equal(Columns.Of(rows[at]), Columns.Of(read));
            }
        }),
        150);

    [Theory, InlineData(false), InlineData(true)]
    public void A_block_gives_back_its_rows_whole_and_in_ranges(bool ownTimes) => Properties.Check(
        Prop.ForAll(Seeds, seed =>
        {
            var rows = Generated.Rows(seed, ownTimes);
            var blob = Blob(output => new BlockEncoder().Encode(9, rows, output));
            var decoder = new BlockDecoder();
            var header = decoder.Open(blob);
            Assert.Equal((BlobKind.Block, 9L, rows.Count, rows.Sum(row => (long)row.Count)), (header.Kind, header.RosterId, header.Rows, header.Samples));
            Assert.Equal(rows.Select(row => row.Sequence), decoder.Sequences.ToArray());
            Assert.Equal(rows.Select(row => row.TimeMs), decoder.TimesMs.ToArray());
            var whole = new Columns();
            decoder.Read(whole);
            Assert.Equal(Columns.Of(rows), whole.Samples);
            var random = new Random(seed);
            var from = random.Next(rows.Count + 1);
            var to = random.Next(from, rows.Count + 1);
            var range = new Columns();
            decoder.Read(from, to, range);
            Assert.Equal(Columns.Of(rows[from..to]), range.Samples);
            bool[] wanted = [.. rows.Select(_ => random.Next(3) == 0)];
            var some = new Columns();
            decoder.Read(wanted, some);
            Assert.Equal(Columns.Of(rows.Where((_, at) => wanted[at])), some.Samples);
        }),
        150);

    [Fact]
    public void The_recorded_node_comes_back_from_snapshots_and_from_blocks()
    {
        var recorded = RecordedSnapshots.Read(FixtureRoot.PathOf("buffer/node-150-snapshots.prom.gz"));
        Assert.Equal((150, 507, 76_050L), (recorded.Rows.Count, recorded.Roster.Count, recorded.Samples));
        var encoder = new SnapshotEncoder();
        var decoder = new SnapshotDecoder();
        byte[] keyframe = [];
        foreach (var row in recorded.Rows)
        {
            var blob = Blob(output => encoder.Encode(0, row, output));
            if (BlobHeader.Read(blob).Kind == BlobKind.Keyframe) keyframe = blob;
            var read = new SnapshotRow();
            decoder.Decode(blob, keyframe, read);
            Assert.Equal(Columns.Of(row), Columns.Of(read));
        }

        var columns = new Columns();
        var block = new BlockDecoder();
        block.Open(Blob(output => new BlockEncoder().Encode(0, recorded.Rows, output)));
        block.Read(columns);
        Assert.Equal(Columns.Of(recorded.Rows), columns.Samples);
    }

    [Fact]
    public void A_hundred_thousand_series_come_back()
    {
        var random = new Random(1);
        var rows = new List<SnapshotRow>();
        for (var i = 0; i < 3; i++)
        {
            var row = new SnapshotRow();
            row.Reset(i, i * 15_000);
            for (var id = 0; id < 100_000; id++) row.Add(id, id % 10 == 0 ? random.NextDouble() : (id * 3) + i);
            rows.Add(row);
        }

        var encoder = new SnapshotEncoder();
        var blobs = rows.ConvertAll(row => Blob(output => encoder.Encode(0, row, output)));
        var read = new SnapshotRow();
        new SnapshotDecoder().Decode(blobs[2], blobs[0], read);
        Assert.True(read.Ids.SequenceEqual(rows[2].Ids) && read.Values.SequenceEqual(rows[2].Values));
        var columns = new Columns();
        var block = new BlockDecoder();
        block.Open(Blob(output => new BlockEncoder().Encode(0, rows, output)));
        block.Read(columns);
        // By hand: sorting so many samples takes longer than the codec.
        Assert.Equal(300_000, columns.Samples.Count);
        for (var i = 0; i < 300_000; i++)
        {
            var row = rows[i % 3];
            Assert.True(columns.Samples[i] == (i / 3, row.TimeMs, BitConverter.DoubleToInt64Bits(row.Values[i / 3])));
        }
    }

    /// <summary>Rows of twenty counters and gauges that always have all their series.</summary>
    internal static List<SnapshotRow> Steady(int count)
    {
        var random = new Random(5);
        var values = new double[20];
        var rows = new List<SnapshotRow>();
        for (var i = 0; i < count; i++)
        {
            var row = new SnapshotRow();
            row.Reset(10 + i, 1_700_000_000_000 + (i * 15_000L));
            for (var id = 0; id < values.Length; id++) row.Add(id, values[id] = id % 4 == 0 ? 7 : id % 4 == 1 ? random.Next(100) / 10.0 : values[id] + random.Next(50));
            rows.Add(row);
        }

        return rows;
    }

    internal static byte[] Blob(Action<IBufferWriter<byte>> write)
    {
        var output = new ArrayBufferWriter<byte>();
        write(output);
        return output.WrittenSpan.ToArray();
    }
}
