using Gateway.Exposition;

namespace Gateway.Buffering.Codec;

/// <summary>
/// What makes a series the same series in a roster: family name, type and unit, role, bound, label names and values in their order. The help text is not
/// part of it. Compares by content, so that series rebuilt after a restart find their ids again; for use as the key of a dictionary.
/// </summary>
/// <param name="family">The family that is written for the series: its own, or one of the same name whose header another sender declared.</param>
/// <param name="series">The series.</param>
public readonly struct SeriesKey(MetricFamily family, Series series) : IEquatable<SeriesKey>
{
    /// <summary>A series of its own family.</summary>
    public SeriesKey(Series series)
        : this(series.Family, series)
    {
    }

    /// <summary>The family to write.</summary>
    public MetricFamily Family { get; } = family;

    /// <summary>The series.</summary>
    public Series Series { get; } = series;

    /// <inheritdoc/>
    public bool Equals(SeriesKey other)
    {
        var (a, b) = (Series, other.Series);
        var (mine, its) = (Family, other.Family);
        if (ReferenceEquals(a, b) && ReferenceEquals(mine, its)) return true;
        if (a is null || b is null) return false;
        return a.Role == b.Role && a.Bound.Equals(b.Bound) && mine.Type == its.Type && mine.Name == its.Name && mine.Unit == its.Unit
            && SameTexts(a.LabelValues, b.LabelValues) && SameTexts(a.LabelNames, b.LabelNames);
    }

    /// <inheritdoc/>
    public override bool Equals(object? obj) => obj is SeriesKey other && Equals(other);

    /// <inheritdoc/>
    public override int GetHashCode()
    {
        if (Series is null) return 0;
        var hash = new HashCode();
        hash.Add(Family.Name, StringComparer.Ordinal);
        hash.Add(Series.Role);
        hash.Add(Series.Bound);
        for (var i = 0; i < Series.LabelValues.Count; i++) hash.Add(Series.LabelValues[i], StringComparer.Ordinal);
        return hash.ToHashCode();
    }

    public static bool operator ==(SeriesKey left, SeriesKey right) => left.Equals(right);

    public static bool operator !=(SeriesKey left, SeriesKey right) => !left.Equals(right);

    internal static bool SameTexts(IReadOnlyList<string> a, IReadOnlyList<string> b)
    {
        if (ReferenceEquals(a, b)) return true;
        if (a.Count != b.Count) return false;
        for (var i = 0; i < a.Count; i++)
        {
            if (!string.Equals(a[i], b[i], StringComparison.Ordinal)) return false;
        }

        return true;
    }
}
