using Gateway.Exposition;

namespace Gateway.Push;

/// <summary>
/// What is held and on disk. Changed by the writer loop only, under the lock of the store; so the loop may read it without the lock, everybody else needs it.
/// The cost of every change is independent of how much is held.
/// </summary>
internal sealed class PushTable
{
    /// <summary>Entries of the deadline queue beyond twice the live ones, before it is rebuilt.</summary>
    private const int DeadlineSlack = 1024;

    private readonly Dictionary<SeriesKey, PushedSeries> _series = [];
    private readonly Dictionary<string, PushFamily> _families = new(StringComparer.Ordinal);
    private readonly Dictionary<string, PushFamily> _owners = new(StringComparer.Ordinal);

    /// <summary>Holds every deadline that was ever set and not yet taken out; an entry counts only if its series still has that deadline.</summary>
    private readonly PriorityQueue<PushedSeries, long> _deadlines = new();

    private PushFamily[]? _sorted;
    private long _lastId;

    /// <summary>Series held.</summary>
    public int Count => _series.Count;

    /// <summary>Metrics held.</summary>
    public int FamilyCount => _families.Count;

    /// <summary>Series held that will expire.</summary>
    public int ExpiringCount { get; private set; }

    /// <summary>Grows with every change that a reader can see.</summary>
    public long Version { get; private set; }

    public IEnumerable<PushedSeries> All => _series.Values;

    public IEnumerable<PushFamily> Families => _families.Values;

    public PushedSeries? Find(SeriesKey key) => _series.GetValueOrDefault(key);

    public PushFamily? Family(string name) => _families.GetValueOrDefault(name);

    /// <summary>The metric that writes this sample name in one of the formats.</summary>
    public PushFamily? Owner(string sampleName) => _owners.GetValueOrDefault(sampleName);

    /// <summary>A row number that was never used.</summary>
    public long NextId() => ++_lastId;

    /// <summary>Metrics by name; sorted again only after one came or went.</summary>
    public PushFamily[] SortedFamilies()
    {
        if (_sorted is not null) return _sorted;
        PushFamily[] sorted = [.. _families.Values];
        Array.Sort(sorted, static (a, b) => string.CompareOrdinal(a.Name, b.Name));
        return _sorted = sorted;
    }

    /// <summary>Gives a metric its header, making it if it is new; a new one must get a series.</summary>
    public PushFamily SetFamily(MetricFamily header)
    {
        Version++;
        if (_families.TryGetValue(header.Name, out var known))
        {
            known.Family = header;
            return known;
        }

        var made = new PushFamily(header);
        _families.Add(made.Name, made);
        foreach (var name in header.WrittenNames) _owners[name] = made;
        _sorted = null;
        return made;
    }

    /// <summary>Adds a series that is not there; its metric is.</summary>
    /// <exception cref="ArgumentException">The labels break a rule or the series is there.</exception>
    public PushedSeries Add(long id, PushFamily family, SeriesKey key)
    {
        // Most series of a metric have the same label names; one array serves them all.
        if (family.Series is [.., var last] && last.Key.LabelNames.AsSpan().SequenceEqual(key.LabelNames)) key = key with { LabelNames = last.Key.LabelNames };
        key = key with { Metric = family.Name };
        var made = new PushedSeries(id, family, Series.Create(family.Family, key.LabelNames, key.LabelValues), key) { Index = family.Series.Count };
        _series.Add(key, made);
        family.Series.Add(made);
        _lastId = Math.Max(_lastId, id);
        Version++;
        return made;
    }

    /// <summary>Gives a series a value.</summary>
    public void Set(PushedSeries series, double value, long timestampMs, long pushedAtMs, long ttlMs, long deadlineMs)
    {
        var known = series.DeadlineMs == deadlineMs;
        if (series.DeadlineMs != PushedSeries.NoDeadline) ExpiringCount--;
        (series.Value, series.TimestampMs, series.PushedAtMs, series.TtlMs, series.DeadlineMs) = (value, timestampMs, pushedAtMs, ttlMs, deadlineMs);
        Version++;
        if (deadlineMs == PushedSeries.NoDeadline) return;
        ExpiringCount++;
        if (known) return;
        _deadlines.Enqueue(series, deadlineMs);
        if (_deadlines.Count > 2 * ExpiringCount + DeadlineSlack) RebuildDeadlines();
    }

    /// <summary>Removes a series, and its metric if it was the last one.</summary>
    /// <returns>True when the metric went along.</returns>
    public bool Remove(PushedSeries series)
    {
        Version++;
        series.IsRemoved = true;
        if (series.DeadlineMs != PushedSeries.NoDeadline) ExpiringCount--;
        _series.Remove(series.Key);
        var family = series.Family;
        var last = family.Series[^1];
        family.Series[series.Index] = last;
        last.Index = series.Index;
        family.Series.RemoveAt(family.Series.Count - 1);
        if (family.Series.Count > 0) return false;
        _families.Remove(family.Name);
        foreach (var name in family.Family.WrittenNames) _owners.Remove(name);
        _sorted = null;
        return true;
    }

    /// <summary>The next series whose time is over; null when there is none. The caller removes it.</summary>
    public PushedSeries? NextExpired(long nowMonotonicMs)
    {
        while (_deadlines.TryPeek(out var series, out var deadline) && deadline <= nowMonotonicMs)
        {
            _deadlines.Dequeue();
            if (!series.IsRemoved && series.DeadlineMs == deadline) return series;
        }

        return null;
    }

    /// <summary>Forgets everything.</summary>
    public void Clear()
    {
        _series.Clear();
        _families.Clear();
        _owners.Clear();
        _deadlines.Clear();
        (_sorted, ExpiringCount) = (null, 0);
        Version++;
    }

    /// <summary>Keeps the entries that count, one per series.</summary>
    private void RebuildDeadlines()
    {
        var live = new HashSet<PushedSeries>();
        foreach (var (series, deadline) in _deadlines.UnorderedItems)
        {
            if (!series.IsRemoved && series.DeadlineMs == deadline) live.Add(series);
        }

        _deadlines.Clear();
        foreach (var series in live) _deadlines.Enqueue(series, series.DeadlineMs);
    }
}
