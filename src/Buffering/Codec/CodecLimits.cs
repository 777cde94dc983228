namespace Gateway.Buffering.Codec;

/// <summary>
/// What a decoder accepts, checked against the header and against every length before anything is allocated for it. Encoders keep the same limits,
/// so that nothing is written that cannot be read.
/// </summary>
public sealed record CodecLimits
{
    /// <summary>The limits of this program.</summary>
    public static CodecLimits Default { get; } = new();

    /// <summary>Series of one roster and samples of one row. Ten times the largest snapshot that is tested; a row of them takes 12 MiB.</summary>
    public int MaxSeries { get; init; } = 1 << 20;

    /// <summary>Rows of one block. A day of snapshots every 15 s is 5,760; columns are held whole, so this bounds them to 160 KiB.</summary>
    public int MaxRows { get; init; } = 1 << 13;

    /// <summary>Samples of one block: 10^5 series at 160 rows. Bounds the time that a small blob can ask for to about a second.</summary>
    public long MaxSamples { get; init; } = 1L << 24;

    /// <summary>UTF-8 bytes of one name, label value, help text or unit. Pushed labels may be long; the limit of a push body is the next higher one.</summary>
    public int MaxTextBytes { get; init; } = 1 << 20;

    /// <summary>Bytes of one part of a blob after decompression; 10^5 series of 300 bytes stay below.</summary>
    public int MaxUncompressedBytes { get; init; } = 64 << 20;

    /// <summary>Series times rows of one block: what is gone through where most series are absent from most rows.</summary>
    internal long MaxCells => MaxSamples * 16;

    /// <summary>The same for samples with times of their own, where each series has a number in each row whether it has a sample there or not.</summary>
    internal long MaxOwnCells => MaxSamples;

    /// <summary>Series times rows that a block may have.</summary>
    internal long CellsOf(bool ownTimes) => ownTimes ? MaxOwnCells : MaxCells;
}
