using Gateway.Buffering.Codec;

namespace Gateway.Buffering.Tests.Codec;

/// <summary>A sink that keeps everything, and the same list made from rows without any codec.</summary>
internal sealed class Columns : IColumnSink
{
    /// <summary>Id, time and bits of each sample, column by column.</summary>
    public List<(int Id, long TimeMs, long Bits)> Samples { get; } = [];

    public void Column(int id, ReadOnlySpan<long> timesMs, ReadOnlySpan<double> values)
    {
        if (timesMs.Length != values.Length || values.IsEmpty) throw new InvalidOperationException("A column must have samples, one value per time.");
        if (Samples.Count > 0 && id <= Samples[^1].Id) throw new InvalidOperationException("Ids must ascend.");
        for (var i = 0; i < values.Length; i++) Samples.Add((id, timesMs[i], BitConverter.DoubleToInt64Bits(values[i])));
    }

    public static List<(int Id, long TimeMs, long Bits)> Of(IEnumerable<SnapshotRow> rows) =>
        [.. rows.SelectMany((row, at) => Of(row).Select(sample => (sample.Id, At: at, sample.TimeMs, sample.Bits)))
            .OrderBy(sample => sample.Id).ThenBy(sample => sample.At).Select(sample => (sample.Id, sample.TimeMs, sample.Bits))];

    public static List<(int Id, long TimeMs, long Bits)> Of(SnapshotRow row)
    {
        row.Order();
        var samples = new List<(int, long, long)>(row.Count);
        for (var i = 0; i < row.Count; i++)
            samples.Add((row.Ids[i], row.HasOwnTimes ? row.OwnTimesMs[i] : row.TimeMs, BitConverter.DoubleToInt64Bits(row.Values[i])));
        return samples;
    }
}
