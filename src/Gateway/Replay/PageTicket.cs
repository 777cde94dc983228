using Gateway.Buffering;

namespace Gateway.Replay;

/// <summary>A page that was handed out and is not settled yet: what it stood for, and what became of the answer. Guarded by the lock of <see cref="ReplayService"/>.</summary>
/// <param name="covered">Sequences that need not be read again once it is delivered.</param>
/// <param name="samples">Samples in it.</param>
/// <param name="snapshots">Snapshots in it.</param>
/// <param name="markerMs">Time of its marker sample, Unix ms.</param>
/// <param name="marker">Value of its marker sample: the last sequence, so that a repetition has the same one.</param>
internal sealed class PageTicket(SequenceRanges covered, int samples, int snapshots, long markerMs, long marker)
{
    public SequenceRanges Covered { get; } = covered;

    public int Samples { get; } = samples;

    public int Snapshots { get; } = snapshots;

    public long MarkerMs { get; } = markerMs;

    public long Marker { get; } = marker;

    public PageOutcome Outcome { get; set; }

    /// <summary>
    /// Perhaps nobody was there any more to store it: no scrape followed when one was due, or its request had waited in a proxy while the service started.
    /// </summary>
    public bool IsDoubtful { get; set; }

    /// <summary>It took so long that the next one must be smaller, although it arrived.</summary>
    public bool WasSlow { get; set; }

    /// <summary>What the query for the marker said last; null as long as nobody has answered.</summary>
    public bool? IsFound { get; set; }
}

/// <summary>What became of the answer that carried a page.</summary>
internal enum PageOutcome
{
    /// <summary>It is still being written.</summary>
    UnderWay,

    /// <summary>It was written to its end, in time. Not yet proof that anybody stored it.</summary>
    Written,

    /// <summary>The scraper went away, did not read, or had given up by then.</summary>
    Failed,
}
