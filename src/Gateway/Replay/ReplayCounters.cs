namespace Gateway.Replay;

/// <summary>What the loop of buffering counts, since the start. Any thread.</summary>
internal sealed class ReplayCounters
{
    private long _snapshotsTaken;
    private long _firstIntervalSamples;
    private long _clockSteps;

    /// <summary>Snapshots that were taken because nobody scraped.</summary>
    public long SnapshotsTaken => Interlocked.Read(ref _snapshotsTaken);

    /// <summary>Samples taken less than one scrape interval after the last scrape.</summary>
    public long FirstIntervalSamples => Interlocked.Read(ref _firstIntervalSamples);

    /// <summary>Jumps of the wall clock noticed.</summary>
    public long ClockSteps => Interlocked.Read(ref _clockSteps);

    public void CountSnapshot() => Interlocked.Increment(ref _snapshotsTaken);

    public void CountFirstInterval(int samples) => Interlocked.Add(ref _firstIntervalSamples, samples);

    public void CountClockStep() => Interlocked.Increment(ref _clockSteps);
}
