using System.Buffers;
using System.Text.Encodings.Web;
using System.Text.Json;
using Gateway.Exposition;

namespace Gateway.Buffering.Export;

/// <summary>
/// Lines of JSON for <c>/api/v1/import</c> of VictoriaMetrics: <c>{"metric":{"__name__":"…",…},"values":[…],"timestamps":[…]}</c>, names as in text 0.0.4, Unix ms.
/// </summary>
/// <remarks>
/// Infinities are written <c>1e999</c> and <c>-1e999</c>: valid JSON, and read as infinity (measured on 1.79 and 1.112), whereas 1.79 refuses a line with texts or <c>null</c>
/// among its values. NaN has no spelling in JSON, and VictoriaMetrics drops every NaN it is given except its stale marker: such samples are left out and counted.
/// </remarks>
internal sealed class JsonLinesExportWriter : IExportWriter, IDisposable
{
    private static readonly JsonEncodedText Metric = JsonEncodedText.Encode("metric");
    private static readonly JsonEncodedText Name = JsonEncodedText.Encode("__name__");
    private static readonly JsonEncodedText Values = JsonEncodedText.Encode("values");
    private static readonly JsonEncodedText Timestamps = JsonEncodedText.Encode("timestamps");

    private Utf8JsonWriter? _json;

    /// <summary>A line has at most some 400 KiB: VictoriaMetrics takes 10 MiB (100 MiB in older versions).</summary>
    public int ChunkSamples => 10_000;

    public bool NeedsOrder => false;

    public void WriteFamily(IBufferWriter<byte> output, MetricFamily family)
    {
        // A line says all about its series; type and help have no place.
    }

    public int WriteSamples(IBufferWriter<byte> output, Series series, ReadOnlySpan<double> values, ReadOnlySpan<long> timesMs)
    {
        var count = 0;
        foreach (var value in values)
        {
            if (!double.IsNaN(value)) count++;
        }

        if (count == 0 || series.Role == SampleRole.Created) return 0;
        var json = WriterTo(output);
        json.WriteStartObject();
        WriteLabels(json, series);
        json.WriteStartArray(Values);
        foreach (var value in values) WriteValue(json, value);
        json.WriteEndArray();
        json.WriteStartArray(Timestamps);
        for (var i = 0; i < timesMs.Length; i++)
        {
            if (!double.IsNaN(values[i])) json.WriteNumberValue(timesMs[i]);
        }

        json.WriteEndArray();
        json.WriteEndObject();
        json.Flush();
        output.Write("\n"u8);
        return count;
    }

    public void WriteEnd(IBufferWriter<byte> output)
    {
        // Lines end by themselves.
    }

    public void Dispose() => _json?.Dispose();

    private Utf8JsonWriter WriterTo(IBufferWriter<byte> output)
    {
        if (_json is null) return _json = new Utf8JsonWriter(output, new JsonWriterOptions { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping, SkipValidation = true });
        _json.Reset(output);
        return _json;
    }

    private static void WriteLabels(Utf8JsonWriter json, Series series)
    {
        json.WriteStartObject(Metric);
        json.WriteString(Name, series.SampleName);
        for (var i = 0; i < series.LabelValues.Count; i++)
        {
            // To a server a label with an empty value is none.
            if (series.LabelValues[i].Length > 0) json.WriteString(series.LabelNames[i], series.LabelValues[i]);
        }

        if (series.BoundLabelName is { } bound) json.WriteString(bound, series.BoundLabelValue);
        json.WriteEndObject();
    }

    private static void WriteValue(Utf8JsonWriter json, double value)
    {
        if (double.IsFinite(value)) json.WriteNumberValue(value);
        else if (!double.IsNaN(value)) json.WriteRawValue(value > 0 ? "1e999"u8 : "-1e999"u8, skipInputValidation: true);
    }
}
