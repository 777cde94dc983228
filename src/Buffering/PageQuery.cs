namespace Gateway.Buffering;

/// <summary>Which snapshots a page is to hold.</summary>
/// <param name="Kind">Their kind.</param>
/// <param name="Ranges">Their sequences; those that are not stored are passed over.</param>
/// <param name="MaxSamples">The page ends before the snapshot that would bring it above this; the first snapshot always comes whole.</param>
/// <param name="MaxSnapshots">The page ends after so many.</param>
public readonly record struct PageQuery(SnapshotKind Kind, SequenceRanges Ranges, int MaxSamples, int MaxSnapshots = int.MaxValue);
