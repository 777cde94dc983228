using System.Text.Json;
using Gateway.Status;

namespace Gateway.Push;

/// <summary>How the push store is doing; section <c>push</c>. A store that is nearly full degrades the service: the next script's first push would be refused.</summary>
internal sealed class PushStatus(IPushStore store) : IStatusSection
{
    /// <summary>Share of <see cref="PushOptions.MaxSeries"/> from which an operator should act.</summary>
    private const double NearlyFull = 0.9;

    public string Name => "push";

    public void Write(Utf8JsonWriter json, HealthJudge health)
    {
        var figures = store.Figures();
        if (figures.Series >= figures.MaxSeries * NearlyFull)
            health.Degraded($"The push store holds {figures.Series} of at most {figures.MaxSeries} series (Gateway:Push:MaxSeries).");
        json.WriteStartObject();
        json.WriteNumber("series"u8, figures.Series);
        json.WriteNumber("metrics"u8, figures.Families);
        json.WriteNumber("max_series"u8, figures.MaxSeries);
        json.WriteNumber("waiting"u8, figures.Waiting);
        json.WriteNumber("withheld"u8, figures.Withheld);
        json.WriteNumber("expired"u8, figures.Expired);
        json.WriteNumber("kept"u8, figures.Ok);
        json.WriteNumber("deleted"u8, figures.Deleted);
        json.WriteStartObject("refused"u8);
        json.WriteNumber("bad_input"u8, figures.BadInput);
        json.WriteNumber("not_found"u8, figures.NotFound);
        json.WriteNumber("conflict"u8, figures.Conflict);
        json.WriteNumber("limit"u8, figures.Limit);
        json.WriteNumber("unavailable"u8, figures.Unavailable);
        json.WriteEndObject();
        json.WriteEndObject();
    }
}
