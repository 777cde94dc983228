using Gateway.Buffering;
using Gateway.Buffering.Outlets;
using Gateway.Collectors;
using Gateway.Exposition;
using Gateway.Scrape;

namespace Gateway.SelfMetrics;

/// <summary>How remote write goes, by target; nothing without targets.</summary>
internal sealed class RemoteWriteMetrics(RemoteWriteOutlet outlet) : ISelfMetrics
{
    private static readonly MetricFamily Up = MetricFamily.Gauge(
        "gateway_remote_write_up", "1 while the target takes what it is sent, or nothing was sent yet; 0 while something is wrong with it.", "target");

    private static readonly MetricFamily Samples = MetricFamily.Counter(
        "gateway_remote_write_samples_total", "Samples by what became of them: delivered, or the reason why they were given up.", "target", "result");

    private static readonly MetricFamily Requests = MetricFamily.Counter("gateway_remote_write_requests_total", "Requests by what came of them.", "target", "result");
    private static readonly MetricFamily Retries = MetricFamily.Counter("gateway_remote_write_retries_total", "Requests that sent again what had been sent before.", "target");
    private static readonly MetricFamily Bytes = MetricFamily.Counter("gateway_remote_write_bytes_total", "Bytes sent, compressed, repetitions included.", "target");

    private static readonly MetricFamily Backlog = MetricFamily.Gauge(
        "gateway_remote_write_backlog_samples", "Samples that a target still has to get.", "target", "kind");

    private static readonly MetricFamily LastSuccess = MetricFamily.Gauge(
        "gateway_remote_write_last_success_timestamp_seconds", "Unix time of the last request that a target took; absent before the first.", "target");

    public void Write(MetricSink sink)
    {
        foreach (var target in outlet.Figures) Write(sink, target);
    }

    private static void Write(MetricSink sink, RemoteWriteFigures target)
    {
        sink.Add(Up, [target.Target], target.Fault is null ? 1 : 0);
        sink.Add(Samples, [target.Target, "delivered"], target.SamplesSent);
        foreach (var reason in Enum.GetValues<GiveUpReason>()) sink.Add(Samples, [target.Target, reason.Word()], target.GivenUpSamples[(int)reason]);
        foreach (var result in Enum.GetValues<RemoteWriteResult>()) sink.Add(Requests, [target.Target, result.Word()], target.Requests[(int)result]);
        sink.Add(Retries, [target.Target], target.Retries);
        sink.Add(Bytes, [target.Target], target.BytesSent);
        foreach (var kind in Enum.GetValues<SnapshotKind>()) sink.Add(Backlog, [target.Target, kind.Word()], target.Backlog[(int)kind].Samples);
        if (target.LastSuccess is { } success) sink.Add(LastSuccess, [target.Target], success.ToUnixTimeMilliseconds() / 1000.0);
    }
}
