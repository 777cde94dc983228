using Gateway.Buffering;
using Gateway.Collectors;
using Gateway.Exposition;
using Gateway.Replay;
using Gateway.Scrape;

namespace Gateway.SelfMetrics;

/// <summary>Who is away, what it still has to get, and how handing over goes.</summary>
internal sealed class ReplayMetrics(ReplayService replay, ReplayCounters counters, PushRecorder pushes, TimeProvider time) : ISelfMetrics
{
    private static readonly MetricFamily Absent = MetricFamily.Gauge(
        "gateway_prometheus_absent", "1 while the consumer has not scraped /prom/metrics for longer than allowed, or never.", "consumer");

    private static readonly MetricFamily State = MetricFamily.Gauge(
        "gateway_replay_state", "1 for the state a consumer is in at an endpoint, 0 for the others.", "consumer", "endpoint", "state");

    private static readonly MetricFamily BacklogSnapshots = MetricFamily.Gauge(
        "gateway_replay_backlog_snapshots", "Snapshots that a consumer still has to get.", "consumer", "endpoint");

    private static readonly MetricFamily BacklogSamples = MetricFamily.Gauge(
        "gateway_replay_backlog_samples", "Samples that a consumer still has to get.", "consumer", "endpoint");

    private static readonly MetricFamily Lag = MetricFamily.Gauge(
        "gateway_replay_lag_seconds", "Age of the oldest snapshot that a consumer still has to get; 0 when there is none.", "consumer", "endpoint");

    private static readonly MetricFamily Pages = MetricFamily.Counter(
        "gateway_replay_pages_total",
        "Pages handed over, by what became of them: delivered, failed (the answer did not get through), unconfirmed (the query did not find it).",
        "consumer", "endpoint", "result");

    private static readonly MetricFamily Samples = MetricFamily.Counter("gateway_replay_samples_total", "Samples delivered on pages.", "consumer", "endpoint");
    private static readonly MetricFamily Snapshots = MetricFamily.Counter("gateway_replay_snapshots_total", "Snapshots delivered on pages.", "consumer", "endpoint");

    private static readonly MetricFamily SetAside = MetricFamily.Counter(
        "gateway_replay_set_aside_samples_total", "Samples that no scrape can deliver, set aside for remote write or an export, by reason.", "kind", "reason");

    private static readonly MetricFamily OnShelf = MetricFamily.Gauge(
        "gateway_replay_shelf_samples", "Samples set aside that nobody has delivered yet.", "kind");

    private static readonly MetricFamily Forgotten = MetricFamily.Counter(
        "gateway_replay_forgotten_samples_total", "Samples that consumers still had to get when they were forgotten (Gateway:Replay:ConsumerRetention).");

    private static readonly MetricFamily Taken = MetricFamily.Counter(
        "gateway_buffering_snapshots_total", "Snapshots taken because nobody scraped.");

    private static readonly MetricFamily FirstInterval = MetricFamily.Counter(
        "gateway_replay_first_interval_samples_total",
        "Samples taken less than one scrape interval after the last scrape (buffering was ordered): a Prometheus that was up all the time refuses them.");

    private static readonly MetricFamily ClockSteps = MetricFamily.Counter("gateway_clock_steps_total", "Jumps of the wall clock by more than 2 s.");

    private static readonly MetricFamily LeftOut = MetricFamily.Counter(
        "gateway_push_events_left_out_total",
        "Pushes that are not points of a replay, by reason: backward (the series had a newer time), forgotten (before an absence was noticed, beyond Gateway:Replay:MaxRecentPushes).",
        "reason");

    private static readonly MetricFamily Queries = MetricFamily.Counter(
        "gateway_replay_confirm_queries_total", "Questions whether a page was stored, by answer.", "result");

    public void Write(MetricSink sink)
    {
        foreach (var queue in replay.View()) Write(sink, queue);
        foreach (var kind in Enum.GetValues<SnapshotKind>())
        {
            foreach (var reason in Enum.GetValues<SetAsideReason>()) sink.Add(SetAside, [kind.Word(), reason.Word()], replay.SetAsideSamples(kind, reason));
            sink.Add(OnShelf, [kind.Word()], replay.OnShelf(kind).Samples);
        }

        sink.Add(Forgotten, replay.ForgottenSamples);
        sink.Add(Taken, counters.SnapshotsTaken);
        sink.Add(FirstInterval, counters.FirstIntervalSamples);
        sink.Add(ClockSteps, counters.ClockSteps);
        sink.Add(LeftOut, ["backward"], pushes.Backward);
        sink.Add(LeftOut, ["forgotten"], pushes.Forgotten);
        if (!replay.Confirmation.IsOn) return;
        sink.Add(Queries, ["found"], replay.Confirmation.Found);
        sink.Add(Queries, ["missing"], replay.Confirmation.Missing);
        sink.Add(Queries, ["failed"], replay.Confirmation.Failed);
    }

    private void Write(MetricSink sink, QueueView queue)
    {
        if (queue.Kind == SnapshotKind.Metrics) sink.Add(Absent, [queue.Consumer], queue.State == PresenceState.Absent ? 1 : 0);
        foreach (var state in Enum.GetValues<PresenceState>())
            sink.Add(State, [queue.Consumer, queue.Endpoint, state.Word()], queue.State == state ? 1 : 0);
        sink.Add(BacklogSnapshots, [queue.Consumer, queue.Endpoint], queue.Backlog.Snapshots);
        sink.Add(BacklogSamples, [queue.Consumer, queue.Endpoint], queue.Backlog.Samples);
        var lag = queue.Backlog.OldestMs is { } oldest ? Math.Max(0, (time.GetUtcNow().ToUnixTimeMilliseconds() - oldest) / 1000.0) : 0;
        sink.Add(Lag, [queue.Consumer, queue.Endpoint], lag);
        sink.Add(Pages, [queue.Consumer, queue.Endpoint, "delivered"], queue.DeliveredPages);
        sink.Add(Pages, [queue.Consumer, queue.Endpoint, "failed"], queue.FailedPages);
        sink.Add(Pages, [queue.Consumer, queue.Endpoint, "unconfirmed"], queue.UnconfirmedPages);
        sink.Add(Samples, [queue.Consumer, queue.Endpoint], queue.DeliveredSamples);
        sink.Add(Snapshots, [queue.Consumer, queue.Endpoint], queue.DeliveredSnapshots);
    }
}
