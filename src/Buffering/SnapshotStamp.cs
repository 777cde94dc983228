namespace Gateway.Buffering;

/// <summary>Where a snapshot stands in the buffer.</summary>
/// <param name="Sequence">Its number: positive, strictly increasing over both kinds, never used twice within one buffer.</param>
/// <param name="TimeMs">Its time, Unix ms; of a snapshot of pushes the oldest time among its samples.</param>
/// <param name="Samples">Its samples.</param>
/// <param name="Durable">False when it is held in memory only, because the disk takes nothing now.</param>
public readonly record struct SnapshotStamp(long Sequence, long TimeMs, int Samples, bool Durable);
