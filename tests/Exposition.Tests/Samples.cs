namespace Gateway.Exposition.Tests;

/// <summary>Samples that several tests use.</summary>
internal static class Samples
{
    /// <summary>Adds the one sample of a family without labels.</summary>
    public static void Add(this SampleBatch batch, MetricFamily family, double value) => batch.Add(family, Series.Create(family, []), value);

    /// <summary>Every type with every role.</summary>
    public static SampleBatch OfEveryType()
    {
        var batch = new SampleBatch();
        var counter = MetricFamily.Create("c_seconds_total", MetricType.Counter, "Counter.", "seconds", "x");
        batch.Add(counter, Series.Create(counter, ["1"]), 1);
        batch.Add(counter, Series.Create(counter, ["1"], SampleRole.Created), 1700000000.5);
        batch.Add(MetricFamily.Counter("plain", "Counter without suffix."), 2);
        batch.Add(MetricFamily.Create("g_bytes", MetricType.Gauge, "Gauge.", "bytes"), 3);
        var histogram = MetricFamily.Create("h", MetricType.Histogram, "Histogram.", "", "x");
        AddBuckets(batch, histogram, ["1"], (0.5, 1), (1, 2), (double.PositiveInfinity, 3));
        batch.Add(histogram, Series.Create(histogram, ["1"], SampleRole.Sum), 4.5);
        batch.Add(histogram, Series.Create(histogram, ["1"], SampleRole.Count), 3);
        batch.Add(histogram, Series.Create(histogram, ["1"], SampleRole.Created), 1700000000);
        var gaugeHistogram = MetricFamily.Create("gh", MetricType.GaugeHistogram, "Gauge histogram.", "");
        AddBuckets(batch, gaugeHistogram, [], (double.PositiveInfinity, 3));
        batch.Add(gaugeHistogram, Series.Create(gaugeHistogram, [], SampleRole.Sum), 4.5);
        batch.Add(gaugeHistogram, Series.Create(gaugeHistogram, [], SampleRole.Count), 3);
        var summary = MetricFamily.Create("s", MetricType.Summary, "Summary.", "");
        batch.Add(summary, Series.Create(summary, [], SampleRole.Quantile, 0.5), 1);
        batch.Add(summary, Series.Create(summary, [], SampleRole.Quantile, 1), 2);
        batch.Add(summary, Series.Create(summary, [], SampleRole.Sum), 3);
        batch.Add(summary, Series.Create(summary, [], SampleRole.Count), 4);
        batch.Add(summary, Series.Create(summary, [], SampleRole.Created), 1700000000);
        var info = MetricFamily.Create("i_info", MetricType.Info, "Info.", "", "version");
        batch.Add(info, Series.Create(info, ["1"]), 1);
        var states = MetricFamily.Create("state", MetricType.StateSet, "State set.", "", "state");
        batch.Add(states, Series.Create(states, ["on"], SampleRole.State), 1);
        batch.Add(states, Series.Create(states, ["off"], SampleRole.State), 0);
        batch.Add(MetricFamily.Untyped("u", "Unknown."), 5);
        return batch;
    }

    private static void AddBuckets(SampleBatch batch, MetricFamily family, string[] labels, params (double Bound, double Count)[] buckets)
    {
        foreach (var (bound, count) in buckets) batch.Add(family, Series.Create(family, labels, SampleRole.Bucket, bound), count);
    }
}
