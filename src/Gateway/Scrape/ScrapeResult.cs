using Gateway.Exposition;

namespace Gateway.Scrape;

/// <summary>A merged exposition that can be written. Holds the batches of its collectors until every holder has disposed of it once.</summary>
/// <param name="exposition">The merged families.</param>
/// <param name="giveBack">Called after the last <see cref="Dispose"/>.</param>
internal sealed class ScrapeResult(BatchMerger exposition, Action giveBack) : IDisposable
{
    private int _holders = 1;

    public BatchMerger Exposition { get; } = exposition;

    /// <summary>Adds a holder; only for somebody who holds it already, or shares a lock with one who does.</summary>
    public void Retain() => Interlocked.Increment(ref _holders);

    public void Dispose()
    {
        if (Interlocked.Decrement(ref _holders) == 0) giveBack();
    }
}
