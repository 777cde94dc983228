namespace Gateway.Buffering.Outlets;

/// <summary>
/// What each target of remote write has still to get, and the shelf (<see cref="BufferReader.Aside"/>) of what no scrape can deliver; both are readers of the buffer, and all their
/// changes go through here, one after the other.
/// </summary>
/// <remarks>
/// <para>The rule: a snapshot that is put aside goes into the backlog of each target first, then on the shelf. It leaves the shelf when no target has it in its backlog any more, that is
/// when all have delivered it (or given it up, sample by sample, counted). So what lies on the shelf is in the backlog of each target that has not delivered it, and a stop at any
/// instant repeats at most what was being added. Without targets it stays on the shelf, for an export.</para>
/// <para>A target that is new, or whose progress is gone, begins with the whole shelf. In mode <c>always</c> it begins with what scrapes have still to deliver as well and gets all that
/// comes; what is put aside later is in its backlog then or was delivered by it, and is not added again. The progress of a target that is no longer configured is forgotten.</para>
/// </remarks>
internal sealed class AsideShelf(ISnapshotBuffer buffer, TimeProvider time) : IDisposable
{
    private static readonly SnapshotKind[] Kinds = Enum.GetValues<SnapshotKind>();

    private readonly SemaphoreSlim _lock = new(1, 1);

    /// <summary>What each target is done with since the start: two scrape consumers put the same snapshots aside, at different times.</summary>
    private readonly Dictionary<(string Target, SnapshotKind Kind), SequenceRanges> _done = [];

    private string[] _targets = [];
    private RemoteWriteMode _mode;

    /// <summary>Brings the readers in line with the configuration. The buffer has been started.</summary>
    /// <param name="targets">Names of the targets; none when remote write is off.</param>
    /// <param name="mode">What they get.</param>
    /// <param name="cancellationToken">Some readers may have been saved.</param>
    public async Task StartAsync(IReadOnlyList<string> targets, RemoteWriteMode mode, CancellationToken cancellationToken)
    {
        await _lock.WaitAsync(cancellationToken);
        try
        {
            (_targets, _mode) = ([.. targets], mode);
            foreach (var reader in buffer.Readers)
            {
                if (reader.Name.StartsWith(BufferReader.RemoteWritePrefix, StringComparison.Ordinal) && !Array.Exists(_targets, target => ReaderName(target) == reader.Name))
                    await buffer.RemoveReaderAsync(reader.Name, reader.Kind, cancellationToken);
            }

            foreach (var kind in Kinds)
            {
                foreach (var target in _targets)
                {
                    var known = Find(ReaderName(target), kind);
                    var wanted = known is null ? First(kind) : Adapt(known.Backlog, kind);
                    if (known is null || !wanted.Equals(known.Backlog)) await SaveAsync(ReaderName(target), kind, wanted, known?.SeenMs ?? 0, cancellationToken);
                }

                await ClearShelfAsync(kind, cancellationToken);
            }
        }
        finally
        {
            _lock.Release();
        }
    }

    /// <summary>Puts snapshots aside. When it has returned they are durable there, and whoever put them aside may forget them.</summary>
    public async Task AddAsync(SnapshotKind kind, SequenceRanges ranges, CancellationToken cancellationToken)
    {
        if (ranges.IsEmpty) return;
        await _lock.WaitAsync(cancellationToken);
        try
        {
            var shelf = Find(BufferReader.Aside, kind)?.Backlog ?? SequenceRanges.Empty;
            // What is there already is in the backlogs, or was taken out of one by a delivery.
            var added = ranges.Except(shelf);
            if (_mode == RemoteWriteMode.Undeliverable && !added.IsEmpty)
            {
                foreach (var target in _targets)
                {
                    if (Find(ReaderName(target), kind) is not { } known)
                    {
                        await BeginAnewAsync(target, kind, shelf.Union(added), cancellationToken);
                        continue;
                    }

                    var missing = added.Except(_done.GetValueOrDefault((target, kind), SequenceRanges.Empty)).Except(known.Backlog);
                    if (!missing.IsEmpty) await SaveAsync(known.Name, kind, known.Backlog.Union(missing), known.SeenMs, cancellationToken);
                }
            }

            if (_targets.Length > 0) added = added.Intersect(Pending(kind));
            if (!added.IsEmpty) await SaveAsync(BufferReader.Aside, kind, shelf.Union(added), Now(), cancellationToken);
        }
        finally
        {
            _lock.Release();
        }
    }

