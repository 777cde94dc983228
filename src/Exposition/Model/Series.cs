using System.Text;

namespace Gateway.Exposition;

/// <summary>
/// One series: a sample name with its labels, encoded once for both formats so that a scrape copies bytes. The labels, name and bytes never change.
/// The object also keeps the text of the value written last (see <see cref="ValueText"/>); that part is safe for concurrent writers.
/// </summary>
public sealed class Series
{
    /// <summary>Text of the last value written, reused while the value's bits stay the same.</summary>
    internal ValueText ValueText;

    /// <summary>Number of the run that added this series last; lets a batch see a second sample of the same series in one step.</summary>
    internal long LastRun;

    /// <summary>Number of the run of its table that asked for this series last; decides what the table forgets.</summary>
    internal long TableRun = -1;

    private Series(MetricFamily family, SampleRole role, IReadOnlyList<string> names, IReadOnlyList<string> values, double bound)
    {
        Family = family;
        Role = role;
        LabelNames = names;
        LabelValues = values;
        // Minus zero is the same bound as zero and must not be another text.
        Bound = bound == 0 ? 0 : bound;
        Text = Encode(openMetrics: false);
        var open = Encode(openMetrics: true);
        OpenMetrics = open.AsSpan().SequenceEqual(Text) ? Text : open;
    }

    /// <summary>The family it was built for.</summary>
    public MetricFamily Family { get; }

    /// <summary>Its part in the family.</summary>
    public SampleRole Role { get; }

    /// <summary>Label names in the order written; without <c>le</c> and <c>quantile</c>.</summary>
    public IReadOnlyList<string> LabelNames { get; }

    /// <summary>Label values, unescaped, one per name; half a surrogate pair is U+FFFD.</summary>
    public IReadOnlyList<string> LabelValues { get; }

    /// <summary>Upper bound of a bucket or the quantile; 0 for other roles.</summary>
    public double Bound { get; }

    /// <summary>Name, labels and one space, as they stand before the value in text 0.0.4.</summary>
    internal byte[] Text { get; }

    /// <summary>The same for OpenMetrics; the same array where the two agree.</summary>
    internal byte[] OpenMetrics { get; }

    /// <summary>A series with the label names of its family.</summary>
    /// <param name="family">Its family.</param>
    /// <param name="labelValues">One per label name of the family; copied.</param>
    /// <param name="role">Its part in the family.</param>
    /// <param name="bound">Upper bound or quantile.</param>
    /// <exception cref="ArgumentException">The number of values is not the number of label names, or the role or bound does not fit the type.</exception>
    public static Series Create(MetricFamily family, ReadOnlySpan<string> labelValues, SampleRole role = SampleRole.Value, double bound = 0)
    {
        if (labelValues.Length != family.LabelNames.Count)
            throw new ArgumentException($"{family.Name} has {family.LabelNames.Count} labels; {labelValues.Length} values were given.", nameof(labelValues));
        CheckRole(family, role, bound);
        return new Series(family, role, family.LabelNames, Encodable(labelValues.ToArray()), bound);
    }

    /// <summary>A series with label names of its own, for families whose labels vary (pushed values, text files).</summary>
    /// <param name="family">Its family, declared without label names.</param>
    /// <param name="labelNames">Distinct and legal; kept, do not change afterwards.</param>
    /// <param name="labelValues">One per name; kept, do not change afterwards.</param>
    /// <param name="role">Its part in the family.</param>
    /// <param name="bound">Upper bound or quantile.</param>
    /// <exception cref="ArgumentException">A name is illegal, reserved or named twice, the numbers differ, or the role or bound does not fit the type.</exception>
    public static Series Create(
        MetricFamily family, string[] labelNames, string[] labelValues, SampleRole role = SampleRole.Value, double bound = 0)
    {
        if (labelNames.Length != labelValues.Length) throw new ArgumentException("One value per label name is needed.", nameof(labelValues));
        CheckRole(family, role, bound);
        for (var i = 0; i < labelNames.Length; i++)
        {
            if (!MetricNames.IsLabelName(labelNames[i])) throw new ArgumentException($"'{labelNames[i]}': {MetricNames.LabelRule}.", nameof(labelNames));
            if (labelNames.AsSpan(0, i).Contains(labelNames[i])) throw new ArgumentException($"Label '{labelNames[i]}' stands twice.", nameof(labelNames));
            if (labelNames[i] == MetricFamily.ReservedLabel(family.Type))
                throw new ArgumentException($"Label '{labelNames[i]}' is written from the bound.", nameof(labelNames));
        }

        if (role == SampleRole.State && !labelNames.AsSpan().Contains(family.Name))
            throw new ArgumentException($"The state of '{family.Name}' stands in a label of that name.", nameof(labelNames));
        return new Series(family, role, labelNames, Encodable(labelValues), bound);
    }

    /// <summary>Name of the sample as text 0.0.4 writes it, with its suffix.</summary>
    public string SampleName => Family.Name + Suffix(Family.Type, Role);

    /// <summary>Bytes of name, labels and the space behind them in text 0.0.4.</summary>
    public int TextBytes => Text.Length;

    /// <summary>The label that carries the bound, <c>le</c> or <c>quantile</c>; null for a role without one.</summary>
    public string? BoundLabelName => BoundLabel(Role);

    /// <summary>Value of <see cref="BoundLabelName"/> as text 0.0.4 writes it; empty for a role without one. Built anew at each call.</summary>
    public string BoundLabelValue => BoundLabel(Role) is null ? "" : SampleNumber.BoundText(Bound, openMetrics: false);

    /// <summary>Name of the sample as a format writes it, with its suffix; UTF-8.</summary>
    public ReadOnlySpan<byte> NameIn(ExpositionFormat format)
    {
        var encoded = EncodedIn(format);
        return encoded[..encoded.IndexOfAny((byte)'{', (byte)' ')];
    }

