using Gateway.Buffering.Codec;
using Xunit;

namespace Gateway.Buffering.Tests.Codec;

public sealed class SnapshotRowTests
{
    [Fact]
    public void Samples_come_into_the_order_of_ids_and_times()
    {
        var row = new SnapshotRow();
        row.Reset(1, 100, ownTimes: true);
        row.Add(7, 30, 1);
        row.Add(3, 20, 2);
        row.Add(7, 10, 3);
        row.Order();
        Assert.Equal([3, 7, 7], row.Ids.ToArray());
        Assert.Equal([20, 10, 30], row.OwnTimesMs.ToArray());
        Assert.Equal([2, 3, 1], row.Values.ToArray());
    }

    [Theory, InlineData(false, 1), InlineData(false, 2), InlineData(true, 1)]
    public void Equal_times_of_a_series_are_refused_with_series_and_time(bool ownTimes, int otherTime)
    {
        var row = new SnapshotRow();
        row.Reset(1, 1, ownTimes);
        row.Add(5, 1, 10);
        row.Add(2, 1, 20);
        row.Add(5, otherTime, 30);
        foreach (var encode in (Action[])[row.Order, () => Encode(row), () => Fuse(row)])
        {
            var refused = Assert.Throws<DuplicateSampleException>(encode);
            Assert.Equal((5, 1L), (refused.Id, refused.TimeMs));
        }
    }

    [Fact]
    public void A_row_beyond_the_limits_is_not_written()
    {
        var limits = new CodecLimits { MaxSeries = 3, MaxRows = 2, MaxSamples = 5 };
        var many = Row(0, 4, 1);
        var far = Row(0, 1, 3);
        Assert.Throws<ArgumentException>(() => new SnapshotEncoder(limits: limits).Encode(0, many, new System.Buffers.ArrayBufferWriter<byte>()));
        Assert.Throws<ArgumentException>(() => new SnapshotEncoder(limits: limits).Encode(0, far, new System.Buffers.ArrayBufferWriter<byte>()));
        Assert.Throws<ArgumentException>(() => new BlockEncoder(limits).Encode(0, [many], new System.Buffers.ArrayBufferWriter<byte>()));
        Assert.Throws<ArgumentException>(() => new BlockEncoder(limits).Encode(0, [far], new System.Buffers.ArrayBufferWriter<byte>()));
        Assert.Throws<ArgumentException>(() => new BlockEncoder(limits).Encode(0, [Row(0, 3, 0), Row(1, 3, 0)], new System.Buffers.ArrayBufferWriter<byte>()));
        Assert.Throws<ArgumentException>(() => new BlockEncoder(limits).Encode(0, [Row(0, 1, 0), Row(1, 1, 0), Row(2, 1, 0)], new System.Buffers.ArrayBufferWriter<byte>()));
        Assert.Throws<ArgumentException>(() => new BlockEncoder(limits).Encode(0, [], new System.Buffers.ArrayBufferWriter<byte>()));
        Assert.Throws<ArgumentException>(() => new BlockEncoder().Encode(0, [Row(1, 1, 0), Row(1, 1, 0)], new System.Buffers.ArrayBufferWriter<byte>()));
    }

    private static SnapshotRow Row(long sequence, int count, int firstId)
    {
        var row = new SnapshotRow();
        row.Reset(sequence, sequence * 1000);
        for (var i = 0; i < count; i++) row.Add(firstId + i, 1);
        return row;
    }

    private static void Encode(SnapshotRow row) => new SnapshotEncoder().Encode(0, row, new System.Buffers.ArrayBufferWriter<byte>());

    private static void Fuse(SnapshotRow row) => new BlockEncoder().Encode(0, [row], new System.Buffers.ArrayBufferWriter<byte>());
}
