using System.Text.Json;

namespace Gateway.Status;

/// <summary>Who scraped what when; section <c>last_scrape</c>.</summary>
internal sealed class ScrapeHeartbeatStatus(Heartbeats heartbeats) : IStatusSection
{
    public string Name => "last_scrape";

    public void Write(Utf8JsonWriter json, HealthJudge health)
    {
        json.WriteStartArray();
        foreach (var beat in heartbeats.All())
        {
            json.WriteStartObject();
            json.WriteString("endpoint"u8, beat.Endpoint);
            json.WriteString("consumer"u8, beat.Consumer);
            json.WriteString("time"u8, beat.Time);
            json.WriteNumber("age_seconds"u8, Math.Round(beat.Age.TotalSeconds, 3));
            json.WriteEndObject();
        }

        json.WriteEndArray();
    }
}
