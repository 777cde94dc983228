namespace Gateway.Exposition;

/// <summary>
/// When two series are the same to a server: same role, same bound, same labels in whatever order, where a label with an empty value counts as absent.
/// The family is not looked at: callers compare within one.
/// </summary>
public sealed class SeriesIdentity : IEqualityComparer<Series>
{
    /// <summary>The same sample.</summary>
    public static readonly SeriesIdentity Sample = new(wholeMetric: false);

    /// <summary>The same metric: all buckets, sum and count of one histogram are one.</summary>
    public static readonly SeriesIdentity Metric = new(wholeMetric: true);

    private readonly bool _wholeMetric;

    private SeriesIdentity(bool wholeMetric) => _wholeMetric = wholeMetric;

    /// <inheritdoc/>
    public bool Equals(Series? x, Series? y) =>
        ReferenceEquals(x, y) || (x is not null && y is not null && (_wholeMetric || (x.Role == y.Role && x.Bound.Equals(y.Bound))) && x.HasSameLabels(y));

    /// <inheritdoc/>
    public int GetHashCode(Series series) => _wholeMetric ? series.LabelHash() : HashCode.Combine(series.Role, series.Bound, series.LabelHash());
}
