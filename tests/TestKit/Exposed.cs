using System.Buffers;
using System.Text;
using Gateway.Collectors;
using Gateway.Exposition;

namespace Gateway.TestKit;

/// <summary>Text of what collectors and batches expose, for comparing as a whole.</summary>
public static class Exposed
{
    /// <summary>Runs a collector once and returns its families in a format.</summary>
    public static async Task<string> TextAsync(ICollector collector, ExpositionFormat format = ExpositionFormat.Text)
    {
        var sink = new MetricSink();
        return await TextAsync(collector, sink, format);
    }

    /// <summary>Runs a collector once with a sink that the test looks at afterwards.</summary>
    public static async Task<string> TextAsync(ICollector collector, MetricSink sink, ExpositionFormat format = ExpositionFormat.Text)
    {
        var batch = new SampleBatch();
        sink.Begin(batch);
        await collector.CollectAsync(sink, CancellationToken.None);
        sink.End();
        return Text(batch, format);
    }

    /// <summary>A batch in a format.</summary>
    public static string Text(SampleBatch batch, ExpositionFormat format = ExpositionFormat.Text)
    {
        var output = new ArrayBufferWriter<byte>();
        new ExpositionWriter(format).WriteAll(output, batch);
        return Encoding.UTF8.GetString(output.WrittenSpan);
    }
}
