namespace Gateway.Exposition;

/// <summary>Suffixes of the samples of each type in OpenMetrics 1.0.0 (section "Metric types" of the specification).</summary>
internal static class SampleSuffixes
{
    private static readonly string[] Counter = ["_total", "_created"];
    private static readonly string[] Histogram = ["_bucket", "_count", "_sum", "_created"];
    private static readonly string[] GaugeHistogram = ["_bucket", "_gcount", "_gsum"];
    private static readonly string[] Summary = ["_count", "_sum", "_created"];
    private static readonly string[] Info = ["_info"];

    /// <summary>All suffixes but the empty one.</summary>
    public static string[] Of(MetricType type) => type switch
    {
        MetricType.Counter => Counter,
        MetricType.Histogram => Histogram,
        MetricType.GaugeHistogram => GaugeHistogram,
        MetricType.Summary => Summary,
        MetricType.Info => Info,
        _ => [],
    };

    /// <summary>What the name of the family has behind it in text 0.0.4.</summary>
    public static string OfTextName(MetricType type) => type switch
    {
        MetricType.Counter => "_total",
        MetricType.Info => "_info",
        _ => "",
    };

    /// <summary>The role of a sample with this suffix; false when the type has no such sample.</summary>
    public static bool TryGetRole(MetricType type, ReadOnlySpan<byte> suffix, out SampleRole role)
    {
        var found = type switch
        {
            MetricType.Counter when suffix.SequenceEqual("_total"u8) => SampleRole.Value,
            MetricType.Info when suffix.SequenceEqual("_info"u8) => SampleRole.Value,
            MetricType.Gauge or MetricType.Unknown when suffix.IsEmpty => SampleRole.Value,
            MetricType.StateSet when suffix.IsEmpty => SampleRole.State,
            MetricType.Summary when suffix.IsEmpty => SampleRole.Quantile,
            MetricType.Histogram or MetricType.GaugeHistogram when suffix.SequenceEqual("_bucket"u8) => SampleRole.Bucket,
            MetricType.Histogram or MetricType.Summary when suffix.SequenceEqual("_sum"u8) => SampleRole.Sum,
            MetricType.Histogram or MetricType.Summary when suffix.SequenceEqual("_count"u8) => SampleRole.Count,
            MetricType.GaugeHistogram when suffix.SequenceEqual("_gsum"u8) => SampleRole.Sum,
            MetricType.GaugeHistogram when suffix.SequenceEqual("_gcount"u8) => SampleRole.Count,
            MetricType.Counter or MetricType.Histogram or MetricType.Summary when suffix.SequenceEqual("_created"u8) => SampleRole.Created,
            _ => (SampleRole?)null,
        };
        role = found ?? SampleRole.Value;
        return found is not null;
    }
}
