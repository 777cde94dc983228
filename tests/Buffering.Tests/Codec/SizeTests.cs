using Gateway.Buffering.Codec;
using Gateway.TestKit;
using Xunit;

namespace Gateway.Buffering.Tests.Codec;

/// <summary>Bytes per sample of the recorded node, as upper bounds a little above what is measured (docs/decisions/0011-buffer-codec.md).</summary>
public sealed class SizeTests
{
    private readonly RecordedSnapshots _recorded = RecordedSnapshots.Read(FixtureRoot.PathOf("buffer/node-150-snapshots.prom.gz"));

    [Theory, InlineData(60, 0.40), InlineData(120, 0.38), InlineData(150, 0.36)]
    public void A_fused_sample_takes_little(int rows, double bound)
    {
        var bytes = 0L;
        foreach (var part in _recorded.Rows.Chunk(rows)) bytes += RoundTripTests.Blob(output => new BlockEncoder().Encode(0, part, output)).Length;
        Assert.InRange(bytes / (double)_recorded.Samples, 0.1, bound);
    }

    [Fact]
    public void A_sample_of_a_single_snapshot_takes_little_with_its_keyframes()
    {
        var encoder = new SnapshotEncoder();
        var bytes = _recorded.Rows.Sum(row => (long)RoundTripTests.Blob(output => encoder.Encode(0, row, output)).Length);
        Assert.InRange(bytes / (double)_recorded.Samples, 0.1, 0.74);
    }
}
