using Gateway.Collectors;
using Gateway.Exposition;

namespace Gateway.Scrape;

/// <summary>What each collector did: success, duration, samples, skips.</summary>
internal sealed class CollectorSelfMetrics(CollectorRegistry registry) : ISelfMetrics
{
    private static readonly MetricFamily Success = MetricFamily.Gauge(
        "gateway_collector_success", "1 when the last run of the collector gave its samples, 0 when it failed, hung or had nothing to collect.", "collector");

    private static readonly MetricFamily Duration = MetricFamily.Gauge(
        "gateway_collector_duration_seconds", "Length of the last run of the collector.", "collector");

    private static readonly MetricFamily LastSuccess = MetricFamily.Gauge(
        "gateway_collector_last_success_timestamp_seconds", "Unix time at which the last successful run of the collector ended.", "collector");

    private static readonly MetricFamily Samples = MetricFamily.Gauge(
        "gateway_collector_samples", "Samples that the last successful run of the collector gave.", "collector");

    private static readonly MetricFamily Faults = MetricFamily.Gauge(
        "gateway_collector_faults", "Parts of its subject that the last run of the collector could not read.", "collector");

    private static readonly MetricFamily Skips = MetricFamily.Counter(
        "gateway_collector_skips_total", "Runs left out because an earlier run of the collector had not returned.", "collector");

    private static readonly MetricFamily Duplicates = MetricFamily.Counter(
        "gateway_collector_duplicate_samples_total", "Samples left out because the collector had given the same series before in the same run.", "collector");

    public void Write(MetricSink sink)
    {
        foreach (var entry in registry.Entries)
        {
            var state = entry.State;
            if (state.Outcome == CollectorOutcome.None) continue;
            sink.Add(Success, [state.Name], state.Outcome == CollectorOutcome.Success ? 1 : 0);
            sink.Add(Duration, [state.Name], state.Duration.TotalSeconds);
            sink.Add(Samples, [state.Name], state.Samples);
            sink.Add(Faults, [state.Name], state.FaultCount);
            sink.Add(Skips, [state.Name], state.Skips);
            sink.Add(Duplicates, [state.Name], state.Duplicates);
            if (state.LastSuccess is { } last) sink.Add(LastSuccess, [state.Name], last.ToUnixTimeMilliseconds() / 1000.0);
        }
    }
}
