using Gateway.Collectors;
using Gateway.Exposition;
using Gateway.Scrape;
using Gateway.State;

namespace Gateway.SelfMetrics;

/// <summary>How the state database is doing.</summary>
internal sealed class StateMetrics(StateDatabase database) : ISelfMetrics
{
    private static readonly MetricFamily Available = MetricFamily.Gauge("gateway_state_available", "1 while the state database can be written, 0 while pushes are refused.");
    private static readonly MetricFamily Commits = MetricFamily.Counter("gateway_state_commits_total", "Transactions written to the state database, one sync each.");
    private static readonly MetricFamily Failures = MetricFamily.Counter("gateway_state_commit_failures_total", "Transactions that could not be written.");
    private static readonly MetricFamily Seconds = MetricFamily.Counter("gateway_state_commit_duration_seconds_total", "Time spent in transactions, syncs included.");
    private static readonly MetricFamily Longest = MetricFamily.Gauge("gateway_state_commit_duration_seconds_max", "The longest transaction since the start.");
    private static readonly MetricFamily Quarantines = MetricFamily.Counter("gateway_state_quarantines_total", "Damaged databases that were set aside and replaced.");

    public void Write(MetricSink sink)
    {
        var figures = database.Figures();
        sink.Add(Available, figures.Available ? 1 : 0);
        sink.Add(Commits, figures.Commits);
        sink.Add(Failures, figures.CommitFailures);
        sink.Add(Seconds, figures.CommitTime.TotalSeconds);
        sink.Add(Longest, figures.LongestCommit.TotalSeconds);
        sink.Add(Quarantines, figures.Quarantines);
    }
}
