using Gateway.Exposition;

namespace Gateway.Scrape;

/// <summary>
/// Result of one run: the outcome and, if it succeeded, the samples. Shared by all who waited for the run: each of them releases it once, and after the last
/// one the batch goes back to its runner.
/// </summary>
/// <param name="outcome">How the run ended.</param>
/// <param name="duration">How long it took.</param>
/// <param name="batch">The samples; null unless the run succeeded.</param>
/// <param name="holders">How many wait for it.</param>
/// <param name="giveBack">Where the batch goes after the last release.</param>
internal sealed class CollectorRun(CollectorOutcome outcome, TimeSpan duration, SampleBatch? batch = null, int holders = 1, Action<SampleBatch>? giveBack = null)
{
    private int _holders = holders;

    public CollectorOutcome Outcome { get; } = outcome;

    public TimeSpan Duration { get; } = duration;

    /// <summary>The samples; null unless the run succeeded. Not to be read after the caller's release.</summary>
    public SampleBatch? Batch { get; } = batch;

    /// <summary>Adds a holder. Only for somebody who holds the result already, or shares a lock with one who does.</summary>
    public void Retain() => Interlocked.Increment(ref _holders);

    public void Release()
    {
        if (Interlocked.Decrement(ref _holders) == 0 && Batch is not null) giveBack?.Invoke(Batch);
    }
}
