using System.Text.Json;

namespace Gateway.Status;

/// <summary>A part of the service that appears in <c>/prom/status</c>.</summary>
internal interface IStatusSection
{
    /// <summary>Key of the section; <c>snake_case</c>.</summary>
    string Name { get; }

    /// <summary>Writes one JSON value and says what is wrong. Quick, from memory.</summary>
    void Write(Utf8JsonWriter json, HealthJudge health);
}
