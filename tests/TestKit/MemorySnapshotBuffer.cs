using Gateway.Buffering;
using Gateway.Exposition;

namespace Gateway.TestKit;

/// <summary>The contract of the snapshot buffer kept in plain lists, for tests of what stands around a buffer. Nothing is lost unless a test says so; any
/// thread.</summary>
public sealed class MemorySnapshotBuffer : ISnapshotBuffer
{
    private readonly Lock _lock = new();
    private readonly List<Held> _held = [];
    private readonly List<BufferReader> _readers = [];
    private long _sequence;

    /// <inheritdoc/>
    public IReadOnlyList<BufferReader> Readers
    {
        get { lock (_lock) return [.. _readers]; }
    }

    /// <summary>Readers saved since the start.</summary>
    public int Saves { get; private set; }

    /// <summary>Thrown by the next read, once.</summary>
    public Exception? NextReadFault { get; set; }

    /// <inheritdoc/>
    public BufferFigures Figures => new()
    {
        Store = "memory",
        Available = true,
        DiskBytes = 0,
        MemoryBytes = 0,
        Held = [.. Enum.GetValues<SnapshotKind>().Select(kind => Measure(kind, SequenceRanges.All))],
        AppendedSnapshots = _sequence,
        AppendedSamples = 0,
        AppendedBytes = 0,
        FusedBlocks = 0,
        AppendFailures = 0,
        AppendTime = TimeSpan.Zero,
        LongestAppend = TimeSpan.Zero,
        Quarantines = 0,
        LostSamples = new long[Enum.GetValues<LossReason>().Length],
        RemovedSnapshots = 0,
    };

    /// <inheritdoc/>
    public Task StartAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    /// <inheritdoc/>
    public Task<SnapshotStamp> AppendAsync(SnapshotDraft draft, CancellationToken cancellationToken)
    {
        lock (_lock)
        {
            var samples = new (MetricFamily, Series, long, double)[draft.Count];
            for (var i = 0; i < draft.Count; i++) samples[i] = (draft.Series[i].Family, draft.Series[i].Series, draft.Times[i], draft.Values[i]);
            var stamp = new SnapshotStamp(++_sequence, samples.Min(sample => sample.Item3), samples.Length, Durable: true);
            _held.Add(new Held(draft.Kind, stamp, samples));
            return Task.FromResult(stamp);
        }
    }

    /// <summary>Appends a snapshot of collectors.</summary>
    public SnapshotStamp Append(long timeMs, params IEnumerable<(Series Series, double Value)> samples)
    {
        var draft = new SnapshotDraft();
        draft.Reset(SnapshotKind.Metrics, timeMs);
        foreach (var (series, value) in samples) draft.Add(series.Family, series, value);
        return AppendAsync(draft, CancellationToken.None).Result;
    }

    /// <summary>Appends a snapshot of pushes.</summary>
    public SnapshotStamp AppendPushes(params IEnumerable<(Series Series, long TimeMs, double Value)> samples)
    {
        var draft = new SnapshotDraft();
        draft.Reset(SnapshotKind.Pushes, 0);
        foreach (var (series, time, value) in samples) draft.Add(series.Family, series, value, time);
        return AppendAsync(draft, CancellationToken.None).Result;
    }

    /// <summary>Retention took everything up to a sequence.</summary>
    public void Trim(long sequence)
    {
        lock (_lock) _held.RemoveAll(held => held.Stamp.Sequence <= sequence);
    }

    /// <summary>The file was damaged: a fresh buffer takes its place, readers and sequences included.</summary>
    public void BeginAnew()
    {
        lock (_lock)
        {
            _held.Clear();
            _readers.Clear();
            _sequence = 0;
        }
    }

    /// <inheritdoc/>
    public SnapshotStamp? Oldest(SnapshotKind kind)
    {
        lock (_lock) return _held.Find(held => held.Kind == kind)?.Stamp;
    }

    /// <inheritdoc/>
    public SnapshotStamp? Newest(SnapshotKind kind)
    {
        lock (_lock) return _held.FindLast(held => held.Kind == kind)?.Stamp;
    }

    /// <inheritdoc/>
    public SequenceRanges Find(SnapshotKind kind, long fromMs, long toMs)
    {
        var found = SequenceRanges.Empty;
        lock (_lock)
        {
            foreach (var held in _held.Where(held => held.Kind == kind && held.Stamp.TimeMs >= fromMs && held.Stamp.TimeMs <= toMs))
                found = found.Add(held.Stamp.Sequence, held.Stamp.Sequence);
        }

        return found;
    }

    /// <inheritdoc/>
    public BacklogSize Measure(SnapshotKind kind, SequenceRanges ranges)
    {
        lock (_lock)
        {
            var held = _held.Where(held => held.Kind == kind && ranges.Contains(held.Stamp.Sequence)).ToList();
            return held.Count == 0
                ? default
                : new BacklogSize(held.Count, held.Sum(one => (long)one.Stamp.Samples), held.Min(one => one.Stamp.TimeMs), held.Max(one => one.Stamp.TimeMs));
        }
    }

    /// <inheritdoc/>
    public Task ReadAsync(PageQuery query, SnapshotPage page, CancellationToken cancellationToken)
    {
        lock (_lock)
        {
            if (NextReadFault is { } fault)
            {
                NextReadFault = null;
                throw fault;
            }

            var last = _held.FindLast(held => held.Kind == query.Kind)?.Stamp.Sequence ?? 0;
            foreach (var held in _held.Where(held => held.Kind == query.Kind && query.Ranges.Contains(held.Stamp.Sequence)))
            {
                if (page.SnapshotCount > 0 && (page.SampleCount + held.Stamp.Samples > query.MaxSamples || page.SnapshotCount >= query.MaxSnapshots))
                {
                    last = held.Stamp.Sequence - 1;
                    break;
                }

                foreach (var (family, series, time, value) in held.Samples) page.Add(page.SlotOf(family, series), time, value);
                page.SnapshotCount++;
            }

            if (last > 0) page.Covered = query.Ranges.Intersect(SequenceRanges.Of(1, last));
            return Task.CompletedTask;
        }
    }

    /// <inheritdoc/>
    public Task SaveReaderAsync(BufferReader reader, CancellationToken cancellationToken)
    {
        lock (_lock)
        {
            Saves++;
            _readers.RemoveAll(known => known.Name == reader.Name && known.Kind == reader.Kind);
            _readers.Add(reader);
        }

        return Task.CompletedTask;
    }

    /// <inheritdoc/>
    public Task RemoveReaderAsync(string name, SnapshotKind kind, CancellationToken cancellationToken)
    {
        lock (_lock) _readers.RemoveAll(known => known.Name == name && known.Kind == kind);
        return Task.CompletedTask;
    }

    /// <inheritdoc/>
    public ValueTask DisposeAsync() => ValueTask.CompletedTask;

    private sealed record Held(SnapshotKind Kind, SnapshotStamp Stamp, (MetricFamily Family, Series Series, long TimeMs, double Value)[] Samples);
}
