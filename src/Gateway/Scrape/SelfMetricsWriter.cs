using System.Collections.Concurrent;
using Gateway.Collectors;
using Gateway.Exposition;
using Gateway.Logging;

namespace Gateway.Scrape;

/// <summary>Puts the figures of all parts of the service into one batch at the end of each collection.</summary>
internal sealed class SelfMetricsWriter(IEnumerable<ISelfMetrics> sources, FailureLog failures)
{
    private static readonly MetricFamily Rejected = MetricFamily.Counter(
        "gateway_exposition_rejected_samples_total", "Samples left out of the exposition because it would have become invalid, by collector and reason.", "collector", "reason");

    private readonly Lock _lock = new();
    private readonly MetricSink _sink = new();
    private readonly ConcurrentBag<SampleBatch> _idle = [];
    private readonly ISelfMetrics[] _sources = [.. sources];
    private readonly Dictionary<(string Source, MergeFaultReason Reason), long> _rejected = [];

    /// <summary>The figures now. The batch is handed back with <see cref="GiveBack"/>.</summary>
    public SampleBatch Write()
    {
        var batch = _idle.TryTake(out var idle) ? idle : new SampleBatch();
        lock (_lock)
        {
            _sink.Begin(batch);
            foreach (var source in _sources)
            {
                var subject = source.GetType().Name;
                try
                {
                    source.Write(_sink);
                    failures.Recovered(subject);
                }
                catch (Exception e)
                {
                    // A fault of ours must not cost the scrape; what the part wrote before stays.
                    failures.Report(subject, "its self metrics could not be read and are missing from the scrape", e);
                }
            }

            foreach (var ((collector, reason), count) in _rejected) _sink.Add(Rejected, [collector, Label(reason)], count);
            _sink.End();
        }

        return batch;
    }

    public void CountMergeFaults(IReadOnlyList<MergeFault> faults)
    {
        if (faults.Count == 0) return;
        lock (_lock)
        {
            foreach (var fault in faults)
                _rejected[(fault.Source, fault.Reason)] = _rejected.GetValueOrDefault((fault.Source, fault.Reason)) + fault.Samples;
        }
    }

    public void GiveBack(SampleBatch batch)
    {
        batch.Clear();
        _idle.Add(batch);
    }

    private static string Label(MergeFaultReason reason) => reason switch
    {
        MergeFaultReason.TypeConflict => "type_conflict",
        MergeFaultReason.NameConflict => "name_conflict",
        _ => "duplicate_series",
    };
}
