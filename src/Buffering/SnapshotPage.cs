using System.Buffers;
using System.Runtime.InteropServices;
using Gateway.Exposition;

namespace Gateway.Buffering;

/// <summary>
/// Some snapshots read back, turned round: per series its samples with increasing times, the series of a family together. What the exposition, remote write and the
/// export are written from. Reused for page after page; memory is rented and kept. Filled by one thread, then <see cref="Complete"/>, then only read.
/// </summary>
public sealed class SnapshotPage : IDisposable
{
    private const int SmallestCapacity = 4096;

    private readonly Dictionary<SlotKey, int> _slots = [];
    private readonly List<Slot> _entries = [];
    private readonly List<PageFamily> _families = [];
    private readonly Dictionary<(string Name, MetricType Type), int> _familyIndex = [];

    // As they came: slot, time and value of each sample.
    private int[] _slotOf = [];
    private long[] _times = [];
    private double[] _values = [];

    // After Complete: sorted by place, times increasing within one.
    private long[] _sortedTimes = [];
    private double[] _sortedValues = [];
    private Series[] _series = [];
    private int[] _starts = [];

    /// <summary>What the page stands for: once it is delivered, these sequences need not be read again.</summary>
    public SequenceRanges Covered { get; set; } = SequenceRanges.Empty;

    /// <summary>Snapshots in it.</summary>
    public int SnapshotCount { get; set; }

    /// <summary>Samples in it.</summary>
    public int SampleCount { get; private set; }

    /// <summary>Samples left out by <see cref="Complete"/> because the series had one of the same time; the one of the earlier snapshot stays.</summary>
    public int DuplicateCount { get; private set; }

    /// <summary>Smallest time, Unix ms; <see cref="long.MaxValue"/> when empty.</summary>
    public long OldestMs { get; private set; } = long.MaxValue;

    /// <summary>Largest time, Unix ms; <see cref="long.MinValue"/> when empty.</summary>
    public long NewestMs { get; private set; } = long.MinValue;

    /// <summary>The families, in order of first appearance; after <see cref="Complete"/>.</summary>
    public ReadOnlySpan<PageFamily> Families => CollectionsMarshal.AsSpan(_families);

    /// <summary>The series, family by family; after <see cref="Complete"/>.</summary>
    public ReadOnlySpan<Series> Series => _series.AsSpan(0, _entries.Count);

    /// <summary>Times of a series by its index, increasing, Unix ms; after <see cref="Complete"/>.</summary>
    public ReadOnlySpan<long> TimesOf(int series) => _sortedTimes.AsSpan(_starts[series].._starts[series + 1]);

    /// <summary>Values of a series by its index, one per time; after <see cref="Complete"/>.</summary>
    public ReadOnlySpan<double> ValuesOf(int series) => _sortedValues.AsSpan(_starts[series].._starts[series + 1]);

    /// <summary>Empties it and keeps the memory.</summary>
    public void Clear()
    {
        _slots.Clear();
        _entries.Clear();
        _families.Clear();
        _familyIndex.Clear();
        Array.Clear(_series);
        (Covered, SnapshotCount, SampleCount, DuplicateCount) = (SequenceRanges.Empty, 0, 0, 0);
        (OldestMs, NewestMs) = (long.MaxValue, long.MinValue);
    }

    /// <summary>The slot of a series within this page; equal series (name, labels) have one slot whichever object they are.</summary>
    /// <param name="family">The family to write; the last one given for a name and type wins (a help text may have changed).</param>
    /// <param name="series">A series of that family.</param>
    public int SlotOf(MetricFamily family, Series series)
    {
        ref var slot = ref CollectionsMarshal.GetValueRefOrAddDefault(_slots, new SlotKey(family.Name, series), out var known);
        if (!known)
        {
            slot = _entries.Count;
            ref var index = ref CollectionsMarshal.GetValueRefOrAddDefault(_familyIndex, (family.Name, family.Type), out var familyKnown);
            if (!familyKnown)
            {
                index = _families.Count;
                _families.Add(new PageFamily(family, 0, 0));
            }

            _entries.Add(new Slot(series, index));
        }

        var at = _entries[slot].Family;
        if (!ReferenceEquals(_families[at].Family, family)) _families[at] = _families[at] with { Family = family };
        return slot;
    }

