using Gateway.Collectors;
using Gateway.Exposition;
using Gateway.Logging;

namespace Gateway.Scrape;

/// <summary>
/// Finds out whether the scrape pipeline really answers: sends one sample of its own through a runner and a merge, in a bounded time. What it uses is what a
/// scrape uses — threads, timers, merging, and the self metrics — but none of the collectors, which have limits of their own.
/// </summary>
internal sealed class PipelineProbe(SelfMetricsWriter selfMetrics, CollectorLanes lanes, TimeProvider time, FailureLog failures, ILogger<PipelineProbe> logger) : IDisposable
{
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(2);

    private readonly CollectorRunner _runner = new(new CollectorRegistration("probe", new ProbeCollector()) { Timeout = Limit }, lanes, time, failures, logger);

    /// <summary>True when the sample came back in time.</summary>
    public async Task<bool> AnswersAsync(CancellationToken cancellationToken)
    {
        var run = await _runner.RunAsync(Limit, cancellationToken);
        try
        {
            if (run.Batch is null) return false;
            var merger = new BatchMerger();
            merger.Add(_runner.Name, run.Batch);
            var own = selfMetrics.Write();
            merger.Add("self", own);
            // Two parts that give one family between them must not look like a dead pipeline.
            var complete = merger.FamilyCount > 0 && merger.Part(0, 0).Series.Length == 1;
            selfMetrics.GiveBack(own);
            return complete;
        }
        finally
        {
            run.Release();
        }
    }

    public void Dispose() => _runner.Dispose();

    private sealed class ProbeCollector : ICollector
    {
        private static readonly MetricFamily Probe = MetricFamily.Gauge("gateway_probe", "Never exposed.");

        public ValueTask CollectAsync(MetricSink sink, CancellationToken cancellationToken)
        {
            sink.Add(Probe, 1);
            return ValueTask.CompletedTask;
        }
    }
}
