namespace Gateway.State;

/// <summary>How the state database is doing, since the start of the process.</summary>
/// <param name="Available">True when the last write or opening succeeded.</param>
/// <param name="Reason">Why not, one sentence; null when available.</param>
/// <param name="Commits">Transactions written.</param>
/// <param name="CommitFailures">Transactions that failed.</param>
/// <param name="CommitTime">Sum of their durations, the sync included.</param>
/// <param name="LongestCommit">The longest of them.</param>
/// <param name="Waiting">Writes in the queue.</param>
/// <param name="Quarantines">Damaged databases set aside.</param>
/// <param name="LastCommitUnixMs">Wall time of the last transaction written; null before the first.</param>
internal sealed record StateFigures(
    bool Available,
    string? Reason,
    long Commits,
    long CommitFailures,
    TimeSpan CommitTime,
    TimeSpan LongestCommit,
    int Waiting,
    long Quarantines,
    long? LastCommitUnixMs);
