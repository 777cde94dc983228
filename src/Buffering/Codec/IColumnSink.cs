namespace Gateway.Buffering.Codec;

/// <summary>Takes the columns of a block, one series at a time, in the order of ids.</summary>
public interface IColumnSink
{
    /// <summary>All samples of one series in the rows that are read; called only for series that have some.</summary>
    /// <param name="id">Series in its roster; ascending from call to call.</param>
    /// <param name="timesMs">Times in the order of rows; within a row of own times ascending. Valid during the call.</param>
    /// <param name="values">One per time, bits as they were written. Valid during the call.</param>
    void Column(int id, ReadOnlySpan<long> timesMs, ReadOnlySpan<double> values);
}
