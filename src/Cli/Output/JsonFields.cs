using System.Globalization;
using System.Text.Json;

namespace Gateway.Cli.Output;

/// <summary>
/// A JSON object read with tolerance: a field that is missing, null or of another kind is simply not there, and fields nobody knows are passed over. So this program and
/// the gateway may be of different versions.
/// </summary>
internal readonly struct JsonFields
{
    private readonly JsonElement _element;

    private JsonFields(JsonElement element) => _element = element;

    /// <summary>Reads an object.</summary>
    /// <exception cref="CliException">The text is none.</exception>
    public static JsonFields Read(string text)
    {
        try
        {
            using var document = JsonDocument.Parse(text);
            if (document.RootElement.ValueKind == JsonValueKind.Object) return new JsonFields(document.RootElement.Clone());
        }
        catch (JsonException e)
        {
            throw CliException.Failed("the answer is no JSON; is this a gateway?", e);
        }

        throw CliException.Failed("the answer is no JSON object; is this a gateway?");
    }

    /// <summary>An object within; without fields when there is none.</summary>
    public JsonFields Object(string name) => Get(name) is { ValueKind: JsonValueKind.Object } found ? new JsonFields(found) : default;

    /// <summary>The objects of a list within.</summary>
    public IReadOnlyList<JsonFields> List(string name) =>
        Get(name) is { ValueKind: JsonValueKind.Array } found ? [.. found.EnumerateArray().Where(item => item.ValueKind == JsonValueKind.Object).Select(item => new JsonFields(item))] : [];

    public string? Text(string name) => Get(name) is { ValueKind: JsonValueKind.String } found ? found.GetString() : null;

    public bool? Flag(string name) => Get(name)?.ValueKind switch { JsonValueKind.True => true, JsonValueKind.False => false, _ => null };

    public double? Number(string name) => Get(name) is { ValueKind: JsonValueKind.Number } found ? found.GetDouble() : null;

    public long? Whole(string name) => Number(name) is { } number && Math.Abs(number) < long.MaxValue ? (long)number : null;

    /// <summary>All fields that are neither objects nor lists, as text.</summary>
    public IEnumerable<(string Name, string Value)> Scalars() => _element.ValueKind != JsonValueKind.Object ? [] : Scalars(_element);

    private static IEnumerable<(string Name, string Value)> Scalars(JsonElement element)
    {
        foreach (var field in element.EnumerateObject())
        {
            var value = field.Value.ValueKind switch
            {
                JsonValueKind.String => field.Value.GetString(),
                JsonValueKind.True => "yes",
                JsonValueKind.False => "no",
                JsonValueKind.Null => "-",
                JsonValueKind.Number => field.Value.TryGetInt64(out var whole) ? whole.ToString(CultureInfo.InvariantCulture) : field.Value.GetDouble().ToString(CultureInfo.InvariantCulture),
                _ => null,
            };
            if (value is not null) yield return (field.Name, Readable(field.Name, field.Value, value));
        }
    }

    private JsonElement? Get(string name) => _element.ValueKind == JsonValueKind.Object && _element.TryGetProperty(name, out var found) ? found : null;

    /// <summary>The end of a name says its unit.</summary>
    private static string Readable(string name, JsonElement element, string value)
    {
        if (element.ValueKind != JsonValueKind.Number) return value;
        if (name.EndsWith("_unix_ms", StringComparison.Ordinal) && element.TryGetInt64(out var timeMs)) return Plain.Time(timeMs);
        if (name.EndsWith("_bytes", StringComparison.Ordinal) && element.TryGetInt64(out var bytes)) return Plain.Bytes(bytes);
        if (name.EndsWith("_seconds", StringComparison.Ordinal)) return Plain.Age(element.GetDouble());
        return element.TryGetInt64(out var count) ? Plain.Count(count) : value;
    }
}
