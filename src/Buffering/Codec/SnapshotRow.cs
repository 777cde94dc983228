namespace Gateway.Buffering.Codec;

/// <summary>
/// One snapshot as numbers: ids of a roster with their values, all at one time, or each at a time of its own (pushed events). A buffer to be filled
/// again and again; keeps its capacity. Not safe for two threads.
/// </summary>
public sealed class SnapshotRow
{
    private static readonly Comparer<Key> ByIdThenTime =
        Comparer<Key>.Create(static (a, b) => a.Id != b.Id ? a.Id.CompareTo(b.Id) : a.TimeMs.CompareTo(b.TimeMs));

    private int[] _ids = [];
    private double[] _values = [];
    private long[] _times = [];
    private bool _ordered = true;

    /// <summary>Sequence of the snapshot in its store; 0 or more.</summary>
    public long Sequence { get; private set; }

    /// <summary>Time of the snapshot, Unix milliseconds; for rows with own times the time of arrival.</summary>
    public long TimeMs { get; private set; }

    /// <summary>True when every sample has a time of its own.</summary>
    public bool HasOwnTimes { get; private set; }

    /// <summary>Number of samples.</summary>
    public int Count { get; private set; }

    /// <summary>Ids, ascending after <see cref="Order"/>; repeated only in rows with own times. Valid until the next change.</summary>
    public ReadOnlySpan<int> Ids => _ids.AsSpan(0, Count);

    /// <summary>Values, one per id.</summary>
    public ReadOnlySpan<double> Values => _values.AsSpan(0, Count);

    /// <summary>Times of the samples, one per id, ascending among equal ids; empty unless <see cref="HasOwnTimes"/>.</summary>
    public ReadOnlySpan<long> OwnTimesMs => HasOwnTimes ? _times.AsSpan(0, Count) : default;

    /// <summary>Empties the row and begins another snapshot.</summary>
    /// <exception cref="ArgumentOutOfRangeException">The sequence is negative.</exception>
    public void Reset(long sequence, long timeMs, bool ownTimes = false)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(sequence);
        (Sequence, TimeMs, HasOwnTimes, Count, _ordered) = (sequence, timeMs, ownTimes, 0, true);
    }

    /// <summary>Adds a sample at the time of the snapshot, in any order of ids.</summary>
    public void Add(int id, double value) => Add(id, TimeMs, value);

    /// <summary>Adds a sample with its time; the time is kept only in rows with own times.</summary>
    /// <exception cref="ArgumentOutOfRangeException">The id is negative.</exception>
    public void Add(int id, long timeMs, double value)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(id);
        EnsureCapacity(Count + 1);
        if (_ordered && Count > 0) _ordered = id > _ids[Count - 1] || (HasOwnTimes && id == _ids[Count - 1] && timeMs > _times[Count - 1]);
        _ids[Count] = id;
        _values[Count] = value;
        if (HasOwnTimes) _times[Count] = timeMs;
        Count++;
    }

    /// <summary>Brings the samples into the order of ids and times; encoders call it. Free of charge when they are in order.</summary>
    /// <exception cref="DuplicateSampleException">Two samples of one series have the same time.</exception>
    public void Order()
    {
        if (_ordered) return;
        if (HasOwnTimes)
        {
            var keys = new Key[Count];
            for (var i = 0; i < Count; i++) keys[i] = new Key(_ids[i], _times[i]);
            Array.Sort(keys, _values, 0, Count, ByIdThenTime);
            for (var i = 0; i < Count; i++) (_ids[i], _times[i]) = (keys[i].Id, keys[i].TimeMs);
        }
        else
        {
            Array.Sort(_ids, _values, 0, Count);
        }

        for (var i = 1; i < Count; i++)
        {
            if (_ids[i] == _ids[i - 1] && (!HasOwnTimes || _times[i] == _times[i - 1]))
                throw new DuplicateSampleException(_ids[i], HasOwnTimes ? _times[i] : TimeMs);
        }

        _ordered = true;
    }

    internal void CopyFrom(SnapshotRow other)
    {
        Reset(other.Sequence, other.TimeMs, other.HasOwnTimes);
        EnsureCapacity(other.Count);
        other.Ids.CopyTo(_ids);
        other.Values.CopyTo(_values);
        other.OwnTimesMs.CopyTo(_times);
        (Count, _ordered) = (other.Count, other._ordered);
    }

    internal void EnsureCapacity(int count)
    {
        if (_ids.Length < count)
        {
            var capacity = Math.Max(count, Math.Max(64, _ids.Length * 2));
            Array.Resize(ref _ids, capacity);
            Array.Resize(ref _values, capacity);
        }

        if (HasOwnTimes && _times.Length < count) Array.Resize(ref _times, _ids.Length);
    }

    private readonly record struct Key(int Id, long TimeMs);
}
