using System.Buffers;
using BenchmarkDotNet.Attributes;
using Gateway.Collectors;
using Gateway.Exposition;

namespace Gateway.Benchmarks;

/// <summary>Writing a batch into a buffer that stays: what a scrape costs once the samples are there. Static values, and values that all changed.</summary>
[MemoryDiagnoser]
public class RenderingBenchmarks
{
    private readonly ArrayBufferWriter<byte> _output = new();
    private readonly SampleBatch[] _batches = [new(), new()];
    private readonly MetricSink _sink = new();
    private ExpositionWriter _writer;
    private int _turn;

    [Params(100, 1_000, 10_000, 100_000)]
    public int Series { get; set; }

    [Params(ExpositionFormat.Text, ExpositionFormat.OpenMetrics)]
    public ExpositionFormat Format { get; set; }

    [GlobalSetup]
    public void SetUp()
    {
        // Both batches hold the same series objects, so that switching between them changes the value of each.
        var families = Fleet.Families(Series);
        for (var i = 0; i < _batches.Length; i++)
        {
            _sink.Begin(_batches[i]);
            Fleet.Fill(_sink, families, i + 0.25);
        }

        _writer = new ExpositionWriter(Format);
        _writer.WriteAll(_output, _batches[0]);
    }

    [Benchmark(Baseline = true)]
    public int Static() => Render(_batches[0]);

    [Benchmark]
    public int AllChanged() => Render(_batches[_turn++ & 1]);

    private int Render(SampleBatch batch)
    {
        _output.ResetWrittenCount();
        _writer.WriteAll(_output, batch);
        return _output.WrittenCount;
    }
}