    /// <summary>Value of the label <c>le</c> or <c>quantile</c> as a format writes it; empty for roles without one.</summary>
    public ReadOnlySpan<byte> BoundIn(ExpositionFormat format)
    {
        if (BoundLabelName is null) return [];
        // The bound is the last label, and a number needs no escape.
        var upToValue = EncodedIn(format)[..^"\"} ".Length];
        return upToValue[(upToValue.LastIndexOf((byte)'"') + 1)..];
    }

    /// <summary>Name and labels as text 0.0.4 writes them, for messages.</summary>
    public override string ToString() => Encoding.UTF8.GetString(Text.AsSpan(0, Text.Length - 1));

    /// <summary>The same series for another family object of the same name and type; shares nothing with this one that a batch marks.</summary>
    internal Series Copy(MetricFamily family) => new(family, Role, LabelNames, LabelValues, Bound);

    /// <summary>True when both have the same labels, in whatever order; to a server a label with an empty value is none.</summary>
    internal bool HasSameLabels(Series other)
    {
        var count = 0;
        for (var i = 0; i < LabelValues.Count; i++)
        {
            if (LabelValues[i].Length == 0) continue;
            count++;
            var at = IndexOf(other.LabelNames, other.LabelValues.Count, LabelNames[i]);
            if (at < 0 || !string.Equals(LabelValues[i], other.LabelValues[at], StringComparison.Ordinal)) return false;
        }

        for (var i = 0; i < other.LabelValues.Count; i++)
        {
            if (other.LabelValues[i].Length > 0) count--;
        }

        return count == 0;
    }

    /// <summary>A hash that agrees with <see cref="HasSameLabels"/>.</summary>
    internal int LabelHash()
    {
        var hash = 0;
        for (var i = 0; i < LabelValues.Count; i++)
        {
            if (LabelValues[i].Length == 0) continue;
            hash ^= HashCode.Combine(LabelNames[i].GetHashCode(StringComparison.Ordinal), LabelValues[i].GetHashCode(StringComparison.Ordinal));
        }

        return hash;
    }

    /// <summary>Suffix that a role adds to the name of its family in text 0.0.4.</summary>
    internal static string Suffix(MetricType type, SampleRole role) => role switch
    {
        SampleRole.Bucket => "_bucket",
        SampleRole.Sum => type == MetricType.GaugeHistogram ? "_gsum" : "_sum",
        SampleRole.Count => type == MetricType.GaugeHistogram ? "_gcount" : "_count",
        SampleRole.Created => "_created",
        _ => "",
    };

    /// <summary>The label that carries the bound, or null.</summary>
    internal static string? BoundLabel(SampleRole role) => role switch
    {
        SampleRole.Bucket => "le",
        SampleRole.Quantile => "quantile",
        _ => null,
    };

    private ReadOnlySpan<byte> EncodedIn(ExpositionFormat format) => format == ExpositionFormat.OpenMetrics ? OpenMetrics : Text;

    private static string[] Encodable(string[] values)
    {
        for (var i = 0; i < values.Length; i++)
        {
            var encodable = Escaping.Encodable(values[i]);
            if (ReferenceEquals(encodable, values[i])) continue;
            values = [.. values];
            values[i] = encodable;
        }

        return values;
    }

    private static void CheckRole(MetricFamily family, SampleRole role, double bound)
    {
        var fits = family.Type switch
        {
            MetricType.Histogram => role is SampleRole.Bucket or SampleRole.Sum or SampleRole.Count or SampleRole.Created,
            MetricType.GaugeHistogram => role is SampleRole.Bucket or SampleRole.Sum or SampleRole.Count,
            MetricType.Summary => role is SampleRole.Quantile or SampleRole.Sum or SampleRole.Count or SampleRole.Created,
            MetricType.Counter => role is SampleRole.Value or SampleRole.Created,
            MetricType.StateSet => role is SampleRole.State,
            _ => role is SampleRole.Value,
        };
        if (!fits) throw new ArgumentException($"A {family.Type.OpenMetricsName()} has no sample of role {role}.", nameof(role));
        if (BoundLabel(role) is null ? bound != 0 : double.IsNaN(bound))
            throw new ArgumentException($"{bound} is no bound of a sample of role {role}.", nameof(bound));
    }

    private byte[] Encode(bool openMetrics)
    {
        var text = new StringBuilder(openMetrics ? Family.OpenMetricsName : Family.Name);
        text.Append(openMetrics && Role == SampleRole.Value ? OpenMetricsValueSuffix(Family.Type) : Suffix(Family.Type, Role));
        var separator = '{';
        for (var i = 0; i < LabelValues.Count; i++)
        {
            text.Append(separator).Append(LabelNames[i]).Append("=\"").Append(Escaping.LabelValue(LabelValues[i])).Append('"');
            separator = ',';
        }

        if (BoundLabel(Role) is { } boundLabel)
        {
            text.Append(separator).Append(boundLabel).Append("=\"").Append(SampleNumber.BoundText(Bound, openMetrics)).Append('"');
            separator = ',';
        }

        if (separator == ',') text.Append('}');
        return Encoding.UTF8.GetBytes(text.Append(' ').ToString());
    }

    private static int IndexOf(IReadOnlyList<string> names, int count, string name)
    {
        for (var i = 0; i < count; i++)
        {
            if (string.Equals(names[i], name, StringComparison.Ordinal)) return i;
        }

        return -1;
    }

    private static string OpenMetricsValueSuffix(MetricType type) => type switch
    {
        MetricType.Counter => "_total",
        MetricType.Info => "_info",
        _ => "",
    };
}
