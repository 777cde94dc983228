using System.Text.Json;

namespace Gateway.Status;

/// <summary>Version, start and uptime; section <c>service</c>.</summary>
internal sealed class ServiceStatus(TimeProvider time, Func<IReadOnlyList<string>> addresses) : IStatusSection
{
    private readonly long _start = time.GetTimestamp();
    private readonly DateTimeOffset _started = time.GetUtcNow();

    public string Name => "service";

    public TimeSpan Uptime => time.GetElapsedTime(_start);

    public void Write(Utf8JsonWriter json, HealthJudge health)
    {
        json.WriteStartObject();
        json.WriteString("version"u8, Build.Version);
        json.WriteNumber("pid"u8, Environment.ProcessId);
        json.WriteString("time"u8, time.GetUtcNow());
        json.WriteString("started"u8, _started);
        json.WriteNumber("uptime_seconds"u8, Math.Round(Uptime.TotalSeconds, 3));
        json.WriteStartArray("listeners"u8);
        foreach (var address in addresses()) json.WriteStringValue(address);
        json.WriteEndArray();
        json.WriteEndObject();
    }
}
