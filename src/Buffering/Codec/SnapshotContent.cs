namespace Gateway.Buffering.Codec;

/// <summary>Ids, times and values of one row.</summary>
internal static class SnapshotContent
{
    private const string Where = "snapshot";

    public static void Write(ByteWriter output, SnapshotRow row, SnapshotRow? keyframe)
    {
        output.Clear();
        var at = 0;
        var (lastId, lastTime) = (-1, row.TimeMs);
        for (var i = 0; i < row.Count; i++)
        {
            var id = row.Ids[i];
            output.Varint((ulong)(row.HasOwnTimes ? id - Math.Max(0, lastId) : id - lastId - 1));
            if (row.HasOwnTimes)
            {
                output.Signed(unchecked(row.OwnTimesMs[i] - lastTime));
                lastTime = row.OwnTimesMs[i];
            }

            lastId = id;
            output.Fixed64(BitConverter.DoubleToUInt64Bits(row.Values[i]) ^ Reference(keyframe, id, ref at));
        }
    }

    public static void Read(ReadOnlySpan<byte> content, SnapshotRow row, SnapshotRow? keyframe, int count, CodecLimits limits)
    {
        var reader = new ByteReader(content, Where);
        var at = 0;
        var (lastId, lastTime) = (-1L, row.TimeMs);
        row.EnsureCapacity(count);
        for (var i = 0; i < count; i++)
        {
            var step = reader.Count("series", limits.MaxSeries);
            var id = row.HasOwnTimes ? Math.Max(0, lastId) + step : lastId + step + 1;
            if (id >= limits.MaxSeries) throw BufferFormatException.TooLarge(Where, "series", id + 1, limits.MaxSeries);
            var time = row.HasOwnTimes ? unchecked(lastTime + reader.Signed()) : row.TimeMs;
            if (row.HasOwnTimes && i > 0 && id == lastId && time <= lastTime) throw BufferFormatException.Damaged(Where, "times of a series do not ascend");
            (lastId, lastTime) = (id, time);
            row.Add((int)id, time, BitConverter.UInt64BitsToDouble(reader.Fixed64() ^ Reference(keyframe, (int)id, ref at)));
        }

        reader.End();
    }

    private static ulong Reference(SnapshotRow? keyframe, int id, ref int at)
    {
        if (keyframe is null) return 0;
        var ids = keyframe.Ids;
        while (at < ids.Length && ids[at] < id) at++;
        return at < ids.Length && ids[at] == id ? BitConverter.DoubleToUInt64Bits(keyframe.Values[at]) : 0;
    }
}
