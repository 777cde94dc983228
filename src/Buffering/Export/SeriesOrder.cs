using System.Runtime.InteropServices;
using Gateway.Exposition;

namespace Gateway.Buffering.Export;

/// <summary>
/// Sees to it that the times of each series increase over all pages of an export. What comes too late for its place (a push with an older time of its own) must
/// have been announced by <see cref="Plan"/> in a first reading; it is then put in where it belongs. Memory: one entry per series, one per late sample.
/// </summary>
internal sealed class SeriesOrder
{
    /// <summary>
    /// Most late samples held, 24 bytes each. A push may be an hour old at most, so only some ten thousand back-dated pushes per minute over hours get there.
    /// </summary>
    public const int MaxLateSamples = 1_000_000;

    private readonly Dictionary<Series, long> _planned = new(SameSeries.Instance);
    private readonly Dictionary<Series, long> _newest = new(SameSeries.Instance);
    private readonly Dictionary<Series, List<Late>> _late = new(SameSeries.Instance);
    private int _lateCount;

    /// <summary>Samples left out so far.</summary>
    public long LeftOut { get; private set; }

    /// <summary>Series that still have late samples to be written.</summary>
    public IEnumerable<Series> Waiting => _late.Keys;

    /// <summary>First reading: notes what will come too late. Pages in the same order as later.</summary>
    /// <exception cref="ExportException">Too many late samples.</exception>
    public void Plan(Series series, ReadOnlySpan<long> timesMs, ReadOnlySpan<double> values)
    {
        ref var newest = ref CollectionsMarshal.GetValueRefOrAddDefault(_planned, series, out var known);
        if (!known) newest = long.MinValue;
        for (var i = 0; i < timesMs.Length; i++)
        {
            if (timesMs[i] > newest) newest = timesMs[i];
            else if (timesMs[i] < newest) Hold(series, new Late(timesMs[i], values[i]));
        }
    }

    /// <summary>The first reading is over.</summary>
    public void EndPlan()
    {
        _planned.Clear();
        foreach (var late in _late.Values)
        {
            // Stable, so that of two with the same time the one that came first is first.
            var sorted = late.OrderBy(sample => sample.TimeMs).ToList();
            late.Clear();
            late.AddRange(sorted);
        }
    }

    /// <summary>Second reading: what is to be written now, times increasing and above all written before, late samples included.</summary>
    public void Admit(Series series, ReadOnlySpan<long> timesMs, ReadOnlySpan<double> values, SampleColumns output)
    {
        output.Clear();
        ref var newest = ref CollectionsMarshal.GetValueRefOrAddDefault(_newest, series, out var known);
        if (!known) newest = long.MinValue;
        if (_late.TryGetValue(series, out var late)) AdmitWithLate(series, timesMs, values, late, ref newest, output);
        else if (timesMs[0] > newest) output.AddRange(timesMs, values);
        else LeftOut += AddLater(timesMs, values, newest, output);
        if (output.Count > 0) newest = output.Times[^1];
    }

    /// <summary>The late samples of a series that nothing has carried along.</summary>
    public void AdmitRest(Series series, SampleColumns output)
    {
        output.Clear();
        if (!_late.Remove(series, out var late)) return;
        var newest = _newest.GetValueOrDefault(series, long.MinValue);
        foreach (var sample in late)
        {
            if (sample.TimeMs <= newest) continue;
            output.Add(sample.TimeMs, sample.Value);
            newest = sample.TimeMs;
        }
    }

    private static long AddLater(ReadOnlySpan<long> timesMs, ReadOnlySpan<double> values, long newest, SampleColumns output)
    {
        var first = 0;
        while (first < timesMs.Length && timesMs[first] <= newest) first++;
        output.AddRange(timesMs[first..], values[first..]);
        return first;
    }

    private void AdmitWithLate(Series series, ReadOnlySpan<long> timesMs, ReadOnlySpan<double> values, List<Late> late, ref long newest, SampleColumns output)
    {
        var next = 0;
        for (var i = 0; i < timesMs.Length; i++)
        {
            if (timesMs[i] <= newest)
            {
                // Either written already from the list, or the second of two with the same time.
                LeftOut++;
                continue;
            }

            for (; next < late.Count && late[next].TimeMs < timesMs[i]; next++)
            {
                if (late[next].TimeMs <= newest) continue;
                newest = late[next].TimeMs;
                output.Add(newest, late[next].Value);
                LeftOut--;
            }

            newest = timesMs[i];
            output.Add(newest, values[i]);
        }

        late.RemoveRange(0, next);
        if (late.Count == 0) _late.Remove(series);
    }

    private void Hold(Series series, Late sample)
    {
        if (++_lateCount > MaxLateSamples)
            throw new ExportException($"More than {MaxLateSamples} samples are older than what was pushed before them: export a shorter time at once, or as jsonl, which needs no order.");
        ref var late = ref CollectionsMarshal.GetValueRefOrAddDefault(_late, series, out _);
        (late ??= []).Add(sample);
    }

    private readonly record struct Late(long TimeMs, double Value);

    /// <summary>Series by what a server sees of them, over all families.</summary>
    private sealed class SameSeries : IEqualityComparer<Series>
    {
        public static readonly SameSeries Instance = new();

        public bool Equals(Series? x, Series? y) =>
            ReferenceEquals(x, y)
            || (x is not null && y is not null && string.Equals(x.Family.Name, y.Family.Name, StringComparison.Ordinal) && SeriesIdentity.Sample.Equals(x, y));

        public int GetHashCode(Series series) => HashCode.Combine(series.Family.Name.GetHashCode(StringComparison.Ordinal), SeriesIdentity.Sample.GetHashCode(series));
    }
}
