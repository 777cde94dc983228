using System.Buffers;
using Gateway.Exposition;

namespace Gateway.Buffering.Export;

/// <summary>
/// Text 0.0.4 or OpenMetrics. A family comes again on every page, which the formats do not know: its header is written the first time only. Prometheus, promtool
/// and VictoriaMetrics take the samples all the same, in whatever order the families come.
/// </summary>
internal sealed class ExpositionExportWriter(ExpositionFormat format) : IExportWriter
{
    private readonly ExpositionWriter _writer = new(format);
    private readonly HashSet<(string Name, MetricType Type)> _headers = [];

    /// <summary>Some 100 KiB of lines.</summary>
    public int ChunkSamples => 1000;

    /// <summary>Measured on promtool 2.42: a time that goes back is lost without a word within 5,000 samples, and ends the whole run after that.</summary>
    public bool NeedsOrder => true;

    public void WriteFamily(IBufferWriter<byte> output, MetricFamily family)
    {
        if (_headers.Add((family.Name, family.Type))) _writer.WriteHeader(output, family);
    }

    public int WriteSamples(IBufferWriter<byte> output, Series series, ReadOnlySpan<double> values, ReadOnlySpan<long> timesMs)
    {
        _writer.WriteSeries(output, series, timesMs, values, start: 0, maxBytes: int.MaxValue, out var written);
        return written > 0 ? values.Length : 0;
    }

    public void WriteEnd(IBufferWriter<byte> output) => _writer.WriteEnd(output);
}