    /// <summary>Adds samples of one series.</summary>
    /// <param name="slot">From <see cref="SlotOf"/>.</param>
    /// <param name="timesMs">Increasing, unless a clock was set back between them.</param>
    /// <param name="values">One per time.</param>
    public void Add(int slot, ReadOnlySpan<long> timesMs, ReadOnlySpan<double> values)
    {
        if (timesMs.IsEmpty) return;
        Reserve(timesMs.Length);
        _slotOf.AsSpan(SampleCount, timesMs.Length).Fill(slot);
        timesMs.CopyTo(_times.AsSpan(SampleCount));
        values.CopyTo(_values.AsSpan(SampleCount));
        SampleCount += timesMs.Length;
        foreach (var time in timesMs) (OldestMs, NewestMs) = (Math.Min(OldestMs, time), Math.Max(NewestMs, time));
    }

    /// <summary>Adds one sample.</summary>
    public void Add(int slot, long timeMs, double value) => Add(slot, new ReadOnlySpan<long>(in timeMs), new ReadOnlySpan<double>(in value));

    /// <summary>Bytes of the samples in text 0.0.4, rather too many than too few; headers aside. May be asked before <see cref="Complete"/>.</summary>
    public long EstimateTextBytes()
    {
        // A value of 17 digits, a time of 13, two spaces and the line feed would be 37; most values are short.
        const int TailBytes = 28;
        var names = 0L;
        for (var i = 0; i < SampleCount; i++) names += _entries[_slotOf[i]].Series.TextBytes;
        return names + ((long)SampleCount * TailBytes);
    }

    /// <summary>Takes back what was added above this number of samples; their series stay without samples of it.</summary>
    internal void Truncate(int samples)
    {
        SampleCount = samples;
        (OldestMs, NewestMs) = (long.MaxValue, long.MinValue);
        foreach (var time in _times.AsSpan(0, samples)) (OldestMs, NewestMs) = (Math.Min(OldestMs, time), Math.Max(NewestMs, time));
    }

    /// <summary>Sorts what was added; afterwards the page is read.</summary>
    public void Complete()
    {
        var places = Place();
        Spread(places);
        ArrayPool<int>.Shared.Return(places);
        Order();
    }

    /// <summary>Gives the memory back.</summary>
    public void Dispose()
    {
        Clear();
        Return(ref _slotOf);
        Return(ref _times);
        Return(ref _values);
        Return(ref _sortedTimes);
        Return(ref _sortedValues);
        Return(ref _starts);
        _series = [];
    }

    private static void Return<T>(ref T[] array)
    {
        if (array.Length > 0) ArrayPool<T>.Shared.Return(array);
        array = [];
    }

    private static void Rent<T>(ref T[] array, int length, int keep = 0)
    {
        if (array.Length >= length) return;
        var larger = ArrayPool<T>.Shared.Rent(Math.Max(length, SmallestCapacity));
        array.AsSpan(0, keep).CopyTo(larger);
        Return(ref array);
        array = larger;
    }

    /// <summary>Gives each slot its place among the series, family by family; returns place by slot (rented).</summary>
    private int[] Place()
    {
        Span<PageFamily> families = CollectionsMarshal.AsSpan(_families);
        foreach (ref var family in families) family = family with { FirstSeries = 0, SeriesCount = 0 };
        foreach (var entry in _entries) families[entry.Family].SeriesCount++;
        var next = 0;
        foreach (ref var family in families)
        {
            family.FirstSeries = next;
            next += family.SeriesCount;
            family.SeriesCount = 0;
        }

        var places = ArrayPool<int>.Shared.Rent(Math.Max(1, _entries.Count));
        if (_series.Length < _entries.Count) _series = new Series[Math.Max(_entries.Count, _series.Length * 2)];
        for (var slot = 0; slot < _entries.Count; slot++)
        {
            ref var family = ref families[_entries[slot].Family];
            places[slot] = family.FirstSeries + family.SeriesCount++;
            _series[places[slot]] = _entries[slot].Series;
        }

        return places;
    }

