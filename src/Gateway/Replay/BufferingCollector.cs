using Gateway.Collectors;
using Gateway.Exposition;

namespace Gateway.Replay;

/// <summary>
/// Stands among the collectors while somebody is away or has not got everything yet: what the others say is being buffered then. Tells so in every snapshot, so
/// that a graph shows which part of it was handed over later.
/// </summary>
internal sealed class BufferingCollector(ReplayService replay) : ICollector
{
    public const string Name = "buffering";

    public const string Summary = "Registered while a consumer is away: snapshots are taken and kept for it.";

    private static readonly MetricFamily Since = MetricFamily.Gauge(
        "gateway_buffering_since_timestamp_seconds", "Unix time since which the consumer has been away; only while snapshots are buffered for it.", "consumer");

    public ValueTask CollectAsync(MetricSink sink, CancellationToken cancellationToken)
    {
        foreach (var queue in replay.View())
        {
            if (queue is { Kind: Buffering.SnapshotKind.Metrics, AbsentSince: { } since }) sink.Add(Since, [queue.Consumer], since.ToUnixTimeMilliseconds() / 1000.0);
        }

        return ValueTask.CompletedTask;
    }
}
