namespace Gateway.Buffering;

/// <summary>How much of a set of sequences is stored.</summary>
/// <param name="Snapshots">Snapshots.</param>
/// <param name="Samples">Samples; within a fused block in proportion.</param>
/// <param name="OldestMs">Time of the oldest, Unix ms; null when there is none.</param>
/// <param name="NewestMs">Time of the newest, Unix ms; null when there is none.</param>
public readonly record struct BacklogSize(long Snapshots, long Samples, long? OldestMs, long? NewestMs);
