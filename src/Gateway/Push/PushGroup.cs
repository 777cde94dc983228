using System.Globalization;
using Gateway.Exposition;

namespace Gateway.Push;

/// <summary>
/// The changes of one transaction, laid over the table: each write is judged against the table as the writes before it leave it, and nothing touches the table
/// before the transaction is on disk. Belongs to the writer loop.
/// </summary>
internal sealed class PushGroup(PushTable table, int maxSeries)
{
    public const string DefaultHelp = "Pushed value; the sender gave no help text.";

    private readonly Dictionary<SeriesKey, PendingSeries> _series = [];
    private readonly Dictionary<string, PendingFamily> _families = new(StringComparer.Ordinal);

    /// <summary>Who made a sample name his in this group; counts as long as that metric is present.</summary>
    private readonly Dictionary<string, PendingFamily> _owners = new(StringComparer.Ordinal);

    private int _added;

    /// <summary>True when there is something to write.</summary>
    public bool HasChanges { get; private set; }

    /// <summary>Series touched, each with its last state.</summary>
    public Dictionary<SeriesKey, PendingSeries>.ValueCollection Series => _series.Values;

    /// <summary>Metrics touched; not all have changed.</summary>
    public Dictionary<string, PendingFamily>.ValueCollection Families => _families.Values;

    /// <summary>Enters a push and returns the header of its metric.</summary>
    /// <exception cref="PushException">It is refused; nothing was entered.</exception>
    public MetricFamily Set(in PushedValue push, Moment now)
    {
        var family = ViewFamily(push.Key.Metric);
        var type = push.Type ?? family.Current?.Type ?? MetricType.Gauge;
        if (family.Current is { } held && held.Type != type) throw TypeConflict(held, type);
        if (type == MetricType.Counter) PushRequest.CheckCounter(push.Key.Metric, push.Value);
        var series = ViewSeries(push.Key);
        var header = family.Current ?? MetricFamily.Create(push.Key.Metric, type, push.Help ?? DefaultHelp, "");
        if (family.Current is null) CheckNames(header);
        if (!series.IsPresent && table.Count + _added >= maxSeries)
        {
            throw new PushException(PushFault.Limit, string.Create(CultureInfo.InvariantCulture,
                $"{maxSeries} series are held, the most that are kept (Gateway:Push:MaxSeries); delete some that are no longer needed, or raise the limit."));
        }

        // From here on nothing is refused.
        if (family.Current is null)
        {
            foreach (var name in header.WrittenNames) _owners[name] = family;
        }

        if (push.Help is not null && push.Help != header.Help) header = header.WithHelp(push.Help);
        Enter(family, header);
        if (!series.IsPresent) (_added, family.SeriesCount, series.IsPresent) = (_added + 1, family.SeriesCount + 1, true);
        var ttl = push.Ttl is { } time ? (long)time.TotalMilliseconds : 0;
        series.Value = push.Value;
        series.TimestampMs = push.TimestampMs;
        series.PushedAtMs = now.WallMs;
        series.TtlMs = ttl;
        series.DeadlineMs = ttl == 0 ? PushedSeries.NoDeadline : now.MonotonicMs + ttl;
        series.IsChanged = true;
        HasChanges = true;
        return header;
    }

    /// <summary>Enters a deletion.</summary>
    /// <exception cref="PushException">There is no such series.</exception>
    public void Delete(SeriesKey key)
    {
        var series = ViewSeries(key);
        if (!series.IsPresent)
        {
            throw new PushException(PushFault.NotFound,
                $"There is no series of {Quoted.Text(key.Metric)} with exactly these {key.LabelNames.Length.ToString(CultureInfo.InvariantCulture)} labels.");
        }

        var family = ViewFamily(key.Metric);
        (series.IsPresent, series.IsRebuilt, series.IsChanged) = (false, true, true);
        _added--;
        if (--family.SeriesCount == 0) Enter(family, header: null);
        HasChanges = true;
    }

    /// <summary>Forgets all changes.</summary>
    public void Clear()
    {
        _series.Clear();
        _families.Clear();
        _owners.Clear();
        (_added, HasChanges) = (0, false);
    }

