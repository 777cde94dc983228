using System.Buffers;
using BenchmarkDotNet.Attributes;
using Gateway.Collectors;
using Gateway.Exposition;

namespace Gateway.Benchmarks;

/// <summary>Reading an exposition of 10,000 series into a document, in both formats.</summary>
[MemoryDiagnoser]
public class ParsingBenchmarks
{
    private const int Series = 10_000;

    private byte[] _content = [];

    [Params(ExpositionFormat.Text, ExpositionFormat.OpenMetrics)]
    public ExpositionFormat Format { get; set; }

    [GlobalSetup]
    public void SetUp()
    {
        var sink = new MetricSink();
        Fleet.Fill(sink, Fleet.Families(Series), 0.25);
        var output = new ArrayBufferWriter<byte>();
        new ExpositionWriter(Format).WriteAll(output, sink.Batch);
        _content = output.WrittenSpan.ToArray();
    }

    [Benchmark]
    public int Document() => ExpositionDocument.Parse(_content, Format).SampleCount;
}
