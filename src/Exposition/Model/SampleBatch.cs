using System.Runtime.InteropServices;

namespace Gateway.Exposition;

/// <summary>
/// Samples of one source at one time, grouped by family in the order of first appearance: arrays side by side, no object per sample.
/// The one form in which samples travel: collectors fill it, the writers, the recorder and the status pages read it.
/// </summary>
/// <remarks>
/// Filled by one thread, then only read; any number of threads may read at once. <see cref="Clear"/> keeps the memory for the next run.
/// Within a batch a family may appear as two objects of the same name and a batch may clash with another one: <see cref="BatchMerger"/> settles that.
/// </remarks>
public sealed class SampleBatch
{
    /// <summary>Timestamp of a sample that carries none.</summary>
    public const long NoTimestamp = long.MinValue;

    private readonly Dictionary<MetricFamily, int> _index = new(ReferenceEqualityComparer.Instance);
    private readonly List<Block> _blocks = [];
    private Block? _last;
    private long _run;
    private bool _frozen;

    /// <summary>Source of run numbers. A series added to two batches at a time would see wrong duplicates, so numbers are unique in the process.</summary>
    private static long _runs;

    /// <summary>Starts empty.</summary>
    public SampleBatch() => _run = Interlocked.Increment(ref _runs);

    /// <summary>Number of families.</summary>
    public int FamilyCount { get; private set; }

    /// <summary>Number of samples.</summary>
    public int SampleCount { get; private set; }

    /// <summary>Samples that were left out because the same series was there already; the first one wins.</summary>
    public int DuplicateCount { get; private set; }

    /// <summary>The first series that came twice, for the log; null when none did.</summary>
    public Series? FirstDuplicate { get; private set; }

    /// <summary>The samples of one family; valid until the batch is cleared.</summary>
    public FamilySamples this[int index]
    {
        get
        {
            ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual(index, FamilyCount);
            return _blocks[index].Samples;
        }
    }

    /// <summary>Adds a sample; one whose series is in the batch already is left out and counted.</summary>
    /// <param name="family">The family whose header is written: the one the series was built for, or another object of the same name and type.</param>
    /// <param name="series">The series; must not be filled into another batch at the same time.</param>
    /// <param name="value">The value; NaN and infinities are values.</param>
    /// <param name="timestampMs">Unix milliseconds, or <see cref="NoTimestamp"/>.</param>
    /// <exception cref="ArgumentException">The series was built for a family of another name or type.</exception>
    /// <exception cref="InvalidOperationException">The batch is the content of a parsed document.</exception>
    public void Add(MetricFamily family, Series series, double value, long timestampMs = NoTimestamp)
    {
        ThrowIfFrozen();
        if (series.LastRun == _run)
        {
            DuplicateCount++;
            FirstDuplicate ??= series;
            return;
        }

        if (!ReferenceEquals(family, series.Family)) CheckFamily(family, series);
        series.LastRun = _run;
        BlockOf(family).Add(series, value, timestampMs);
        SampleCount++;
    }

    /// <summary>Empties the batch and keeps its memory.</summary>
    /// <exception cref="InvalidOperationException">The batch is the content of a parsed document.</exception>
    public void Clear()
    {
        ThrowIfFrozen();
        for (var i = 0; i < FamilyCount; i++) _blocks[i].Clear();
        _index.Clear();
        _last = null;
        _run = Interlocked.Increment(ref _runs);
        (FamilyCount, SampleCount, DuplicateCount, FirstDuplicate) = (0, 0, 0, null);
    }

    /// <summary>Makes the batch read-only for good.</summary>
    internal void Freeze() => _frozen = true;

    private static void CheckFamily(MetricFamily family, Series series)
    {
        if (family.Type != series.Family.Type || !string.Equals(family.Name, series.Family.Name, StringComparison.Ordinal))
            throw new ArgumentException($"A series of {series.Family} cannot be a sample of {family}.", nameof(series));
    }

    private void ThrowIfFrozen()
    {
        if (_frozen) throw new InvalidOperationException("The batch belongs to a parsed document and cannot change; add its samples to another batch.");
    }

    private Block BlockOf(MetricFamily family)
    {
        if (_last is { } last && ReferenceEquals(last.Family, family)) return last;
        ref var index = ref CollectionsMarshal.GetValueRefOrAddDefault(_index, family, out var known);
        if (!known)
        {
            index = FamilyCount++;
            if (_blocks.Count < FamilyCount) _blocks.Add(new Block());
            _blocks[index].Family = family;
        }

        return _last = _blocks[index];
    }

    /// <summary>Growing arrays of one family.</summary>
    private sealed class Block
    {
        private Series[] _series = new Series[4];
        private double[] _values = new double[4];
        private long[] _timestamps = [];
        private bool _hasTimestamps;
        private int _count;

        public MetricFamily? Family { get; set; }

        public bool HasCreated { get; private set; }

        public FamilySamples Samples => new(
            Family!, // set before the block is reachable by index
            _series.AsSpan(0, _count),
            _values.AsSpan(0, _count),
            _hasTimestamps ? _timestamps.AsSpan(0, _count) : [],
            HasCreated);

        public void Add(Series series, double value, long timestampMs)
        {
            if (_count == _series.Length) Grow();
            if (timestampMs != NoTimestamp && !_hasTimestamps)
            {
                _hasTimestamps = true;
                if (_timestamps.Length < _series.Length) _timestamps = new long[_series.Length];
                _timestamps.AsSpan(0, _count).Fill(NoTimestamp);
            }

            _series[_count] = series;
            _values[_count] = value;
            if (_hasTimestamps) _timestamps[_count] = timestampMs;
            if (series.Role == SampleRole.Created) HasCreated = true;
            _count++;
        }

        public void Clear()
        {
            Array.Clear(_series, 0, _count);
            (Family, _hasTimestamps, HasCreated, _count) = (null, false, false, 0);
        }

        private void Grow()
        {
            var size = _count * 2;
            Array.Resize(ref _series, size);
            Array.Resize(ref _values, size);
            if (_hasTimestamps) Array.Resize(ref _timestamps, size);
        }
    }
}

/// <summary>The samples of one family in a batch: three columns of the same length (or no timestamps at all).</summary>
public readonly ref struct FamilySamples
{
    internal FamilySamples(MetricFamily family, ReadOnlySpan<Series> series, ReadOnlySpan<double> values, ReadOnlySpan<long> timestamps, bool hasCreated)
    {
        HasCreated = hasCreated;
        Family = family;
        Series = series;
        Values = values;
        Timestamps = timestamps;
    }

    /// <summary>The family.</summary>
    public MetricFamily Family { get; }

    /// <summary>The series, each once, in the order written.</summary>
    public ReadOnlySpan<Series> Series { get; }

    /// <summary>One value per series.</summary>
    public ReadOnlySpan<double> Values { get; }

    /// <summary>Unix milliseconds per series, <see cref="SampleBatch.NoTimestamp"/> where there is none; empty when no sample has one.</summary>
    public ReadOnlySpan<long> Timestamps { get; }

    /// <summary>True when a sample has role <see cref="SampleRole.Created"/>, so that the family writes one name more in OpenMetrics.</summary>
    internal bool HasCreated { get; }

    /// <summary>Timestamp of one sample.</summary>
    public long TimestampOf(int index) => Timestamps.IsEmpty ? SampleBatch.NoTimestamp : Timestamps[index];
}
