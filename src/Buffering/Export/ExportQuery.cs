using System.Globalization;
using Gateway.Exposition;

namespace Gateway.Buffering.Export;

/// <summary>What an export holds, and as what. Also the query string of <c>GET /prom/buffer/export</c>, written and read here so that both ends agree.</summary>
public sealed record ExportQuery
{
    /// <summary>Most labels that an export adds; a target has two (<c>job</c>, <c>instance</c>) and rarely more than ten.</summary>
    public const int MaxLabels = 32;

    /// <summary>Longest value of an added label, in characters.</summary>
    public const int MaxLabelCharacters = 1024;

    private const string LabelPrefix = "labels.";

    /// <summary>Oldest sample, Unix ms, included.</summary>
    public required long SinceMs { get; init; }

    /// <summary>Newest sample, Unix ms, included.</summary>
    public required long UntilMs { get; init; }

    /// <summary>What it is written as.</summary>
    public required ExportFormat Format { get; init; }

    /// <summary>One kind only; null for both, metrics first.</summary>
    public SnapshotKind? Kind { get; init; }

    /// <summary>
    /// Labels given to every sample, as a server gives <c>job</c> and <c>instance</c> to what it scrapes. A label of that name which a sample has already is renamed to
    /// <c>exported_…</c>, as Prometheus does, or stays (<see cref="HonorLabels"/>). Checked by <see cref="LabelFault"/>.
    /// </summary>
    public IReadOnlyList<KeyValuePair<string, string>> Labels { get; init; } = [];

    /// <summary>A label that a sample has already stays and the added one is left out, as with <c>honor_labels: true</c>, also when its value is empty: then the sample has none.</summary>
    public bool HonorLabels { get; init; }

    /// <summary>The query string, without question mark.</summary>
    public string ToQueryString()
    {
        var text = string.Create(CultureInfo.InvariantCulture, $"since={SinceMs}&until={UntilMs}&format={Format.Name}&kind={KindName}{(HonorLabels ? "&honor_labels=true" : "")}");
        return text + string.Concat(Labels.Select(label => $"&{LabelPrefix}{Uri.EscapeDataString(label.Key)}={Uri.EscapeDataString(label.Value)}"));
    }

    /// <summary>Reads the parameters of a query string. A parameter that is not known, missing (<c>since</c>) or given twice is a fault: an export that ignored it would be another one.</summary>
    /// <param name="parameters">Decoded, in any order.</param>
    /// <param name="nowMs">The end when <c>until</c> is missing, Unix ms.</param>
    /// <param name="query">The export.</param>
    /// <param name="fault">A sentence that says what would be right, without the sender's text; empty after success.</param>
    public static bool TryParse(IEnumerable<KeyValuePair<string, string>> parameters, long nowMs, out ExportQuery query, out string fault)
    {
        query = new ExportQuery { SinceMs = 0, UntilMs = nowMs, Format = ExportFormat.OpenMetrics };
        var seen = new HashSet<string>(StringComparer.Ordinal);
        var labels = new List<KeyValuePair<string, string>>();
        foreach (var (name, value) in parameters)
        {
            (query, fault) = !seen.Add(name) ? (query, "A parameter stands twice.")
                : name.StartsWith(LabelPrefix, StringComparison.Ordinal) ? query.WithLabel(name[LabelPrefix.Length..], value, labels)
                : query.With(name, value);
            if (fault.Length > 0) return false;
        }

        fault = !seen.Contains("since") ? "The parameter since is missing: Unix milliseconds of the oldest sample."
            : query.SinceMs > query.UntilMs ? "since is later than until." : "";
        query = query with { Labels = labels };
        return fault.Length == 0;
    }

    /// <summary>What is wrong with a label to add; empty when nothing is.</summary>
    public static string LabelFault(string name, string value) =>
        !MetricNames.IsLabelName(name) ? $"A label cannot have this name: {MetricNames.LabelRule}."
        : name is "le" or "quantile" ? "le and quantile belong to buckets and quantiles and cannot be added."
        : value.Length is 0 or > MaxLabelCharacters ? $"The value of a label has 1 to {MaxLabelCharacters} characters." : "";

    /// <summary>Name of <see cref="Kind"/> in the query string and on the command line.</summary>
    public string KindName => Kind switch { SnapshotKind.Metrics => "metrics", SnapshotKind.Pushes => "pushes", _ => "all" };

    /// <summary>Reads the name of a kind.</summary>
    public static bool TryParseKind(string? text, out SnapshotKind? kind)
    {
        (kind, var known) = text switch
        {
            "all" => ((SnapshotKind?)null, true),
            "metrics" => (SnapshotKind.Metrics, true),
            "pushes" => (SnapshotKind.Pushes, true),
            _ => (null, false),
        };
        return known;
    }

    private (ExportQuery Query, string Fault) With(string name, string value)
    {
        switch (name)
        {
            case "since":
                return TryParseTime(value, out var since) ? (this with { SinceMs = since }, "") : (this, "since is not a time in Unix milliseconds.");
            case "until":
                return TryParseTime(value, out var until) ? (this with { UntilMs = until }, "") : (this, "until is not a time in Unix milliseconds.");
            case "format":
                return ExportFormats.TryParse(value, out var format) ? (this with { Format = format }, "") : (this, $"format is {ExportFormats.Names}.");
            case "kind":
                return TryParseKind(value, out var kind) ? (this with { Kind = kind }, "") : (this, "kind is metrics, pushes or all.");
            case "honor_labels":
                return value is "true" or "false" ? (this with { HonorLabels = value == "true" }, "") : (this, "honor_labels is true or false.");
            default:
                return (this, "Unknown parameter; there are since, until, format, kind, honor_labels and labels.NAME.");
        }
    }

    private (ExportQuery Query, string Fault) WithLabel(string name, string value, List<KeyValuePair<string, string>> labels)
    {
        var fault = labels.Count == MaxLabels ? $"At most {MaxLabels} labels can be added." : LabelFault(name, value);
        if (fault.Length == 0) labels.Add(new(name, value));
        return (this, fault);
    }

    private static bool TryParseTime(string value, out long timeMs) =>
        long.TryParse(value, NumberStyles.None, CultureInfo.InvariantCulture, out timeMs);
}
