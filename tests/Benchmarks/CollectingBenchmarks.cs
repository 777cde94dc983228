using BenchmarkDotNet.Attributes;
using Gateway.Collectors;
using Gateway.Exposition;

namespace Gateway.Benchmarks;

/// <summary>Putting samples into a sink by their label values, and merging the batch: what comes before the writing.</summary>
[MemoryDiagnoser]
public class CollectingBenchmarks
{
    private readonly MetricSink _sink = new();
    private readonly SampleBatch _batch = new();
    private readonly BatchMerger _merger = new();
    private (MetricFamily Family, string[][] Labels)[] _families = [];

    [Params(1_000, 10_000, 100_000)]
    public int Series { get; set; }

    [GlobalSetup]
    public void SetUp()
    {
        _families = Fleet.Families(Series);
        Collect();
    }

    [Benchmark]
    public int Collect()
    {
        _batch.Clear();
        _sink.Begin(_batch);
        Fleet.Fill(_sink, _families, 0);
        _sink.End();
        _merger.Clear();
        _merger.Add("fleet", _batch);
        return _merger.FamilyCount;
    }
}
