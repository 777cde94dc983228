using System.Text.Json;
using Gateway.Status;

namespace Gateway.Replay;

/// <summary>The outlets beside scrape.</summary>
internal sealed class Outlets : IOutletFigures
{
    public void Write(Utf8JsonWriter json, HealthJudge health)
    {
        json.WriteStartArray("remote_write"u8);
        json.WriteEndArray();
    }
}
