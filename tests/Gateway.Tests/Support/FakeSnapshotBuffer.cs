using Gateway.Buffering;
using Gateway.Exposition;

namespace Gateway.Tests.Support;

/// <summary>A buffer in memory without bounds, for tests of what stands above it.</summary>
internal sealed class FakeSnapshotBuffer : ISnapshotBuffer
{
    private readonly Lock _lock = new();
    private readonly List<Held> _held = [];
    private readonly Dictionary<(string, SnapshotKind), BufferReader> _readers = [];

    public IReadOnlyList<BufferReader> Readers
    {
        get { lock (_lock) return [.. _readers.Values]; }
    }

    public BufferFigures Figures => new()
    {
        Store = "memory",
        Available = true,
        DiskBytes = 0,
        MemoryBytes = 0,
        Held = [Measure(SnapshotKind.Metrics, SequenceRanges.All), Measure(SnapshotKind.Pushes, SequenceRanges.All)],
        AppendedSnapshots = _held.Count,
        AppendedSamples = 0,
        AppendedBytes = 0,
        FusedBlocks = 0,
        AppendFailures = 0,
        AppendTime = default,
        LongestAppend = default,
        Quarantines = 0,
        LostSamples = new long[Enum.GetValues<LossReason>().Length],
        RemovedSnapshots = 0,
    };

    public Task StartAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task<SnapshotStamp> AppendAsync(SnapshotDraft draft, CancellationToken cancellationToken)
    {
        lock (_lock)
        {
            var samples = new (MetricFamily, Series, double, long)[draft.Count];
            for (var i = 0; i < draft.Count; i++) samples[i] = (draft.Series[i].Family, draft.Series[i].Series, draft.Values[i], draft.Times[i]);
            var stamp = new SnapshotStamp(_held.Count + 1, draft.TimeMs, draft.Count, Durable: true);
            _held.Add(new Held(draft.Kind, stamp, samples));
            return Task.FromResult(stamp);
        }
    }

    public SnapshotStamp? Oldest(SnapshotKind kind)
    {
        lock (_lock) return _held.Find(held => held.Kind == kind)?.Stamp;
    }

    public SnapshotStamp? Newest(SnapshotKind kind)
    {
        lock (_lock) return _held.FindLast(held => held.Kind == kind)?.Stamp;
    }

    public SequenceRanges Find(SnapshotKind kind, long fromMs, long toMs)
    {
        lock (_lock)
        {
            return _held.Where(held => held.Kind == kind && held.Stamp.TimeMs >= fromMs && held.Stamp.TimeMs <= toMs)
                .Aggregate(SequenceRanges.Empty, (ranges, held) => ranges.Add(held.Stamp.Sequence, held.Stamp.Sequence));
        }
    }

    public BacklogSize Measure(SnapshotKind kind, SequenceRanges ranges)
    {
        lock (_lock)
        {
            var matching = _held.Where(held => held.Kind == kind && ranges.Contains(held.Stamp.Sequence)).Select(held => held.Stamp).ToList();
            return new BacklogSize(
                matching.Count, matching.Sum(stamp => (long)stamp.Samples), matching.Count == 0 ? null : matching.Min(stamp => stamp.TimeMs),
                matching.Count == 0 ? null : matching.Max(stamp => stamp.TimeMs));
        }
    }

    public Task ReadAsync(PageQuery query, SnapshotPage page, CancellationToken cancellationToken)
    {
        lock (_lock)
        {
            var count = 0;
            foreach (var held in _held)
            {
                if (held.Kind != query.Kind || !query.Ranges.Contains(held.Stamp.Sequence)) continue;
                if (count > 0 && (count + held.Samples.Length > query.MaxSamples)) break;
                count += held.Samples.Length;
                foreach (var (family, series, value, time) in held.Samples) page.Add(page.SlotOf(family, series), time, value);
                page.SnapshotCount++;
                page.Covered = page.Covered.Add(held.Stamp.Sequence, held.Stamp.Sequence);
            }

            return Task.CompletedTask;
        }
    }

    public Task SaveReaderAsync(BufferReader reader, CancellationToken cancellationToken)
    {
        lock (_lock) _readers[(reader.Name, reader.Kind)] = reader;
        return Task.CompletedTask;
    }

    public Task RemoveReaderAsync(string name, SnapshotKind kind, CancellationToken cancellationToken)
    {
        lock (_lock) _readers.Remove((name, kind));
        return Task.CompletedTask;
    }

    public ValueTask DisposeAsync() => ValueTask.CompletedTask;

    private sealed record Held(SnapshotKind Kind, SnapshotStamp Stamp, (MetricFamily Family, Series Series, double Value, long Time)[] Samples);
}
