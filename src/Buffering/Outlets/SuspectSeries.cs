using Gateway.Exposition;

namespace Gateway.Buffering.Outlets;

/// <summary>
/// Series that a target refused for themselves. They go in requests of their own from then on, so that a poisonous series costs its neighbours one search and
/// not one in each page. Nothing is given up for being in here. One thread.
/// </summary>
internal sealed class SuspectSeries
{
    /// <summary>More than a mistake or two makes; when there are more, the search begins anew.</summary>
    internal const int MaxSeries = 256;

    private readonly HashSet<Series> _series = new(SameSample.Instance);

    public int Count => _series.Count;

    public bool Contains(Series series) => _series.Count > 0 && _series.Contains(series);

    public void Add(Series series)
    {
        if (_series.Count >= MaxSeries) _series.Clear();
        _series.Add(series);
    }

    public void Remove(Series series) => _series.Remove(series);

    private sealed class SameSample : IEqualityComparer<Series>
    {
        public static readonly SameSample Instance = new();

        public bool Equals(Series? x, Series? y) =>
            ReferenceEquals(x, y)
            || (x is not null && y is not null && x.Family.Name == y.Family.Name && x.Family.Type == y.Family.Type && SeriesIdentity.Sample.Equals(x, y));

        public int GetHashCode(Series series) =>
            HashCode.Combine(series.Family.Name.GetHashCode(StringComparison.Ordinal), SeriesIdentity.Sample.GetHashCode(series));
    }
}
