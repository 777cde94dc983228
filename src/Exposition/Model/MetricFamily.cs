using System.Text;

namespace Gateway.Exposition;

/// <summary>
/// One metric family: name, type, unit, help and the names of its labels. Immutable and checked when it is built, so that a family
/// that exists can always be written; the header lines of both formats are encoded once. Build families once (static readonly), not per scrape:
/// samples are grouped by the identity of this object. Safe to share between threads.
/// </summary>
/// <remarks>
/// <see cref="Name"/> is the name in text 0.0.4, which is the name upstream exporters document: counters normally end in
/// <c>_total</c>, info families in <c>_info</c>. OpenMetrics takes that suffix off the family (<see cref="OpenMetricsName"/>) and puts it on the sample.
/// </remarks>
public sealed class MetricFamily
{
    private const string TotalSuffix = "_total";
    private const string InfoSuffix = "_info";

    private MetricFamily(string name, MetricType type, string help, string unit, string[] labelNames)
    {
        Check(name, type, unit, labelNames);
        Name = name;
        Type = type;
        Help = help;
        Unit = unit;
        // A copy: the array is the caller's, and series are written with these names for as long as the family lives.
        LabelNames = Array.AsReadOnly([.. labelNames]);
        OpenMetricsName = type switch
        {
            MetricType.Counter when name.EndsWith(TotalSuffix, StringComparison.Ordinal) => name[..^TotalSuffix.Length],
            MetricType.Info when name.EndsWith(InfoSuffix, StringComparison.Ordinal) => name[..^InfoSuffix.Length],
            _ => name,
        };
        SampleNames = NamesWritten(name, OpenMetricsName, type);
        TextHeader = Encoding.UTF8.GetBytes($"# HELP {name} {Escaping.Help(help)}\n# TYPE {name} {type.TextName()}\n");
        var unitLine = unit.Length == 0 ? "" : $"# UNIT {OpenMetricsName} {unit}\n";
        OpenMetricsHeader = Encoding.UTF8.GetBytes(
            $"# TYPE {OpenMetricsName} {type.OpenMetricsName()}\n{unitLine}# HELP {OpenMetricsName} {Escaping.LabelValue(help)}\n");
    }

    /// <summary>Name in text 0.0.4, for example <c>node_cpu_seconds_total</c>.</summary>
    public string Name { get; }

    /// <summary>Name in OpenMetrics: without <c>_total</c> for counters and <c>_info</c> for info families.</summary>
    public string OpenMetricsName { get; }

    /// <summary>Type; decides which samples the family may have.</summary>
    public MetricType Type { get; }

    /// <summary>One sentence for people; any text, may be empty.</summary>
    public string Help { get; }

    /// <summary>Unit in base units (<c>seconds</c>, <c>bytes</c>); empty when none is declared. Only OpenMetrics shows it.</summary>
    public string Unit { get; }

    /// <summary>Names of the labels that every series of the family carries, in order; empty for families whose label names vary per series.</summary>
    public IReadOnlyList<string> LabelNames { get; }

    /// <summary>
    /// Every name the family writes in one of the formats, and the one that OpenMetrics keeps for times of creation (<c>_created</c>) whether it writes any
    /// or not. Families that share none of them can stand in one exposition for the strictest of readers.
    /// </summary>
    public ReadOnlySpan<string> WrittenNames => Type is MetricType.Counter or MetricType.Histogram or MetricType.Summary
        ? (string[])[.. SampleNames, OpenMetricsName + "_created"]
        : SampleNames;

    /// <summary>Every name the family writes in one of the formats: its own first, then those of its samples.</summary>
    internal string[] SampleNames { get; }

    /// <summary>The header lines of text 0.0.4, encoded, ending in a line feed.</summary>
    internal ReadOnlyMemory<byte> TextHeader { get; }

    /// <summary>The header lines of OpenMetrics, encoded, ending in a line feed.</summary>
    internal ReadOnlyMemory<byte> OpenMetricsHeader { get; }

    /// <summary>A value that goes up and down.</summary>
    /// <exception cref="ArgumentException">A name breaks the grammar of <see cref="MetricNames"/>, or a label is named twice.</exception>
    public static MetricFamily Gauge(string name, string help, params string[] labelNames) => Create(name, MetricType.Gauge, help, "", labelNames);

    /// <summary>A value that only grows. The name should end in <c>_total</c>; OpenMetrics appends it to the samples otherwise.</summary>
    /// <exception cref="ArgumentException">A name breaks the grammar of <see cref="MetricNames"/>, or a label is named twice.</exception>
    public static MetricFamily Counter(string name, string help, params string[] labelNames) => Create(name, MetricType.Counter, help, "", labelNames);

