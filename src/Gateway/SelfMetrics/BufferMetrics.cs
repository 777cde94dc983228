using Gateway.Buffering;
using Gateway.Collectors;
using Gateway.Exposition;
using Gateway.Scrape;

namespace Gateway.SelfMetrics;

/// <summary>How full the buffer is, what it costs, and what was lost.</summary>
internal sealed class BufferMetrics(ISnapshotBuffer buffer, BufferOptions options) : ISelfMetrics
{
    private static readonly MetricFamily Available = MetricFamily.Gauge("gateway_buffer_available", "1 while the disk takes snapshots, 0 while they are held in memory.");
    private static readonly MetricFamily DiskBytes = MetricFamily.Gauge("gateway_buffer_disk_bytes", "Bytes of the files of the buffer.");
    private static readonly MetricFamily DiskLimit = MetricFamily.Gauge("gateway_buffer_disk_limit_bytes", "Bytes the buffer may take (Gateway:Buffer:MaxBytes).");
    private static readonly MetricFamily MemoryBytes = MetricFamily.Gauge("gateway_buffer_memory_bytes", "Bytes of snapshots held in memory because the disk takes nothing.");
    private static readonly MetricFamily Snapshots = MetricFamily.Gauge("gateway_buffer_snapshots", "Snapshots held.", "kind");
    private static readonly MetricFamily Samples = MetricFamily.Gauge("gateway_buffer_samples", "Samples held.", "kind");
    private static readonly MetricFamily Oldest = MetricFamily.Gauge("gateway_buffer_oldest_timestamp_seconds", "Unix time of the oldest snapshot held; absent when there is none.", "kind");
    private static readonly MetricFamily AppendedSnapshots = MetricFamily.Counter("gateway_buffer_appended_snapshots_total", "Snapshots taken into the buffer.");
    private static readonly MetricFamily AppendedSamples = MetricFamily.Counter("gateway_buffer_appended_samples_total", "Samples taken into the buffer.");
    private static readonly MetricFamily AppendedBytes = MetricFamily.Counter("gateway_buffer_appended_bytes_total", "Bytes of the snapshots as they were written first.");
    private static readonly MetricFamily AppendFailures = MetricFamily.Counter("gateway_buffer_append_failures_total", "Snapshots that the disk did not take.");

    private static readonly MetricFamily AppendSeconds = MetricFamily.Counter(
        "gateway_buffer_append_duration_seconds_total", "Time spent on taking snapshots in, the sync of the disk included.");

    private static readonly MetricFamily AppendMax = MetricFamily.Gauge("gateway_buffer_append_duration_seconds_max", "Longest time that one snapshot took.");
    private static readonly MetricFamily Fused = MetricFamily.Counter("gateway_buffer_fused_blocks_total", "Blocks into which older snapshots were fused.");
    private static readonly MetricFamily Removed = MetricFamily.Counter("gateway_buffer_removed_snapshots_total", "Snapshots removed that everybody had got.");

    private static readonly MetricFamily Lost = MetricFamily.Counter(
        "gateway_buffer_lost_samples_total", "Samples gone that somebody still had to get, by reason.", "reason");

    private static readonly MetricFamily Quarantines = MetricFamily.Counter("gateway_buffer_quarantines_total", "Damaged files of the buffer set aside.");

    public void Write(MetricSink sink)
    {
        var figures = buffer.Figures;
        sink.Add(Available, figures.Available ? 1 : 0);
        sink.Add(DiskBytes, figures.DiskBytes);
        sink.Add(DiskLimit, options.MaxBytes);
        sink.Add(MemoryBytes, figures.MemoryBytes);
        foreach (var kind in Enum.GetValues<SnapshotKind>())
        {
            var held = figures.Held[(int)kind];
            sink.Add(Snapshots, [kind.Word()], held.Snapshots);
            sink.Add(Samples, [kind.Word()], held.Samples);
            if (held.OldestMs is { } oldest) sink.Add(Oldest, [kind.Word()], oldest / 1000.0);
        }

        sink.Add(AppendedSnapshots, figures.AppendedSnapshots);
        sink.Add(AppendedSamples, figures.AppendedSamples);
        sink.Add(AppendedBytes, figures.AppendedBytes);
        sink.Add(AppendFailures, figures.AppendFailures);
        sink.Add(AppendSeconds, figures.AppendTime.TotalSeconds);
        sink.Add(AppendMax, figures.LongestAppend.TotalSeconds);
        sink.Add(Fused, figures.FusedBlocks);
        sink.Add(Removed, figures.RemovedSnapshots);
        foreach (var reason in Enum.GetValues<LossReason>()) sink.Add(Lost, [reason.Word()], figures.LostSamples[(int)reason]);
        sink.Add(Quarantines, figures.Quarantines);
    }
}
