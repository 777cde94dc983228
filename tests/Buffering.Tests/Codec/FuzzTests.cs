using System.Diagnostics;
using Gateway.Buffering.Codec;
using Gateway.Exposition;
using Xunit;

namespace Gateway.Buffering.Tests.Codec;

/// <summary>
/// Damaged blobs: whatever the bytes, a decoder answers with samples that keep its promises or with <see cref="BufferFormatException"/>, soon and in little memory.
/// </summary>
public sealed class FuzzTests
{
    private const int Seed = 20260101;
    private const int Rounds = 30_000;

    /// <summary>Bound of one test in a normal run; the rounds end early on a slow machine.</summary>
    private static readonly TimeSpan Budget = TimeSpan.FromSeconds(2);

    private static readonly CodecLimits Limits = new()
    {
        MaxSeries = 2000,
        MaxRows = 300,
        MaxSamples = 20_000,
        MaxTextBytes = 1000,
        MaxUncompressedBytes = 64 << 10,
    };

    /// <summary>Bytes that one call may allocate under these limits: rows, columns and parts at their largest, doubled by growing.</summary>
    private const int MaxAllocated = 2 << 20;

    private readonly BlockDecoder _block = new(Limits);
    private readonly SnapshotDecoder _snapshot = new(Limits);
    private readonly SnapshotRow _row = new();
    private readonly Checking _sink = new();

    [Theory, InlineData(false), InlineData(true)]
    public void Damaged_blobs_never_cause_another_fault(bool sealedAgain)
    {
        var random = new Random(Seed);
        var corpus = Corpus();
        var clock = Stopwatch.StartNew();
        var (good, bad) = (0, 0);
        for (var round = 0; round < Rounds && clock.Elapsed < Budget; round++)
        {
            var blob = Mutated(random, corpus);
            if (sealedAgain && blob.Length > 4) EnvelopeTests.Seal(blob);
            var keyframe = random.Next(2) == 0 ? corpus[random.Next(corpus.Count)] : blob;
            var before = GC.GetAllocatedBytesForCurrentThread();
            var fault = Record.Exception(() => ReadAll(blob, keyframe));
            var allocated = GC.GetAllocatedBytesForCurrentThread() - before;
            Assert.True(fault is null or BufferFormatException, $"round {round}: {Convert.ToBase64String(blob)}: {fault}");
            Assert.True(allocated <= MaxAllocated, $"round {round}: {allocated} bytes: {Convert.ToBase64String(blob)}");
            if (fault is null) good++;
            else bad++;
        }

        Assert.True(bad > 100 && (good > 10 || !sealedAgain), $"{good} read, {bad} refused: the mutations are too weak or too strong");
        // The decoders that met all this still work.
        foreach (var blob in corpus) Assert.True(Record.Exception(() => ReadAll(blob, corpus[1])) is null or BufferFormatException { Fault: BufferFault.WrongBlob });
    }

    [Fact]
    public void Crafted_sizes_are_refused_before_anything_is_allocated()
    {
        var sizes = (ulong[])[int.MaxValue, 1UL << 31, uint.MaxValue, long.MaxValue, ulong.MaxValue, 2001, 301, 65_537];
        foreach (var kind in Enum.GetValues<BlobKind>())
        {
            foreach (var at in Enumerable.Range(0, 9))
            {
                foreach (var size in sizes)
                {
                    // A header of ones with one number replaced: sooner or later each field is the large one.
                    var blob = RoundTripTests.Blob(output =>
                    {
                        var writer = new ByteWriter();
                        Envelope.Open(writer, kind);
                        for (var field = 0; field < 12; field++) writer.Varint(field == at ? size : 1);
                        Envelope.Close(writer, output);
                    });
                    var before = GC.GetAllocatedBytesForCurrentThread();
                    var fault = Record.Exception(() => ReadAll(blob, blob));
                    Assert.True(fault is null or BufferFormatException, $"{kind} {at} {size}: {fault}");
                    Assert.InRange(GC.GetAllocatedBytesForCurrentThread() - before, 0, MaxAllocated);
                }
            }
        }
    }

