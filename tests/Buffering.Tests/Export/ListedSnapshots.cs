using Gateway.Exposition;

namespace Gateway.Buffering.Tests.Export;

/// <summary>A buffer that is a list, for tests of what reads one. Snapshots can be made unreadable.</summary>
internal sealed class ListedSnapshots : ISnapshotBuffer
{
    private readonly List<Entry> _entries = [];
    private readonly HashSet<long> _damaged = [];

    public IReadOnlyList<BufferReader> Readers => [];

    public BufferFigures Figures => throw new NotSupportedException();

    /// <summary>Most snapshots of a page, whatever the query says.</summary>
    public int MaxSnapshotsOfPage { get; set; } = int.MaxValue;

    /// <summary>Pages read so far.</summary>
    public int Pages { get; private set; }

    /// <summary>Adds a snapshot; of pushes, each sample with its time.</summary>
    public long Add(SnapshotKind kind, params (Series Series, double Value, long TimeMs)[] samples)
    {
        var draft = new SnapshotDraft();
        draft.Reset(kind, samples.Min(sample => sample.TimeMs));
        foreach (var (series, value, time) in samples) draft.Add(series.Family, series, value, time);
        return Add(draft);
    }

    public long Add(SnapshotDraft draft)
    {
        var sequence = _entries.Count + 1;
        _entries.Add(new Entry(sequence, draft.Kind, draft.TimeMs, draft.Series.ToArray(), draft.Values.ToArray(), draft.Times.ToArray()));
        return sequence;
    }

    public void Damage(long sequence) => _damaged.Add(sequence);

    public Task StartAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task<SnapshotStamp> AppendAsync(SnapshotDraft draft, CancellationToken cancellationToken)
    {
        var sequence = Add(draft);
        return Task.FromResult(new SnapshotStamp(sequence, draft.TimeMs, draft.Count, Durable: true));
    }

    public SnapshotStamp? Oldest(SnapshotKind kind) => throw new NotSupportedException();

    public SnapshotStamp? Newest(SnapshotKind kind) => throw new NotSupportedException();

    public SequenceRanges Find(SnapshotKind kind, long fromMs, long toMs) =>
        _entries.Where(entry => entry.Kind == kind && entry.TimeMs >= fromMs && entry.TimeMs <= toMs)
            .Aggregate(SequenceRanges.Empty, (ranges, entry) => ranges.Add(entry.Sequence, entry.Sequence));

    public BacklogSize Measure(SnapshotKind kind, SequenceRanges ranges)
    {
        var held = _entries.Where(entry => entry.Kind == kind && ranges.Contains(entry.Sequence)).ToList();
        return new BacklogSize(held.Count, held.Sum(entry => (long)entry.Values.Length), held.FirstOrDefault()?.TimeMs, held.LastOrDefault()?.TimeMs);
    }

    public Task ReadAsync(PageQuery query, SnapshotPage page, CancellationToken cancellationToken)
    {
        Pages++;
        foreach (var entry in _entries.Where(entry => entry.Kind == query.Kind && query.Ranges.Contains(entry.Sequence)))
        {
            if (page.SnapshotCount > 0 && (page.SampleCount + entry.Values.Length > query.MaxSamples || page.SnapshotCount == MaxSnapshotsOfPage)) break;
            page.Covered = page.Covered.Add(entry.Sequence, entry.Sequence);
            if (_damaged.Contains(entry.Sequence)) continue;
            page.SnapshotCount++;
            for (var i = 0; i < entry.Values.Length; i++) page.Add(page.SlotOf(entry.Series[i].Family, entry.Series[i].Series), entry.Times[i], entry.Values[i]);
        }

        return Task.CompletedTask;
    }

    public Task SaveReaderAsync(BufferReader reader, CancellationToken cancellationToken) => throw new NotSupportedException();

    public Task RemoveReaderAsync(string name, SnapshotKind kind, CancellationToken cancellationToken) => throw new NotSupportedException();

    public ValueTask DisposeAsync() => ValueTask.CompletedTask;

    private sealed record Entry(long Sequence, SnapshotKind Kind, long TimeMs, (MetricFamily Family, Series Series)[] Series, double[] Values, long[] Times);
}
