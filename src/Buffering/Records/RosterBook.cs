using System.Runtime.InteropServices;
using Gateway.Buffering.Codec;
using Gateway.Exposition;

namespace Gateway.Buffering.Records;

/// <summary>
/// The roster that snapshots of one kind are written with: series to id by content, and which ids are in use. Belongs to the owner of the store; <see cref="View"/> may be
/// read by any thread, because what a view shows is never changed.
/// </summary>
internal sealed class RosterBook(long id)
{
    /// <summary>Below this a roster is small whatever is dead in it.</summary>
    private const int SmallSeries = 4096;

    /// <summary>Snapshots after which a series that did not come again counts as dead: half an hour at 15 s.</summary>
    private const int LivingSnapshots = 120;

    /// <summary>Series in all for one in use: more make reading a page of it a waste.</summary>
    private const int WasteFactor = 4;

    private readonly Dictionary<SeriesKey, int> _ids = [];
    private SeriesKey[] _series = [];
    private long[] _seen = [];
    private SeriesKey[] _last = [];
    private int[] _lastIds = [];
    private long _now;

    /// <summary>The roster.</summary>
    public long Id => id;

    /// <summary>Series in it.</summary>
    public int Count { get; private set; }

    /// <summary>All series, by id.</summary>
    public RosterView View => new(_series, Count);

    /// <summary>True when most of it is dead and another generation would be much smaller.</summary>
    public bool IsWasteful
    {
        get
        {
            if (Count <= SmallSeries) return false;
            var living = 0;
            foreach (var seen in _seen.AsSpan(0, Count))
            {
                if (seen > _now - LivingSnapshots) living++;
            }

            return Count > (long)living * WasteFactor;
        }
    }

    /// <summary>Takes what a decoder read, into an empty book.</summary>
    public void Load(IReadOnlyList<Series> series)
    {
        for (var i = 0; i < series.Count; i++) _ids.TryAdd(new SeriesKey(series[i]), Append(new SeriesKey(series[i])));
    }

    /// <summary>Ids of the series of a draft, in its order; unknown series are added.</summary>
    public ReadOnlySpan<int> IdsOf(SnapshotDraft draft)
    {
        _now++;
        var series = draft.Series;
        if (_last.Length < series.Length) (_last, _lastIds) = (new SeriesKey[series.Length], new int[series.Length]);
        for (var i = 0; i < series.Length; i++)
        {
            var (family, one) = series[i];
            // Collectors keep their series objects and their order.
            if (!ReferenceEquals(_last[i].Series, one) || !ReferenceEquals(_last[i].Family, family))
            {
                var key = new SeriesKey(family, one);
                (_last[i], _lastIds[i]) = (key, IdOf(key));
            }

            _seen[_lastIds[i]] = _now;
        }

        _last.AsSpan(series.Length).Clear();
        return _lastIds.AsSpan(0, series.Length);
    }

    /// <summary>Takes back what was added above this count, because it was not stored.</summary>
    public void Truncate(int count)
    {
        for (var i = count; i < Count; i++) _ids.Remove(_series[i]);
        // A view may show these slots: they go to another array.
        _series = _series.AsSpan(0, count).ToArray();
        Count = count;
        Array.Clear(_last);
    }

    private int IdOf(SeriesKey key)
    {
        ref var found = ref CollectionsMarshal.GetValueRefOrAddDefault(_ids, key, out var known);
        if (!known) found = Append(key);
        return found;
    }

    private int Append(SeriesKey key)
    {
        if (Count == _series.Length) Array.Resize(ref _series, Math.Max(64, Count * 2));
        if (Count >= _seen.Length) Array.Resize(ref _seen, _series.Length);
        _seen[Count] = _now;
        _series[Count] = key;
        return Count++;
    }
}

/// <summary>The series of a roster by id, as of one moment.</summary>
internal readonly struct RosterView(SeriesKey[] series, int count)
{
    /// <summary>The series with their families; the position is the id.</summary>
    public ReadOnlySpan<SeriesKey> Series => series.AsSpan(0, count);
}
