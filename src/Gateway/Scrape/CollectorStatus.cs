using System.Text.Json;
using Gateway.Status;

namespace Gateway.Scrape;

/// <summary>What each collector does; section <c>collectors</c>. A failing collector degrades the service; all of them failing is a failing service.</summary>
internal sealed class CollectorStatus(CollectorRegistry registry) : IStatusSection
{
    public string Name => "collectors";

    public void Write(Utf8JsonWriter json, HealthJudge health)
    {
        var (ran, worked) = (0, 0);
        json.WriteStartArray();
        foreach (var entry in registry.Entries)
        {
            var state = entry.State;
            Write(json, state);
            if (state.Outcome == CollectorOutcome.None) continue;
            ran++;
            if (state.Outcome is CollectorOutcome.Success or CollectorOutcome.NoData) worked++;
            else health.Degraded($"Collector {state.Name}: {state.LastError}");
            if (state.FaultCount > 0) health.Degraded($"Collector {state.Name} could not read {state.FaultCount} part(s): {state.Faults[0]}");
        }

        json.WriteEndArray();
        if (ran > 0 && worked == 0) health.Failing("No collector works.");
    }

    private static void Write(Utf8JsonWriter json, CollectorState state)
    {
        json.WriteStartObject();
        json.WriteString("name"u8, state.Name);
        json.WriteString("summary"u8, state.Summary);
        json.WriteString("state"u8, Word(state));
        json.WriteNumber("duration_seconds"u8, Math.Round(state.Duration.TotalSeconds, 6));
        json.WriteNumber("samples"u8, state.Samples);
        json.WriteNumber("skips"u8, state.Skips);
        WriteTime(json, "last_run"u8, state.LastRun);
        WriteTime(json, "last_success"u8, state.LastSuccess);
        WriteTime(json, "running_since"u8, state.RunningSince);
        if (state.Schedule is { } schedule) json.WriteNumber("schedule_seconds"u8, schedule.TotalSeconds);
        WriteTime(json, "next_run"u8, state.NextRun);
        if (state.LastError is null) json.WriteNull("last_error"u8);
        else json.WriteString("last_error"u8, state.LastError);
        json.WriteStartArray("faults"u8);
        foreach (var fault in state.Faults) json.WriteStringValue(fault);
        json.WriteEndArray();
        json.WriteEndObject();
    }

    private static void WriteTime(Utf8JsonWriter json, ReadOnlySpan<byte> name, DateTimeOffset? time)
    {
        if (time is { } at) json.WriteString(name, at);
        else json.WriteNull(name);
    }

    private static string Word(CollectorState state) => state.Outcome switch
    {
        CollectorOutcome.None => "waiting",
        CollectorOutcome.Success => "ok",
        CollectorOutcome.NoData => "no_data",
        CollectorOutcome.Failed => "failed",
        CollectorOutcome.OverLimit => "over_limit",
        CollectorOutcome.TimedOut => "timed_out",
        _ => "skipped",
    };
}
