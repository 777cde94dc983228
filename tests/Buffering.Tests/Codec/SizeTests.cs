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
        Assert.InRange(bytes / (double)_recorded.Samples, 0.1, 0.72);
    }

    [Fact]
    public void A_pause_spoils_no_prediction()
    {
        // The same rows, the second half a day later, as far on as counters get in a day.
        var encoder = new SnapshotEncoder(keyframeInterval: 10);
        var rows = RoundTripTests.Steady(150);
        foreach (var row in rows.Take(75)) RoundTripTests.Blob(output => encoder.Encode(0, row, output));
        var late = rows.Skip(75).Select(row =>
        {
            var moved = new SnapshotRow();
            moved.Reset(row.Sequence, row.TimeMs + 86_400_000);
            for (var i = 0; i < row.Count; i++) moved.Add(row.Ids[i], row.Ids[i] % 4 < 2 ? row.Values[i] : row.Values[i] + (25 * 5760));
            return moved;
        });
        var sizes = late.Select(row => RoundTripTests.Blob(output => encoder.Encode(0, row, output)).Length).ToArray();
        var undisturbed = new SnapshotEncoder(keyframeInterval: 10);
        var usual = rows.Select(row => RoundTripTests.Blob(output => undisturbed.Encode(0, row, output)).Length).Skip(75).Sum();
        Assert.InRange(sizes.Sum(), usual / 2, usual * 11 / 10);
    }
}
