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
    /// <param name="family">The family whose header is written; normally the one the series was built for.</param>
    /// <param name="series">The series; must not be filled into another batch at the same time.</param>
    /// <param name="value">The value; NaN and infinities are values.</param>
    /// <param name="timestampMs">Unix milliseconds, or <see cref="NoTimestamp"/>.</param>
    public void Add(MetricFamily family, Series series, double value, long timestampMs = NoTimestamp)
    {
        if (series.LastRun == _run)
        {
            DuplicateCount++;
            FirstDuplicate ??= series;
            return;
        }

        series.LastRun = _run;
        BlockOf(family).Add(series, value, timestampMs);
        SampleCount++;
    }

    /// <summary>Empties the batch and keeps its memory.</summary>
    public void Clear()
    {
        for (var i = 0; i < FamilyCount; i++) _blocks[i].Clear();
        _index.Clear();
        _last = null;
        _run = Interlocked.Increment(ref _runs);
        (FamilyCount, SampleCount, DuplicateCount, FirstDuplicate) = (0, 0, 0, null);
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
        private long[]? _timestamps;
        private int _count;

        public MetricFamily? Family { get; set; }

        public FamilySamples Samples => new(
            Family!, // set before the block is reachable by index
            _series.AsSpan(0, _count),
            _values.AsSpan(0, _count),
            _timestamps is null ? [] : _timestamps.AsSpan(0, _count));

        public void Add(Series series, double value, long timestampMs)
        {
            if (_count == _series.Length) Grow();
            if (timestampMs != NoTimestamp && _timestamps is null)
            {
                _timestamps = new long[_series.Length];
                _timestamps.AsSpan(0, _count).Fill(NoTimestamp);
            }

            _series[_count] = series;
            _values[_count] = value;
            if (_timestamps is not null) _timestamps[_count] = timestampMs;
            _count++;
        }

        public void Clear()
        {
            Array.Clear(_series, 0, _count);
            (Family, _timestamps, _count) = (null, null, 0);
        }

        private void Grow()
        {
            var size = _count * 2;
            Array.Resize(ref _series, size);
            Array.Resize(ref _values, size);
            if (_timestamps is not null) Array.Resize(ref _timestamps, size);
        }
    }
}

/// <summary>The samples of one family in a batch: three columns of the same length (or no timestamps at all).</summary>
public readonly ref struct FamilySamples
{
    internal FamilySamples(MetricFamily family, ReadOnlySpan<Series> series, ReadOnlySpan<double> values, ReadOnlySpan<long> timestamps)
    {
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

    /// <summary>Timestamp of one sample.</summary>
    public long TimestampOf(int index) => Timestamps.IsEmpty ? SampleBatch.NoTimestamp : Timestamps[index];
}
