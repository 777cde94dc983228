using Gateway.Exposition;
using Gateway.TestKit;
using Xunit;

namespace Gateway.Collectors.Tests;

/// <summary>What a collector may rely on when it hands over its samples.</summary>
public sealed class MetricSinkTests
{
    private static readonly MetricFamily Value = MetricFamily.Gauge("value", "A value.", "x");

    private readonly SampleBatch _batch = new();

    [Fact]
    public void A_histogram_gets_its_last_bucket_from_the_count()
    {
        var family = MetricFamily.Create("pause_seconds", MetricType.Histogram, "Pauses.", "", "x");
        var sink = Started();
        sink.AddHistogram(family, ["a"], [(0.5, 1), (1, 2)], sum: 4.5, count: 3);
        sink.AddHistogram(family, ["b"], [(1, 0), (double.PositiveInfinity, 7)], sum: 0, count: 1);
        Assert.Equal(
            """
            # HELP pause_seconds Pauses.
            # TYPE pause_seconds histogram
            pause_seconds_bucket{x="a",le="0.5"} 1
            pause_seconds_bucket{x="a",le="1"} 2
            pause_seconds_bucket{x="a",le="+Inf"} 3
            pause_seconds_sum{x="a"} 4.5
            pause_seconds_count{x="a"} 3
            pause_seconds_bucket{x="b",le="1"} 0
            pause_seconds_bucket{x="b",le="+Inf"} 1
            pause_seconds_sum{x="b"} 0
            pause_seconds_count{x="b"} 1

            """,
            Exposed.Text(_batch));
    }

    [Fact]
    public void A_summary_has_its_quantiles_its_sum_and_its_count()
    {
        var family = MetricFamily.Create("pause_seconds", MetricType.Summary, "Pauses.", "");
        Started().AddSummary(family, [], [(0.5, 1), (0.99, 2)], sum: 3, count: 4);
        Assert.Equal(
            """
            # HELP pause_seconds Pauses.
            # TYPE pause_seconds summary
            pause_seconds{quantile="0.5"} 1
            pause_seconds{quantile="0.99"} 2
            pause_seconds_sum 3
            pause_seconds_count 4

            """,
            Exposed.Text(_batch));
    }

    [Fact]
    public void More_samples_than_a_run_may_give_are_refused_and_not_forgotten_when_the_collector_swallows_it()
    {
        var sink = Started(maxSamples: 2);
        sink.Add(Value, ["a"], 1);
        sink.Add(Value, ["b"], 2);
        Assert.False(sink.IsOverLimit);
        Assert.Throws<SampleLimitException>(() => sink.Add(Value, ["c"], 3));
        Assert.True(sink.IsOverLimit);
        Assert.Equal(2, _batch.SampleCount);
        sink.Begin(new SampleBatch());
        Assert.False(sink.IsOverLimit);
    }

    [Fact]
    public void Faults_are_all_counted_the_first_ones_kept_and_none_outlives_its_run()
    {
        var sink = Started();
        for (var i = 0; i <= MetricSink.MaxFaults; i++) sink.Fault($"fault {i}");
        Assert.Equal((MetricSink.MaxFaults + 1, MetricSink.MaxFaults, "fault 0"), (sink.FaultCount, sink.Faults.Count, sink.Faults[0]));
        sink.Begin(_batch);
        Assert.Equal((0, 0), (sink.FaultCount, sink.Faults.Count));
    }

    private MetricSink Started(int maxSamples = int.MaxValue)
    {
        var sink = new MetricSink(maxSamples);
        sink.Begin(_batch);
        return sink;
    }
}