    [Fact]
    public void A_small_blob_cannot_ask_for_many_numbers()
    {
        // Own times: each series has a number in each row, whether it has a sample there or not.
        var few = new CodecLimits { MaxSamples = 1000 };
        List<SnapshotRow> rows = [.. Enumerable.Range(0, 50).Select(i =>
        {
            var row = new SnapshotRow();
            row.Reset(i, i * 1000, ownTimes: true);
            row.Add(i, i * 1000, 1);
            return row;
        })];
        Assert.Throws<ArgumentException>(() => new BlockEncoder(few).Encode(1, rows, new System.Buffers.ArrayBufferWriter<byte>()));
        var blob = RoundTripTests.Blob(output => new BlockEncoder().Encode(1, rows, output));
        Assert.Equal(BufferFault.TooLarge, Assert.Throws<BufferFormatException>(() => new BlockDecoder(few).Open(blob)).Fault);
        new BlockDecoder(new CodecLimits { MaxSamples = 2500 }).Open(blob);
    }

    private void ReadAll(byte[] blob, byte[] keyframe)
    {
        var header = BlobHeader.Read(blob, Limits);
        switch (header.Kind)
        {
            case BlobKind.Roster:
                var roster = new RosterDecoder(header.RosterId, Limits);
                roster.Append(blob);
                if (roster.Series.Count != header.Samples) throw new InvalidOperationException("Not the series that the header says.");
                break;
            case BlobKind.Block:
                _block.Open(blob);
                _sink.Begin(header.Samples);
                _block.Read(_sink);
                _sink.End();
                break;
            default:
                _snapshot.Decode(blob, keyframe, _row);
                if (_row.Count != header.Samples || !_row.IsOrdered) throw new InvalidOperationException("Not the samples that the header says.");
                break;
        }
    }

    private static List<byte[]> Corpus()
    {
        var family = MetricFamily.Create("f_seconds", MetricType.Histogram, "Some help.", "seconds", "a", "b");
        SeriesKey[] series = [.. Enumerable.Range(0, 12).Select(i => new SeriesKey(Series.Create(family, [$"{i}", "ü"], SampleRole.Bucket, i)))];
        var encoder = new SnapshotEncoder();
        var blobs = new List<byte[]> { RoundTripTests.Blob(output => new RosterEncoder().Encode(1, 0, series, output)) };
        blobs.AddRange(RoundTripTests.Steady(12).ConvertAll(row => RoundTripTests.Blob(output => encoder.Encode(1, row, output))));
        for (var seed = 1; seed < 12; seed++)
        {
            var rows = Generated.Rows(seed, ownTimes: seed % 3 == 0);
            if (rows.Exists(row => row.Count > 0 && row.Ids[^1] >= Limits.MaxSeries)) continue;
            blobs.AddRange(rows.Take(4).Select(row => RoundTripTests.Blob(output => encoder.Encode(2, row, output))));
            blobs.Add(RoundTripTests.Blob(output => new BlockEncoder().Encode(1, rows, output)));
        }

        return blobs;
    }

    private static byte[] Mutated(Random random, List<byte[]> corpus)
    {
        var blob = (byte[])corpus[random.Next(corpus.Count)].Clone();
        for (var count = random.Next(1, 4); count > 0; count--)
        {
            var at = random.Next(blob.Length);
            switch (random.Next(6))
            {
                case 0:
                    blob[at] ^= (byte)(1 << random.Next(8));
                    break;
                case 1:
                    blob[at] = (byte)random.Next(256);
                    break;
                case 2:
                    blob = blob[..Math.Max(1, at)];
                    break;
                case 3:
                    var other = corpus[random.Next(corpus.Count)];
                    blob = [.. blob[..at], .. other[random.Next(other.Length)..]];
                    break;
                case 4:
                    blob = [.. blob[..at], 0xFF, 0xFF, 0xFF, 0xFF, 0x7F, .. blob[at..]];
                    break;
                default:
                    var end = random.Next(at, blob.Length);
                    blob = [.. blob[..at], .. blob[end..], 0, 0];
                    break;
            }
        }

        return blob;
    }

    /// <summary>A sink that insists on what columns promise.</summary>
    private sealed class Checking : IColumnSink
    {
        private int _last;
        private long _left;

        public void Begin(long samples) => (_last, _left) = (-1, samples);

        public void Column(int id, ReadOnlySpan<long> timesMs, ReadOnlySpan<double> values)
        {
            if (id <= _last || timesMs.Length != values.Length || values.IsEmpty) throw new InvalidOperationException("Not a column.");
            _last = id;
            _left -= values.Length;
        }

        public void End()
        {
            if (_left != 0) throw new InvalidOperationException("Not the samples that the header says.");
        }
    }
}
