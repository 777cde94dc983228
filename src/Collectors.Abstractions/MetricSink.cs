using Gateway.Exposition;

namespace Gateway.Collectors;

/// <summary>
/// What a collector writes into: finds the series of each sample without allocating and puts it into the batch of this run. Belongs to one collector and
/// keeps its series from run to run. Not thread-safe: a collector that works in parallel gathers first and adds afterwards.
/// </summary>
public sealed class MetricSink
{
    private readonly SeriesTable _table = new();
    private readonly Utf8StringPool _strings = new();
    private readonly List<string> _faults = [];
    private readonly int _maxSamples;
    private SampleBatch _batch;
    private int _offered;

    /// <summary>A sink that takes at most this many samples per run.</summary>
    public MetricSink(int maxSamples = int.MaxValue)
    {
        _maxSamples = maxSamples;
        _batch = new SampleBatch();
    }

    /// <summary>Samples of the current run.</summary>
    public SampleBatch Batch => _batch;

    /// <summary>Parts that could not be read in this run (see <see cref="Fault"/>), at most <see cref="MaxFaults"/>.</summary>
    public IReadOnlyList<string> Faults => _faults;

    /// <summary>Number of <see cref="Fault"/> calls in this run, those not kept included.</summary>
    public int FaultCount { get; private set; }

    /// <summary>Faults kept per run.</summary>
    public const int MaxFaults = 20;

    /// <summary>True when the run gave more samples than it may, also if the collector swallowed the exception.</summary>
    public bool IsOverLimit => _offered > _maxSamples;

    /// <summary>Starts a run that fills this batch.</summary>
    public void Begin(SampleBatch batch)
    {
        _batch = batch;
        _offered = 0;
        FaultCount = 0;
        _faults.Clear();
    }

    /// <summary>Ends a run: series not seen lately may be forgotten.</summary>
    public void End()
    {
        _table.EndRun();
        _strings.EndRun();
    }

    /// <summary>Adds the sample of a family without labels.</summary>
    public void Add(MetricFamily family, double value) => Add(family, [], value);

    /// <summary>Adds a sample.</summary>
    /// <param name="family">The family; built once, held in a static field.</param>
    /// <param name="labelValues">One per label name of the family; any text.</param>
    /// <param name="value">The value in the unit that the name says.</param>
    /// <param name="timestampMs">Unix milliseconds; left out for a value of this moment.</param>
    /// <exception cref="SampleLimitException">The run gave too many samples.</exception>
    public void Add(MetricFamily family, ReadOnlySpan<string> labelValues, double value, long timestampMs = SampleBatch.NoTimestamp)
    {
        CountOne();
        _batch.Add(family, _table.Get(family, labelValues), value, timestampMs);
    }

    /// <summary>Adds the sample of a series that the caller holds, the cheapest way. The series must not be used by another collector.</summary>
    /// <exception cref="SampleLimitException">The run gave too many samples.</exception>
    public void Add(Series series, double value, long timestampMs = SampleBatch.NoTimestamp) => Add(series.Family, series, value, timestampMs);

    /// <summary>The same with a header of one's own: another family object of the same name and type, normally with another help text.</summary>
    /// <exception cref="SampleLimitException">The run gave too many samples.</exception>
    public void Add(MetricFamily family, Series series, double value, long timestampMs = SampleBatch.NoTimestamp)
    {
        CountOne();
        _batch.Add(family, series, value, timestampMs);
    }

    /// <summary>Adds a histogram: buckets with rising bounds and cumulative counts; the bucket <c>+Inf</c> is written from <paramref name="count"/>.</summary>
    /// <exception cref="SampleLimitException">The run gave too many samples.</exception>
    public void AddHistogram(
        MetricFamily family, ReadOnlySpan<string> labelValues, ReadOnlySpan<(double UpperBound, double Cumulative)> buckets, double sum, double count)
    {
        foreach (var (bound, cumulative) in buckets)
        {
            if (!double.IsPositiveInfinity(bound)) AddRole(family, labelValues, SampleRole.Bucket, bound, cumulative);
        }

        AddRole(family, labelValues, SampleRole.Bucket, double.PositiveInfinity, count);
        AddRole(family, labelValues, SampleRole.Sum, 0, sum);
        AddRole(family, labelValues, SampleRole.Count, 0, count);
    }

    /// <summary>Adds a summary.</summary>
    /// <exception cref="SampleLimitException">The run gave too many samples.</exception>
    public void AddSummary(
        MetricFamily family, ReadOnlySpan<string> labelValues, ReadOnlySpan<(double Quantile, double Value)> quantiles, double sum, double count)
    {
        foreach (var (quantile, value) in quantiles) AddRole(family, labelValues, SampleRole.Quantile, quantile, value);
        AddRole(family, labelValues, SampleRole.Sum, 0, sum);
        AddRole(family, labelValues, SampleRole.Count, 0, count);
    }

    /// <summary>
    /// Says that a part of the subject could not be read while the rest could: logged once per cause, shown in the status, the run still counts as successful.
    /// Which file, which line, what is wrong, what would be right.
    /// </summary>
    public void Fault(string message)
    {
        FaultCount++;
        if (_faults.Count < MaxFaults) _faults.Add(message);
    }

    /// <summary>Text of UTF-8 bytes read from the kernel; the same string object for the same bytes, so that steady names cost nothing.</summary>
    public string Text(ReadOnlySpan<byte> utf8) => _strings.Get(utf8);

    private void AddRole(MetricFamily family, ReadOnlySpan<string> labelValues, SampleRole role, double bound, double value)
    {
        CountOne();
        _batch.Add(family, _table.Get(family, labelValues, role, bound), value);
    }

    private void CountOne()
    {
        if (++_offered > _maxSamples) throw new SampleLimitException(_maxSamples);
    }
}
