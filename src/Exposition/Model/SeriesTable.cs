namespace Gateway.Exposition;

/// <summary>
/// The series of one source, built once and found again by family and label values without allocating. Series that were not asked for lately are forgotten,
/// so that labels which come and go (devices, neighbours) do not pile up. Not thread-safe: one source, one run at a time.
/// </summary>
public sealed class SeriesTable
{
    /// <summary>Below this size nothing is forgotten: a sweep would cost more than the memory.</summary>
    private const int SweepFloor = 64;

    private readonly HashSet<Series> _series = new(Comparer.Instance);
    private readonly HashSet<Series>.AlternateLookup<Key> _lookup;
    private long _run;
    private int _seen;

    /// <summary>Starts empty.</summary>
    public SeriesTable() => _lookup = _series.GetAlternateLookup<Key>();

    /// <summary>Number of series held.</summary>
    public int Count => _series.Count;

    /// <summary>The series of a family with these label values, built at the first call.</summary>
    /// <exception cref="ArgumentException">The number of values is not the number of label names, or the role does not fit the type.</exception>
    public Series Get(MetricFamily family, ReadOnlySpan<string> labelValues, SampleRole role = SampleRole.Value, double bound = 0)
    {
        var key = new Key(family, labelValues, role, bound);
        if (!_lookup.TryGetValue(key, out var series))
        {
            series = Series.Create(family, labelValues, role, bound);
            // Values that cannot be encoded were made so, and the series may be here under those.
            if (_lookup.TryGetValue(new Key(family, [.. series.LabelValues], role, bound), out var known)) series = known;
            else _series.Add(series);
        }

        if (series.TableRun != _run)
        {
            series.TableRun = _run;
            _seen++;
        }

        return series;
    }

    /// <summary>Ends a run: when more than half of the table was not asked for in it, those series are forgotten.</summary>
    public void EndRun()
    {
        if (_series.Count > SweepFloor && _seen < _series.Count / 2) _series.RemoveWhere(series => series.TableRun != _run);
        _run++;
        _seen = 0;
    }

    private readonly ref struct Key(MetricFamily family, ReadOnlySpan<string> labelValues, SampleRole role, double bound)
    {
        public readonly MetricFamily Family = family;
        public readonly ReadOnlySpan<string> LabelValues = labelValues;
        public readonly SampleRole Role = role;
        public readonly double Bound = bound;
    }

    private sealed class Comparer : IEqualityComparer<Series>, IAlternateEqualityComparer<Key, Series>
    {
        public static readonly Comparer Instance = new();

        public bool Equals(Series? x, Series? y) => ReferenceEquals(x, y);

        public int GetHashCode(Series series)
        {
            var hash = Start(series.Family, series.Role, series.Bound);
            foreach (var value in series.LabelValues) hash.Add(value.GetHashCode(StringComparison.Ordinal));
            return hash.ToHashCode();
        }

        public int GetHashCode(Key key)
        {
            var hash = Start(key.Family, key.Role, key.Bound);
            foreach (var value in key.LabelValues) hash.Add(value.GetHashCode(StringComparison.Ordinal));
            return hash.ToHashCode();
        }

        public bool Equals(Key key, Series series)
        {
            if (!ReferenceEquals(key.Family, series.Family) || key.Role != series.Role || !key.Bound.Equals(series.Bound)) return false;
            var values = series.LabelValues;
            if (values.Count != key.LabelValues.Length) return false;
            for (var i = 0; i < values.Count; i++)
            {
                if (!string.Equals(values[i], key.LabelValues[i], StringComparison.Ordinal)) return false;
            }

            return true;
        }

        public Series Create(Key key) => Series.Create(key.Family, key.LabelValues, key.Role, key.Bound);

        private static HashCode Start(MetricFamily family, SampleRole role, double bound)
        {
            var hash = default(HashCode);
            hash.Add(System.Runtime.CompilerServices.RuntimeHelpers.GetHashCode(family));
            hash.Add(role);
            hash.Add(bound);
            return hash;
        }
    }
}
