using Gateway.Exposition;

namespace Gateway.Buffering;

/// <summary>
/// A snapshot on its way into the buffer: samples with one time, or (pushes) each with its own. Arrays side by side, reused; filled by one thread, then only read
/// until <see cref="ISnapshotBuffer.AppendAsync"/> has returned.
/// </summary>
public sealed class SnapshotDraft
{
    private (MetricFamily Family, Series Series)[] _series = new (MetricFamily, Series)[64];
    private double[] _values = new double[64];
    private long[] _times = new long[64];

    /// <summary>What it holds.</summary>
    public SnapshotKind Kind { get; private set; }

    /// <summary>Time of the snapshot, Unix ms.</summary>
    public long TimeMs { get; private set; }

    /// <summary>Number of samples.</summary>
    public int Count { get; private set; }

    /// <summary>The series of each sample with the family that was written for it; within <see cref="SnapshotKind.Metrics"/> each series once.</summary>
    public ReadOnlySpan<(MetricFamily Family, Series Series)> Series => _series.AsSpan(0, Count);

    /// <summary>One value per sample; any bits.</summary>
    public ReadOnlySpan<double> Values => _values.AsSpan(0, Count);

    /// <summary>One time per sample, Unix ms; all the same within <see cref="SnapshotKind.Metrics"/>.</summary>
    public ReadOnlySpan<long> Times => _times.AsSpan(0, Count);

    /// <summary>Empties it for another snapshot and keeps the memory.</summary>
    public void Reset(SnapshotKind kind, long timeMs)
    {
        Array.Clear(_series, 0, Count);
        (Kind, TimeMs, Count) = (kind, timeMs, 0);
    }

    /// <summary>Adds a sample with the time of the snapshot.</summary>
    public void Add(MetricFamily family, Series series, double value) => Add(family, series, value, TimeMs);

    /// <summary>Adds a sample with a time of its own.</summary>
    public void Add(MetricFamily family, Series series, double value, long timeMs)
    {
        if (Count == _values.Length) Grow();
        _series[Count] = (family, series);
        _values[Count] = value;
        _times[Count] = timeMs;
        Count++;
    }

    /// <summary>
    /// Adds everything a scrape would show. What carries a time of its own already (a text file with timestamps) is left out: its time is not the snapshot's.
    /// </summary>
    /// <returns>Samples left out.</returns>
    public int AddAll(BatchMerger exposition)
    {
        var left = 0;
        for (var family = 0; family < exposition.FamilyCount; family++)
        {
            for (var part = 0; part < exposition.PartCount(family); part++) left += AddAll(exposition.Family(family), exposition.Part(family, part));
        }

        return left;
    }

    private int AddAll(MetricFamily header, in FamilySamples samples)
    {
        var left = 0;
        for (var i = 0; i < samples.Series.Length; i++)
        {
            if (samples.TimestampOf(i) == SampleBatch.NoTimestamp) Add(header, samples.Series[i], samples.Values[i]);
            else left++;
        }

        return left;
    }

    private void Grow()
    {
        Array.Resize(ref _series, Count * 2);
        Array.Resize(ref _values, Count * 2);
        Array.Resize(ref _times, Count * 2);
    }
}
