namespace Gateway.Scrape;

/// <summary>How a run of a collector ended.</summary>
internal enum CollectorOutcome
{
    /// <summary>It has not run yet.</summary>
    None,

    /// <summary>Its samples are there.</summary>
    Success,

    /// <summary>There is nothing of the kind on this machine.</summary>
    NoData,

    /// <summary>It threw.</summary>
    Failed,

    /// <summary>It gave more samples than it may.</summary>
    OverLimit,

    /// <summary>It did not end in time.</summary>
    TimedOut,

    /// <summary>It was not started, because an earlier run that timed out has not returned yet.</summary>
    Skipped,
}
