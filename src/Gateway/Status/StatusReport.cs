using System.Buffers;
using System.Text.Encodings.Web;
using System.Text.Json;

namespace Gateway.Status;

/// <summary>Puts the sections together into the document of <c>/prom/status</c>: <c>status</c> and <c>problems</c> first, then one key per section.</summary>
internal sealed class StatusReport(IEnumerable<IStatusSection> sections)
{
    /// <summary>Served as JSON and never put into a page, so only what JSON itself asks for is escaped.</summary>
    private static readonly JsonWriterOptions Indented = new() { Indented = true, Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    private readonly IStatusSection[] _sections = [.. sections];

    /// <summary>The document in UTF-8, and the health it states.</summary>
    public (ReadOnlyMemory<byte> Json, Health Health) Make()
    {
        var health = new HealthJudge();
        var bodies = new ArrayBufferWriter<byte>[_sections.Length];
        for (var i = 0; i < _sections.Length; i++)
        {
            bodies[i] = WriteSection(_sections[i], health);
        }

        var document = new ArrayBufferWriter<byte>();
        using (var json = new Utf8JsonWriter(document, Indented))
        {
            json.WriteStartObject();
            json.WriteString("status"u8, Word(health.Health));
            json.WriteStartArray("problems"u8);
            foreach (var problem in health.Problems) json.WriteStringValue(problem);
            json.WriteEndArray();
            for (var i = 0; i < _sections.Length; i++)
            {
                json.WritePropertyName(_sections[i].Name);
                using var section = JsonDocument.Parse(bodies[i].WrittenMemory);
                section.RootElement.WriteTo(json);
            }

            json.WriteEndObject();
        }

        return (document.WrittenMemory, health.Health);
    }

    /// <summary>One section; a fault in one must not hide the others.</summary>
    private static ArrayBufferWriter<byte> WriteSection(IStatusSection section, HealthJudge health)
    {
        var body = new ArrayBufferWriter<byte>();
        try
        {
            using var json = new Utf8JsonWriter(body);
            section.Write(json, health);
            return body;
        }
        catch (Exception e)
        {
            health.Degraded($"The section {section.Name} of this report cannot be made: {e.Message}");
            body.ResetWrittenCount();
            body.Write("null"u8);
            return body;
        }
    }

    public static string Word(Health health) => health switch
    {
        Health.Ok => "ok",
        Health.Degraded => "degraded",
        _ => "failing",
    };
}