    /// <summary>A value about which nothing is claimed.</summary>
    /// <exception cref="ArgumentException">A name breaks the grammar of <see cref="MetricNames"/>, or a label is named twice.</exception>
    public static MetricFamily Untyped(string name, string help, params string[] labelNames) => Create(name, MetricType.Unknown, help, "", labelNames);

    /// <summary>Any family, with unit.</summary>
    /// <param name="name">Name as in text 0.0.4.</param>
    /// <param name="type">Type.</param>
    /// <param name="help">One sentence for people.</param>
    /// <param name="unit">Empty, or the last word of the name (before <c>_total</c>), as OpenMetrics asks for.</param>
    /// <param name="labelNames">Without <c>le</c> and <c>quantile</c>, which histograms and summaries add themselves.</param>
    /// <exception cref="ArgumentException">A name breaks the grammar, a label is named twice, or the unit is not the end of the name.</exception>
    public static MetricFamily Create(string name, MetricType type, string help, string unit, params string[] labelNames) =>
        new(name, type, help, unit, labelNames);

    /// <summary>The same family with another help text.</summary>
    public MetricFamily WithHelp(string help) => new(Name, Type, help, Unit, [.. LabelNames]);

    /// <inheritdoc/>
    public override string ToString() => $"{Name} ({Type.OpenMetricsName()})";

    private static void Check(string name, MetricType type, string unit, string[] labelNames)
    {
        if (!MetricNames.IsMetricName(name)) throw new ArgumentException($"'{name}': {MetricNames.MetricRule}.", nameof(name));
        if (type == MetricType.Counter && name == TotalSuffix) throw new ArgumentException("A counter needs a name before '_total'.", nameof(name));
        if (type == MetricType.Info && !(name.EndsWith(InfoSuffix, StringComparison.Ordinal) && name.Length > InfoSuffix.Length))
            throw new ArgumentException($"'{name}': the name of an info family ends in '_info'.", nameof(name));

        if (type == MetricType.StateSet && (!MetricNames.IsLabelName(name) || (labelNames.Length > 0 && !labelNames.AsSpan().Contains(name))))
            throw new ArgumentException($"The states of the state set '{name}' stand in a label of that name.", nameof(labelNames));

        for (var i = 0; i < labelNames.Length; i++)
        {
            var label = labelNames[i];
            if (!MetricNames.IsLabelName(label)) throw new ArgumentException($"'{label}' of '{name}': {MetricNames.LabelRule}.", nameof(labelNames));
            if (label == ReservedLabel(type)) throw new ArgumentException($"'{label}' of '{name}' is a label that the type writes itself.", nameof(labelNames));
            if (labelNames.AsSpan(0, i).Contains(label)) throw new ArgumentException($"'{name}' names label '{label}' twice.", nameof(labelNames));
        }

        if (unit.Length == 0) return;
        if (!MetricNames.IsMetricName(unit)) throw new ArgumentException($"'{unit}' is not a unit.", nameof(unit));
        var bare = type == MetricType.Counter && name.EndsWith(TotalSuffix, StringComparison.Ordinal) ? name[..^TotalSuffix.Length] : name;
        if (type is MetricType.Info or MetricType.StateSet) throw new ArgumentException($"'{name}': info and stateset families have no unit.", nameof(unit));
        if (!bare.EndsWith("_" + unit, StringComparison.Ordinal))
            throw new ArgumentException($"The name '{name}' must end in its unit '_{unit}'.", nameof(unit));
    }

    private static string[] NamesWritten(string name, string openMetricsName, MetricType type) => type switch
    {
        MetricType.Counter when name == openMetricsName => [name, name + TotalSuffix],
        MetricType.Counter or MetricType.Info => [openMetricsName, name],
        MetricType.Histogram => [name, name + "_bucket", name + "_sum", name + "_count"],
        MetricType.GaugeHistogram => [name, name + "_bucket", name + "_gsum", name + "_gcount"],
        MetricType.Summary => [name, name + "_sum", name + "_count"],
        _ => [name],
    };

    /// <summary>The label that buckets or quantiles of the type write themselves; null when the type has none.</summary>
    internal static string? ReservedLabel(MetricType type) => type switch
    {
        MetricType.Histogram or MetricType.GaugeHistogram => "le",
        MetricType.Summary => "quantile",
        _ => null,
    };
}