    /// <summary>Makes the changes in the table, then forgets them. Call under the lock of the table.</summary>
    public void Apply()
    {
        foreach (var series in _series.Values)
        {
            if (series.Existing is { } existing && series.IsRebuilt) table.Remove(existing);
        }

        foreach (var family in _families.Values)
        {
            if (family is { IsChanged: true, Current: { } header }) table.SetFamily(header);
        }

        foreach (var series in _series.Values)
        {
            if (series is not { IsPresent: true, IsChanged: true }) continue;
            var held = series.IsRebuilt ? null : series.Existing;
            held ??= table.Add(series.Id, table.Family(series.Key.Metric)!, series.Key); // the metric of a present series was set above or before
            table.Set(held, series.Value, series.TimestampMs, series.PushedAtMs, series.TtlMs, series.DeadlineMs);
        }

        Clear();
    }

    private static void Enter(PendingFamily family, MetricFamily? header)
    {
        if (ReferenceEquals(family.Current, header)) return;
        family.Current = header;
        family.IsChanged = true;
    }

    private PendingSeries ViewSeries(SeriesKey key)
    {
        if (_series.TryGetValue(key, out var known)) return known;
        var held = table.Find(key);
        var made = new PendingSeries(held?.Key ?? key, held, held?.Id ?? table.NextId()) { IsPresent = held is not null };
        _series.Add(made.Key, made);
        return made;
    }

    private PendingFamily ViewFamily(string name)
    {
        if (_families.TryGetValue(name, out var known)) return known;
        var held = table.Family(name);
        var made = new PendingFamily(name) { Current = held?.Family, SeriesCount = held?.Series.Count ?? 0 };
        _families.Add(name, made);
        return made;
    }

    /// <summary>Refuses a new metric that would write a sample name of another one.</summary>
    private void CheckNames(MetricFamily header)
    {
        foreach (var name in header.WrittenNames)
        {
            var owner = table.Owner(name)?.Name;
            if (owner is null || owner == header.Name || ViewFamily(owner).Current is null)
            {
                if (!_owners.TryGetValue(name, out var pending) || pending.Current is null || pending.Name == header.Name) continue;
                owner = pending.Name;
            }

            throw new PushException(PushFault.Conflict,
                $"The metric {Quoted.Text(header.Name)} would write the name {Quoted.Text(name)}, which belongs to the held metric {Quoted.Text(owner)}; " +
                "choose another name, or delete the series of that metric first.");
        }
    }

    private static PushException TypeConflict(MetricFamily held, MetricType asked) => new(
        PushFault.Conflict,
        $"The metric {Quoted.Text(held.Name)} is {WithArticle(held.Type)} and was pushed as {WithArticle(asked)}; push it without type or with type={held.Type.TextName()}, " +
        "or delete all its series first (DELETE) to give it another type.");

    private static string WithArticle(MetricType type) => type switch
    {
        MetricType.Unknown => "untyped",
        _ => "a " + type.TextName(),
    };
}

/// <summary>A series as the writes of a group leave it.</summary>
internal sealed class PendingSeries(SeriesKey key, PushedSeries? existing, long id)
{
    public SeriesKey Key { get; } = key;

    /// <summary>The held one, or null.</summary>
    public PushedSeries? Existing { get; } = existing;

    /// <summary>Row in the database.</summary>
    public long Id { get; } = id;

    public bool IsPresent { get; set; }

    /// <summary>False when a write only looked at it.</summary>
    public bool IsChanged { get; set; }

    /// <summary>It was deleted in this group, perhaps to come again, perhaps with another type: the held one goes in any case.</summary>
    public bool IsRebuilt { get; set; }

    public double Value { get; set; }

    public long TimestampMs { get; set; }

    public long PushedAtMs { get; set; }

    public long TtlMs { get; set; }

    public long DeadlineMs { get; set; }
}

/// <summary>A metric as the writes of a group leave it.</summary>
internal sealed class PendingFamily(string name)
{
    public string Name { get; } = name;

    /// <summary>Its header; null when it is not there.</summary>
    public MetricFamily? Current { get; set; }

    public int SeriesCount { get; set; }

    public bool IsChanged { get; set; }
}
