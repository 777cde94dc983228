using System.Collections.Concurrent;
using Gateway.Exposition;
using Gateway.Http;
using Gateway.Push;
using Gateway.Scrape;

namespace Gateway;

/// <summary>Adapter: the snapshot of the push store as an exposition that can be written.</summary>
internal sealed class PushedSamples(IPushStore store) : IPushedSamples
{
    private readonly ConcurrentBag<BatchMerger> _idle = [];

    public ScrapeResult Take()
    {
        var snapshot = store.Snapshot();
        var merger = _idle.TryTake(out var idle) ? idle : new BatchMerger();
        merger.Add("push", snapshot.Batch);
        return new ScrapeResult(merger, () =>
        {
            merger.Clear();
            _idle.Add(merger);
            snapshot.Dispose();
        });
    }
}
