namespace Gateway.Buffering.Codec;

/// <summary>How the integers of a column become the numbers that are coded, and with which integers they begin.</summary>
internal enum ColumnForm : byte
{
    /// <summary>All integers are <see cref="ColumnShape.First"/>; nothing is coded.</summary>
    Constant,

    /// <summary>Differences to the first.</summary>
    Level,

    /// <summary>Differences from row to row, less those of other columns.</summary>
    Step,

    /// <summary>Differences of differences.</summary>
    Bend,
}