    /// <summary>What a target has still to get; a target whose progress is gone (the buffer had to begin anew) starts again.</summary>
    public async ValueTask<SequenceRanges> BacklogAsync(string target, SnapshotKind kind, CancellationToken cancellationToken)
    {
        if (Find(ReaderName(target), kind) is { } reader) return reader.Backlog;
        await _lock.WaitAsync(cancellationToken);
        try
        {
            if (Find(ReaderName(target), kind) is { } made) return made.Backlog;
            // Nothing of a fresh buffer was delivered yet.
            var backlog = _mode == RemoteWriteMode.Always ? SequenceRanges.All : First(kind);
            await BeginAnewAsync(target, kind, backlog, cancellationToken);
            return backlog;
        }
        finally
        {
            _lock.Release();
        }
    }

    /// <summary>A target is done with snapshots. Ends when that is durable.</summary>
    public async Task DoneAsync(string target, SnapshotKind kind, SequenceRanges covered, CancellationToken cancellationToken)
    {
        await _lock.WaitAsync(cancellationToken);
        try
        {
            // Gone: another buffer took the place of the one these were read from, and its sequences are others.
            if (Find(ReaderName(target), kind) is not { } reader) return;
            await SaveAsync(reader.Name, kind, reader.Backlog.Except(covered), Now(), cancellationToken);
            var done = _done.GetValueOrDefault((target, kind), SequenceRanges.Empty).Union(covered);
            // What the buffer no longer holds will not be put aside.
            _done[(target, kind)] = buffer.Oldest(kind) is { Sequence: > 1 } oldest ? done.Remove(1, oldest.Sequence - 1) : done;
            await ClearShelfAsync(kind, cancellationToken);
        }
        finally
        {
            _lock.Release();
        }
    }

    /// <inheritdoc/>
    public void Dispose() => _lock.Dispose();

    private static string ReaderName(string target) => BufferReader.RemoteWritePrefix + target;

    private long Now() => time.GetUtcNow().ToUnixTimeMilliseconds();

    private BufferReader? Find(string name, SnapshotKind kind)
    {
        foreach (var reader in buffer.Readers)
        {
            if (reader.Kind == kind && reader.Name == name) return reader;
        }

        return null;
    }

    private Task SaveAsync(string name, SnapshotKind kind, SequenceRanges backlog, long seenMs, CancellationToken cancellationToken) =>
        buffer.SaveReaderAsync(new BufferReader(name, kind, backlog, seenMs), cancellationToken);

    private Task BeginAnewAsync(string target, SnapshotKind kind, SequenceRanges backlog, CancellationToken cancellationToken)
    {
        _done.Remove((target, kind));
        return SaveAsync(ReaderName(target), kind, backlog, 0, cancellationToken);
    }

    private SequenceRanges First(SnapshotKind kind)
    {
        var backlog = Find(BufferReader.Aside, kind)?.Backlog ?? SequenceRanges.Empty;
        if (_mode != RemoteWriteMode.Always) return backlog;
        foreach (var reader in buffer.Readers)
        {
            if (reader.Kind == kind && reader.Name.StartsWith(BufferReader.ScrapePrefix, StringComparison.Ordinal)) backlog = backlog.Union(reader.Backlog);
        }

        return backlog.Add(NextSequence());
    }

    /// <summary>The backlog of a known target under another mode than before.</summary>
    private SequenceRanges Adapt(SequenceRanges backlog, SnapshotKind kind)
    {
        var isOpen = !backlog.IsEmpty && backlog.Ranges[^1].Last == SequenceRange.NoEnd;
        return (_mode, isOpen) switch
        {
            (RemoteWriteMode.Always, false) => backlog.Union(First(kind)),
            // What is there now was promised to it; what comes is not.
            (RemoteWriteMode.Undeliverable, true) => backlog.Remove(NextSequence()),
            _ => backlog,
        };
    }

    private long NextSequence()
    {
        var newest = 0L;
        foreach (var kind in Kinds) newest = Math.Max(newest, buffer.Newest(kind)?.Sequence ?? 0);
        return newest + 1;
    }

    /// <summary>What at least one target has still to get.</summary>
    private SequenceRanges Pending(SnapshotKind kind)
    {
        var pending = SequenceRanges.Empty;
        foreach (var target in _targets) pending = pending.Union(Find(ReaderName(target), kind)?.Backlog ?? SequenceRanges.Empty);
        return pending;
    }

    private async Task ClearShelfAsync(SnapshotKind kind, CancellationToken cancellationToken)
    {
        if (_targets.Length == 0 || Find(BufferReader.Aside, kind) is not { Backlog.IsEmpty: false } shelf) return;
        var left = shelf.Backlog.Intersect(Pending(kind));
        if (!left.Equals(shelf.Backlog)) await SaveAsync(shelf.Name, kind, left, shelf.SeenMs, cancellationToken);
    }
}
