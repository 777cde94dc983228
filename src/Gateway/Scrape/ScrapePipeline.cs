using System.Collections.Concurrent;
using Gateway.Exposition;
using Gateway.Logging;

namespace Gateway.Scrape;

/// <summary>
/// Answers a scrape: runs the collectors side by side, takes the last results of the scheduled ones, adds the self metrics and merges everything into one valid
/// exposition. Safe for concurrent use; concurrent scrapes share the runs of the collectors.
/// </summary>
internal sealed class ScrapePipeline(
    CollectorRegistry registry, SelfMetricsWriter selfMetrics, ScrapeOptions options, TimeProvider time, FailureLog failures)
{
    private const string Self = "self";

    private readonly ConcurrentBag<BatchMerger> _idleMergers = [];
    private readonly ClashLog _clashes = new(failures);
    private readonly Lock _lock = new();
    private ScrapeResult? _recent;
    private long _recentEnd;

    /// <summary>Collects. The caller disposes of the result when it is written.</summary>
    /// <param name="limit">Time for the collection; a collector that needs longer is missing from the result, nothing else.</param>
    /// <param name="cancellationToken">Nobody waits for the result any more.</param>
    public async Task<ScrapeResult> CollectAsync(TimeSpan limit, CancellationToken cancellationToken)
    {
        if (TakeRecent() is { } recent) return recent;
        var entries = registry.Entries;
        var running = new Task<CollectorRun?>[entries.Length];
        for (var i = 0; i < entries.Length; i++) running[i] = entries[i].CollectAsync(limit, cancellationToken);
        var runs = await GatherAsync(running);

        var merger = _idleMergers.TryTake(out var idle) ? idle : new BatchMerger();
        // Before the collectors, for the first source of a name wins: a text file must not take the names of the service's own figures.
        var own = selfMetrics.Write();
        merger.Add(Self, own);
        for (var i = 0; i < runs.Length; i++)
        {
            if (runs[i]?.Batch is { } batch) merger.Add(entries[i].Name, batch);
        }

        selfMetrics.CountMergeFaults(merger.Faults);
        _clashes.Report(merger.Faults);
        var result = new ScrapeResult(merger, () => GiveBack(runs, own, merger));
        // What a scrape in a hurry had to leave out must not be missing from the next one.
        if (!Array.Exists(runs, run => run?.Outcome == CollectorOutcome.TimedOut)) Remember(result);
        return result;
    }

    /// <summary>Waits for all; when one of them is cancelled, the results of the others are released.</summary>
    private static async Task<CollectorRun?[]> GatherAsync(Task<CollectorRun?>[] running)
    {
        try
        {
            return await Task.WhenAll(running);
        }
        catch
        {
            foreach (var run in running)
            {
                if (run.IsCompletedSuccessfully) (await run)?.Release();
            }

            throw;
        }
    }

    private void GiveBack(CollectorRun?[] runs, SampleBatch own, BatchMerger merger)
    {
        merger.Clear();
        _idleMergers.Add(merger);
        foreach (var run in runs) run?.Release();
        selfMetrics.GiveBack(own);
    }

    private ScrapeResult? TakeRecent()
    {
        if (options.CoalesceWindow == TimeSpan.Zero) return null;
        lock (_lock)
        {
            if (_recent is null || time.GetElapsedTime(_recentEnd) > options.CoalesceWindow) return null;
            _recent.Retain();
            return _recent;
        }
    }

    private void Remember(ScrapeResult result)
    {
        if (options.CoalesceWindow == TimeSpan.Zero) return;
        ScrapeResult? former;
        lock (_lock)
        {
            result.Retain();
            (former, _recent) = (_recent, result);
            _recentEnd = time.GetTimestamp();
        }

        former?.Dispose();
    }
}
