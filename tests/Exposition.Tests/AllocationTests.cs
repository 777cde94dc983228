using System.Buffers;
using System.Globalization;
using System.Text;
using Xunit;

namespace Gateway.Exposition.Tests;

public sealed class AllocationTests
{
    private const int SeriesCount = 10_000;

    [Theory, InlineData(ExpositionFormat.Text), InlineData(ExpositionFormat.OpenMetrics)]
    public void A_second_rendering_allocates_nothing_per_sample(ExpositionFormat format)
    {
        var batch = Filled(new SampleBatch(), Series());
        var output = new ArrayBufferWriter<byte>(4 << 20);
        new ExpositionWriter(format).WriteAll(output, batch);
        var first = output.WrittenSpan.ToArray();
        output.ResetWrittenCount();
        var before = GC.GetAllocatedBytesForCurrentThread();
        new ExpositionWriter(format).WriteAll(output, batch);
        var allocated = GC.GetAllocatedBytesForCurrentThread() - before;
        Assert.True(allocated < 1024, $"{allocated} bytes");
        Assert.True(output.WrittenSpan.SequenceEqual(first));
    }

    [Fact]
    public void Filling_and_merging_again_allocates_nothing_per_sample()
    {
        var series = Series();
        var batch = Filled(new SampleBatch(), series);
        var merger = new BatchMerger();
        merger.Add("0", batch);
        var before = GC.GetAllocatedBytesForCurrentThread();
        batch.Clear();
        Filled(batch, series);
        merger.Clear();
        merger.Add("0", batch);
        var allocated = GC.GetAllocatedBytesForCurrentThread() - before;
        Assert.True(allocated < 1024, $"{allocated} bytes");
        Assert.Equal(SeriesCount, batch.SampleCount);
    }

    [Fact]
    public void A_bare_reader_allocates_nothing_per_line()
    {
        var text = Encoding.UTF8.GetBytes(Typical(2000));
        var openMetrics = Encoding.UTF8.GetBytes(Typical(2000).Replace(" counter\n", " gauge\n", StringComparison.Ordinal) + "# EOF\n");
        Assert.Equal((2000, 2000), (CountText(text), CountOpenMetrics(openMetrics)));
        var before = GC.GetAllocatedBytesForCurrentThread();
        CountText(text);
        CountOpenMetrics(openMetrics);
        Assert.Equal(0, GC.GetAllocatedBytesForCurrentThread() - before);
    }

    /// <summary>Lines like those of node_exporter.</summary>
    internal static string Typical(int samples)
    {
        var text = new StringBuilder();
        for (var i = 0; i < samples; i++)
        {
            if (i % 50 == 0) text.Append(CultureInfo.InvariantCulture, $"# HELP node_cpu_seconds_{i}_total Seconds the CPUs spent in each mode.\n# TYPE node_cpu_seconds_{i}_total counter\n");
            text.Append(CultureInfo.InvariantCulture, $"node_cpu_seconds_{i / 50 * 50}_total{{cpu=\"{i % 50}\",mode=\"idle\"}} {i * 7919.25}\n");
        }

        return text.ToString();
    }

    private static int CountText(ReadOnlySpan<byte> content)
    {
        var reader = new TextFormatReader(content, ParseLimits.Default);
        var samples = 0;
        while (true)
        {
            var kind = reader.Read();
            if (kind == LineKind.End) return samples;
            if (kind == LineKind.Sample) samples++;
        }
    }

    private static int CountOpenMetrics(ReadOnlySpan<byte> content)
    {
        var reader = new OpenMetricsReader(content, ParseLimits.Default);
        var samples = 0;
        while (true)
        {
            var kind = reader.Read();
            if (kind == LineKind.End) return samples;
            if (kind == LineKind.Sample) samples++;
        }
    }

    private static Series[] Series()
    {
        var family = MetricFamily.Counter("node_cpu_seconds_total", "Seconds.", "cpu", "mode");
        var series = new Series[SeriesCount];
        for (var i = 0; i < SeriesCount; i++) series[i] = Exposition.Series.Create(family, [$"{i}", "idle"]);
        return series;
    }

    private static SampleBatch Filled(SampleBatch batch, Series[] series)
    {
        for (var i = 0; i < series.Length; i++) batch.Add(series[i].Family, series[i], i * 1.1, i % 2 == 0 ? i : SampleBatch.NoTimestamp);
        return batch;
    }
}
