using System.Text.Json;
using Gateway.Buffering;
using Gateway.Buffering.Outlets;
using Gateway.Status;

namespace Gateway.Replay;

/// <summary>What the outlets beside scrape have to say in the report of the buffer: the property <c>remote_write</c>.</summary>
internal sealed class OutletReport(RemoteWriteOutlet outlet)
{
    /// <summary>Writes the targets and says what is wrong with them.</summary>
    public void Write(Utf8JsonWriter json, HealthJudge health)
    {
        json.WriteStartArray("remote_write"u8);
        foreach (var target in outlet.Figures)
        {
            if (target.Fault is { } fault) health.Degraded($"Remote write to {target.Target}: {fault}");
            Write(json, target);
        }

        json.WriteEndArray();
    }

    private static void Write(Utf8JsonWriter json, RemoteWriteFigures target)
    {
        json.WriteStartObject();
        json.WriteString("target"u8, target.Target);
        json.WriteString("address"u8, target.Address);
        json.WriteString("fault"u8, target.Fault);
        json.WriteNumber("samples_sent"u8, target.SamplesSent);
        json.WriteNumber("bytes_sent"u8, target.BytesSent);
        json.WriteNumber("retries"u8, target.Retries);
        json.WriteStartObject("backlog_samples"u8);
        foreach (var kind in Enum.GetValues<SnapshotKind>()) json.WriteNumber(kind.Word(), target.Backlog[(int)kind].Samples);
        json.WriteEndObject();
        json.WriteStartObject("given_up_samples"u8);
        foreach (var reason in Enum.GetValues<GiveUpReason>()) json.WriteNumber(reason.Word(), target.GivenUpSamples[(int)reason]);
        json.WriteEndObject();
        WriteTime(json, "last_success", target.LastSuccess);
        WriteTime(json, "paused_until", target.PausedUntil);
        json.WriteEndObject();
    }

    private static void WriteTime(Utf8JsonWriter json, string name, DateTimeOffset? time)
    {
        if (time is { } known) json.WriteString(name, known);
        else json.WriteNull(name);
    }
}
