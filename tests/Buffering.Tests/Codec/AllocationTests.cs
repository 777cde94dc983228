using System.Buffers;
using Gateway.Buffering.Codec;
using Gateway.TestKit;
using Xunit;

namespace Gateway.Buffering.Tests.Codec;

/// <summary>What is used again and again allocates nothing for the samples that go through it.</summary>
public sealed class AllocationTests
{
    /// <summary>Per call, whatever the number of samples: enumerators and the compressor's handle.</summary>
    private const int PerCall = 1024;

    private readonly RecordedSnapshots _recorded = RecordedSnapshots.Read(FixtureRoot.PathOf("buffer/node-150-snapshots.prom.gz"));
    private readonly ArrayBufferWriter<byte> _output = new(4 << 20);

    [Fact]
    public void Snapshots()
    {
        var (encoder, decoder, row) = (new SnapshotEncoder(), new SnapshotDecoder(), new SnapshotRow());
        var blobs = _recorded.Rows.ConvertAll(one => RoundTripTests.Blob(output => encoder.Encode(0, one, output)));
        decoder.Decode(blobs[0], [], row);
        decoder.Decode(blobs[1], blobs[0], row);
        Settled(() => encoder.Encode(1, _recorded.Rows[0], _output));
        Settled(() => encoder.Encode(1, _recorded.Rows[1], _output));
        Settled(() => decoder.Decode(blobs[1], blobs[0], row));
        Settled(() => decoder.Decode(blobs[0], [], row));
    }

    [Fact]
    public void Blocks()
    {
        var (encoder, decoder, sink) = (new BlockEncoder(), new BlockDecoder(), new Nothing());
        var blob = RoundTripTests.Blob(output => encoder.Encode(0, _recorded.Rows, output));
        Settled(() => encoder.Encode(0, _recorded.Rows, _output));
        Settled(() =>
        {
            decoder.Open(blob);
            decoder.Read(sink);
        });
        Assert.Equal(0, sink.Samples % _recorded.Samples);
    }

    private void Settled(Action call)
    {
        call();
        _output.ResetWrittenCount();
        var before = GC.GetAllocatedBytesForCurrentThread();
        call();
        Assert.InRange(GC.GetAllocatedBytesForCurrentThread() - before, 0, PerCall);
        _output.ResetWrittenCount();
    }

    private sealed class Nothing : IColumnSink
    {
        public long Samples { get; private set; }

        public void Column(int id, ReadOnlySpan<long> timesMs, ReadOnlySpan<double> values) => Samples += values.Length;
    }
}
