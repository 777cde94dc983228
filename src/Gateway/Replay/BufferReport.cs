using System.Text.Json;
using Gateway.Buffering;
using Gateway.Status;

namespace Gateway.Replay;

/// <summary>
/// The buffer, who still has to get what of it, and how handing over goes: section <c>buffer</c> of <c>/prom/status</c> and the whole of <c>/prom/buffer</c>.
/// </summary>
internal sealed class BufferReport(ReplayService replay, ISnapshotBuffer buffer, OutletReport outlets, TimeProvider time) : IStatusSection
{
    /// <summary>Lost samples degrade the service this long, so that somebody who looks once a day sees it.</summary>
    private static readonly TimeSpan LossMemory = TimeSpan.FromDays(1);

    private readonly Lock _lock = new();
    private long _lost;
    private long? _lostAt;

    public string Name => "buffer";

    public void Write(Utf8JsonWriter json, HealthJudge health)
    {
        var queues = replay.View();
        var figures = buffer.Figures;
        var isOn = replay.Options.Enabled;
        if (isOn) Judge(queues, figures, health);
        json.WriteStartObject();
        json.WriteString("state"u8, isOn ? Overall(queues).Word() : "off");
        var forced = queues.FirstOrDefault(queue => queue.Forced != ForcedState.None)?.Forced.Word();
        if (forced is null) json.WriteNull("forced"u8);
        else json.WriteString("forced"u8, forced);
        json.WriteStartArray("consumers"u8);
        foreach (var queue in queues) Write(json, queue);
        json.WriteEndArray();
        WriteStore(json, figures);
        outlets.Write(json, health);
        json.WriteEndObject();
    }

    /// <summary>The state of the whole: the worst one at <c>/prom/metrics</c>.</summary>
    private static PresenceState Overall(IReadOnlyList<QueueView> queues)
    {
        var metrics = queues.Where(queue => queue.Kind == SnapshotKind.Metrics).Select(queue => queue.State).ToList();
        return metrics.Contains(PresenceState.Absent) ? PresenceState.Absent : metrics.Contains(PresenceState.Replaying) ? PresenceState.Replaying : PresenceState.Present;
    }

    private void Judge(IReadOnlyList<QueueView> queues, BufferFigures figures, HealthJudge health)
    {
        if (!figures.Available) health.Degraded($"Buffer: {figures.Fault} Snapshots are held in memory.");
        if (figures.Quarantines > 0) health.Degraded($"Buffer: {figures.Quarantines} damaged file(s) were set aside since the start; look for buffer.db.damaged-* in the state directory.");
        if (replay.Confirmation.Fault is { } fault) health.Degraded($"Replay: pages cannot be confirmed by query: {fault}");
        foreach (var queue in queues)
        {
            if (queue.Repeats > 0) health.Degraded($"Replay: consumer {queue.Consumer} takes a page of {queue.Endpoint} without storing it; it was repeated {queue.Repeats} time(s).");
        }

        var lost = figures.LostSamples.Sum();
        lock (_lock)
        {
            if (lost > _lost) (_lost, _lostAt) = (lost, time.GetTimestamp());
            if (_lostAt is { } at && time.GetElapsedTime(at) < LossMemory) health.Degraded($"Buffer: {lost} samples were lost since the start; see lost_samples for the reasons.");
        }
    }

    private static void Write(Utf8JsonWriter json, QueueView queue)
    {
        json.WriteStartObject();
        json.WriteString("consumer"u8, queue.Consumer);
        json.WriteString("endpoint"u8, queue.Endpoint);
        json.WriteString("state"u8, queue.State.Word());
        if (queue.Forced.Word() is { } forced) json.WriteString("forced"u8, forced);
        else json.WriteNull("forced"u8);
        if (queue.SinceScrape is { } since) json.WriteNumber("last_scrape_age_seconds"u8, Math.Round(since.TotalSeconds, 3));
        else json.WriteNull("last_scrape_age_seconds"u8);
        json.WriteNumber("backlog_snapshots"u8, queue.Backlog.Snapshots);
        json.WriteNumber("backlog_samples"u8, queue.Backlog.Samples);
        WriteTime(json, "oldest_unix_ms", queue.Backlog.OldestMs);
        WriteTime(json, "newest_unix_ms", queue.Backlog.NewestMs);
        json.WriteNumber("delivered_pages"u8, queue.DeliveredPages);
        json.WriteNumber("delivered_snapshots"u8, queue.DeliveredSnapshots);
        json.WriteNumber("delivered_samples"u8, queue.DeliveredSamples);
        json.WriteNumber("failed_pages"u8, queue.FailedPages);
        json.WriteNumber("unconfirmed_pages"u8, queue.UnconfirmedPages);
        json.WriteNumber("page_limit_samples"u8, queue.PageLimit);
        json.WriteEndObject();
    }

    private void WriteStore(Utf8JsonWriter json, BufferFigures figures)
    {
        json.WriteStartObject("store"u8);
        json.WriteString("kind"u8, figures.Store);
        json.WriteBoolean("available"u8, figures.Available);
        json.WriteString("fault"u8, figures.Fault);
        json.WriteNumber("disk_bytes"u8, figures.DiskBytes);
        json.WriteNumber("memory_bytes"u8, figures.MemoryBytes);
        json.WriteNumber("appended_snapshots"u8, figures.AppendedSnapshots);
        json.WriteNumber("appended_samples"u8, figures.AppendedSamples);
        json.WriteNumber("append_failures"u8, figures.AppendFailures);
        json.WriteNumber("append_seconds_max"u8, Math.Round(figures.LongestAppend.TotalSeconds, 6));
        json.WriteNumber("quarantines"u8, figures.Quarantines);
        foreach (var kind in Enum.GetValues<SnapshotKind>())
        {
            WriteSize(json, kind.Word(), figures.Held[(int)kind]);
        }

        json.WriteStartObject("set_aside"u8);
        foreach (var kind in Enum.GetValues<SnapshotKind>()) WriteSize(json, kind.Word(), replay.OnShelf(kind));
        json.WriteEndObject();
        json.WriteStartObject("lost_samples"u8);
        foreach (var reason in Enum.GetValues<LossReason>()) json.WriteNumber(reason.Word(), figures.LostSamples[(int)reason]);
        json.WriteEndObject();
        json.WriteEndObject();
    }

    private static void WriteSize(Utf8JsonWriter json, string name, BacklogSize size)
    {
        json.WriteStartObject(name);
        json.WriteNumber("snapshots"u8, size.Snapshots);
        json.WriteNumber("samples"u8, size.Samples);
        WriteTime(json, "oldest_unix_ms", size.OldestMs);
        WriteTime(json, "newest_unix_ms", size.NewestMs);
        json.WriteEndObject();
    }

    private static void WriteTime(Utf8JsonWriter json, string name, long? unixMs)
    {
        if (unixMs is { } known) json.WriteNumber(name, known);
        else json.WriteNull(name);
    }
}
