namespace Gateway.Buffering;

/// <summary>The buffer in numbers, as of one moment: for metrics, status and log.</summary>
public sealed record BufferFigures
{
    /// <summary>Kind of the store: <c>sqlite</c>, <c>litedb</c> or <c>memory</c>.</summary>
    public required string Store { get; init; }

    /// <summary>False while the disk takes nothing and snapshots are held in memory.</summary>
    public required bool Available { get; init; }

    /// <summary>What is wrong, in a sentence without a path; null while available.</summary>
    public string? Fault { get; init; }

    /// <summary>Bytes of the files on disk, log included.</summary>
    public required long DiskBytes { get; init; }

    /// <summary>Bytes of the memory ring in use.</summary>
    public required long MemoryBytes { get; init; }

    /// <summary>Snapshots held, by kind.</summary>
    public required IReadOnlyList<BacklogSize> Held { get; init; }

    /// <summary>Snapshots and samples appended since the start.</summary>
    public required long AppendedSnapshots { get; init; }

    /// <inheritdoc cref="AppendedSnapshots"/>
    public required long AppendedSamples { get; init; }

    /// <summary>Bytes of the appended snapshots as they were written first, since the start.</summary>
    public required long AppendedBytes { get; init; }

    /// <summary>Blocks fused since the start.</summary>
    public required long FusedBlocks { get; init; }

    /// <summary>Appends that the disk refused since the start.</summary>
    public required long AppendFailures { get; init; }

    /// <summary>
    /// Time of the appends since the start: encoding, and the transactions that put snapshots on disk, sync included. What comes by itself does not count: fusing, trimming, upkeep,
    /// changes of readers without a snapshot.
    /// </summary>
    public required TimeSpan AppendTime { get; init; }

    /// <summary>The longest of the groups of appends that went to disk in one transaction, as in <see cref="AppendTime"/>; usually of one append.</summary>
    public required TimeSpan LongestAppend { get; init; }

    /// <summary>Damaged files set aside since the start.</summary>
    public required long Quarantines { get; init; }

    /// <summary>Samples lost since the start, indexed by <see cref="LossReason"/>: somebody had still to get them.</summary>
    public required IReadOnlyList<long> LostSamples { get; init; }

    /// <summary>Snapshots removed since the start that everybody had got: no loss.</summary>
    public required long RemovedSnapshots { get; init; }
}
