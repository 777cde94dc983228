namespace Gateway.Scrape;

/// <summary>What is known about a collector at one moment; for the status and the self metrics.</summary>
/// <param name="Name">Its name.</param>
/// <param name="Summary">One line for people.</param>
/// <param name="Outcome">How its last run ended.</param>
/// <param name="LastError">One sentence about the last failure; null when the last run succeeded.</param>
/// <param name="Duration">Length of the last run.</param>
/// <param name="LastRun">When the last run began.</param>
/// <param name="LastSuccess">When the last successful run ended.</param>
/// <param name="Samples">Samples of the last successful run.</param>
/// <param name="Skips">Runs left out because an earlier one had not returned.</param>
/// <param name="Duplicates">Samples left out so far because their series was there already.</param>
/// <param name="Faults">Parts that the last run could not read.</param>
/// <param name="FaultCount">Number of such parts, those not listed included.</param>
/// <param name="RunningSince">When the run under way began; null when none is.</param>
/// <param name="Schedule">Interval of a scheduled collector.</param>
/// <param name="NextRun">When a scheduled collector runs next.</param>
internal sealed record CollectorState(
    string Name,
    string Summary,
    CollectorOutcome Outcome,
    string? LastError,
    TimeSpan Duration,
    DateTimeOffset? LastRun,
    DateTimeOffset? LastSuccess,
    int Samples,
    long Skips,
    long Duplicates,
    IReadOnlyList<string> Faults,
    int FaultCount,
    DateTimeOffset? RunningSince,
    TimeSpan? Schedule,
    DateTimeOffset? NextRun);
