using Gateway.Collectors;
using Gateway.Exposition;

namespace Gateway.Benchmarks;

/// <summary>Made-up families of gauges with three labels, 1,000 series each: the shape of the comparison with the .NET client library.</summary>
internal static class Fleet
{
    private const int SeriesPerFamily = 1000;

    /// <summary>Adds so many samples; <paramref name="round"/> decides the values.</summary>
    public static void Fill(MetricSink sink, (MetricFamily Family, string[][] Labels)[] families, double round)
    {
        foreach (var (family, labels) in families)
        {
            for (var i = 0; i < labels.Length; i++) sink.Add(family, labels[i], (i * 1.5) + round);
        }
    }

    public static (MetricFamily Family, string[][] Labels)[] Families(int series)
    {
        var count = (series + SeriesPerFamily - 1) / SeriesPerFamily;
        var families = new (MetricFamily, string[][])[count];
        for (var f = 0; f < count; f++)
        {
            var labels = new string[Math.Min(SeriesPerFamily, series - (f * SeriesPerFamily))][];
            for (var i = 0; i < labels.Length; i++) labels[i] = [$"box{i}", $"lan{i % 7}", "prod"];
            families[f] = (MetricFamily.Gauge($"fleet_gauge_{f}", "A gauge of the fleet.", "instance", "network", "stage"), labels);
        }

        return families;
    }
}