    /// <summary>Counting sort by place; what came earlier stays earlier.</summary>
    private void Spread(int[] places)
    {
        var count = _entries.Count;
        Rent(ref _starts, count + 2);
        Rent(ref _sortedTimes, SampleCount);
        Rent(ref _sortedValues, SampleCount);
        Array.Clear(_starts, 0, count + 2);
        for (var i = 0; i < SampleCount; i++) _starts[places[_slotOf[i]] + 2]++;
        for (var place = 2; place < count + 2; place++) _starts[place] += _starts[place - 1];
        for (var i = 0; i < SampleCount; i++)
        {
            var at = _starts[places[_slotOf[i]] + 1]++;
            _sortedTimes[at] = _times[i];
            _sortedValues[at] = _values[i];
        }
    }

    /// <summary>Snapshots come in order, so mostly there is nothing to do; after a clock was set back there is.</summary>
    private void Order()
    {
        var written = 0;
        for (var place = 0; place < _entries.Count; place++)
        {
            var (start, end) = (_starts[place], _starts[place + 1]);
            var times = _sortedTimes.AsSpan(start..end);
            var values = _sortedValues.AsSpan(start..end);
            if (!IsIncreasing(times)) SortStable(times, values);
            _starts[place] = written;
            for (var i = 0; i < times.Length; i++)
            {
                if (i > 0 && times[i] == times[i - 1])
                {
                    DuplicateCount++;
                    continue;
                }

                _sortedTimes[written] = times[i];
                _sortedValues[written++] = values[i];
            }
        }

        _starts[_entries.Count] = written;
        SampleCount = written;
    }

    private static bool IsIncreasing(ReadOnlySpan<long> times)
    {
        for (var i = 1; i < times.Length; i++)
        {
            if (times[i] <= times[i - 1]) return false;
        }

        return true;
    }

    /// <summary>Insertion: runs are nearly sorted, and equal times must keep their order.</summary>
    private static void SortStable(Span<long> times, Span<double> values)
    {
        for (var i = 1; i < times.Length; i++)
        {
            var (time, value) = (times[i], values[i]);
            var at = i;
            while (at > 0 && times[at - 1] > time) at--;
            if (at == i) continue;
            times[at..i].CopyTo(times[(at + 1)..]);
            values[at..i].CopyTo(values[(at + 1)..]);
            (times[at], values[at]) = (time, value);
        }
    }

    private void Reserve(int more)
    {
        var needed = SampleCount + more;
        if (_times.Length >= needed && _slotOf.Length >= needed && _values.Length >= needed) return;
        var capacity = Math.Max(needed, SampleCount * 2);
        Rent(ref _slotOf, capacity, SampleCount);
        Rent(ref _times, capacity, SampleCount);
        Rent(ref _values, capacity, SampleCount);
    }

    private readonly record struct Slot(Series Series, int Family);

    /// <summary>Series by what a server sees of them.</summary>
    private readonly struct SlotKey(string name, Series series) : IEquatable<SlotKey>
    {
        private readonly string _name = name;
        private readonly Series _series = series;

        public bool Equals(SlotKey other) =>
            string.Equals(_name, other._name, StringComparison.Ordinal) && _series.Family.Type == other._series.Family.Type && SeriesIdentity.Sample.Equals(_series, other._series);

        public override bool Equals(object? obj) => obj is SlotKey other && Equals(other);

        public override int GetHashCode() => HashCode.Combine(_name.GetHashCode(StringComparison.Ordinal), SeriesIdentity.Sample.GetHashCode(_series));
    }
}

/// <summary>A family of a page.</summary>
/// <param name="Family">Its header.</param>
/// <param name="FirstSeries">Index of its first series.</param>
/// <param name="SeriesCount">Number of its series.</param>
public record struct PageFamily(MetricFamily Family, int FirstSeries, int SeriesCount);
