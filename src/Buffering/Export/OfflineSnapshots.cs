using Gateway.Buffering.Codec;
using Gateway.Buffering.Records;
using Gateway.Buffering.Stores;

namespace Gateway.Buffering.Export;

/// <summary>
/// A buffer that is only read, for tools that look at the files of a service that does not run. Nothing is appended, removed, fused or set aside: neither age nor space takes
/// anything, and damaged snapshots are passed over and listed. The engine may copy its own log into its file; what the file holds stays the same.
/// </summary>
/// <remarks>
/// Where the engine finds a part of its file damaged, the snapshot that lies there is passed over, and reading goes on with the next. Any thread; one reading at a time.
/// </remarks>
public sealed class OfflineSnapshots : ISnapshotBuffer, IRecordSource
{
    private readonly Lock _lock = new();
    private readonly SemaphoreSlim _reading = new(1, 1);
    private readonly BufferContents _contents = new();
    private readonly List<DamagedSnapshots> _damage = [];
    private readonly IBufferStore _store;
    private readonly RosterCache _rosters;
    private readonly PageReader _pages;

    private OfflineSnapshots(IBufferStore store)
    {
        _store = store;
        _rosters = new RosterCache(store);
        _pages = new PageReader(_contents, this);
    }

    /// <summary>What could not be read so far, in the order in which it was met.</summary>
    public IReadOnlyList<DamagedSnapshots> Damage
    {
        get { lock (_lock) return [.. _damage]; }
    }

    /// <inheritdoc/>
    public IReadOnlyList<BufferReader> Readers => _contents.Readers;

    /// <summary>What the files hold; everything that counts from a start is 0.</summary>
    public BufferFigures Figures
    {
        get
        {
            var (held, _, _) = _contents.Numbers();
            return new BufferFigures
            {
                Store = _store.Kind,
                Available = _store.IsOpen,
                DiskBytes = _store.Size.FileBytes,
                MemoryBytes = 0,
                Held = held,
                AppendedSnapshots = 0,
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
        }
    }

    /// <summary>Opens the files.</summary>
    /// <param name="store">Not open; owned from now on.</param>
    /// <exception cref="BufferStoreException">They cannot be opened: another program holds them, no permission, not ours, damaged.</exception>
    public static OfflineSnapshots Open(IBufferStore store)
    {
        var buffer = new OfflineSnapshots(store);
        try
        {
            store.Open(new Visitor(buffer));
            return buffer;
        }
        catch
        {
            buffer._pages.Dispose();
            store.Dispose();
            throw;
        }
    }

    /// <summary>Nothing to do: it is open.</summary>
    public Task StartAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    /// <inheritdoc/>
    public SnapshotStamp? Oldest(SnapshotKind kind) => _contents.With(kind, static index => index.Oldest());

    /// <inheritdoc/>
    public SnapshotStamp? Newest(SnapshotKind kind) => _contents.With(kind, static index => index.Newest());

    /// <inheritdoc/>
    public SequenceRanges Find(SnapshotKind kind, long fromMs, long toMs) => _contents.With(kind, index => index.Find(fromMs, toMs));

    /// <inheritdoc/>
    public BacklogSize Measure(SnapshotKind kind, SequenceRanges ranges) => _contents.With(kind, index => index.Measure(ranges));

    /// <inheritdoc/>
    public async Task ReadAsync(PageQuery query, SnapshotPage page, CancellationToken cancellationToken)
    {
        await _reading.WaitAsync(cancellationToken);
        try
        {
            await _pages.ReadAsync(query, page, cancellationToken);
        }
        finally
        {
            _reading.Release();
        }
    }

    /// <summary>Reads and decodes every snapshot, one record at a time, and checks it against what the index says of it. <see cref="Damage"/> then lists what is wrong.</summary>
    /// <returns>What could be read.</returns>
    public async Task<VerifiedSnapshots> VerifyAsync(CancellationToken cancellationToken)
    {
        var (snapshots, samples, bytes) = (0L, 0L, 0L);
        using var page = new SnapshotPage();
        foreach (var record in _contents.AllRecords())
        {
            // Went with the keyframe that it needs.
            if (!_contents.ContainsAll([record])) continue;
            page.Clear();
            await ReadAsync(new PageQuery(record.Kind, SequenceRanges.Of(record.First, record.Last), int.MaxValue), page, cancellationToken);
            if (!_contents.ContainsAll([record])) continue;
            if (page.SnapshotCount != record.Rows || page.SampleCount != record.Samples)
            {
                Note(record, $"it has {page.SnapshotCount} snapshots with {page.SampleCount} samples, its entry says {record.Rows} with {record.Samples}");
                continue;
            }

            (snapshots, samples, bytes) = (snapshots + record.Rows, samples + record.Samples, bytes + record.Bytes);
        }

        return new VerifiedSnapshots(snapshots, samples, bytes);
    }

    /// <summary>Not for a buffer that is only read.</summary>
    /// <exception cref="NotSupportedException">Always.</exception>
    public Task<SnapshotStamp> AppendAsync(SnapshotDraft draft, CancellationToken cancellationToken) => throw ReadOnly();

    /// <inheritdoc cref="AppendAsync"/>
    public Task SaveReaderAsync(BufferReader reader, CancellationToken cancellationToken) => throw ReadOnly();

    /// <inheritdoc cref="AppendAsync"/>
    public Task RemoveReaderAsync(string name, SnapshotKind kind, CancellationToken cancellationToken) => throw ReadOnly();

    /// <inheritdoc/>
    public ValueTask DisposeAsync()
    {
        _pages.Dispose();
        _reading.Dispose();
        lock (_lock) _store.Dispose();
        return ValueTask.CompletedTask;
    }

    Task<bool> IRecordSource.FetchAsync(Record record, BlobBytes bytes, CancellationToken cancellationToken)
    {
        lock (_lock)
        {
            try
            {
                return Task.FromResult(_store.TryRead(record.First, bytes));
            }
            catch (BufferStoreException e) when (e.Fault == BufferStoreFault.Damaged)
            {
                // The engine closed its file. The others of its pages may be good: without this one, on it goes.
                if (!_store.IsOpen) _store.Open(new Visitor(null));
                return Task.FromResult(false);
            }
        }
    }

    Task<RosterView> IRecordSource.RosterAsync(long id, CancellationToken cancellationToken)
    {
        lock (_lock)
        {
            try
            {
                return Task.FromResult(_rosters.Get(id, out _));
            }
            catch (BufferStoreException e) when (e.Fault == BufferStoreFault.Damaged)
            {
                if (!_store.IsOpen) _store.Open(new Visitor(null));
                throw BufferFormatException.Damaged("roster", "its part of the file is damaged");
            }
        }
    }

    Task IRecordSource.DiscardAsync(Record record, string reason, CancellationToken cancellationToken)
    {
        foreach (var one in _contents.UnitOf(record)) Note(one, ReferenceEquals(one, record) ? reason : $"it needs snapshot {record.First}, which cannot be read");
        return Task.CompletedTask;
    }

    private static NotSupportedException ReadOnly() => new("The files are only read.");

    private void Note(Record record, string reason)
    {
        _contents.Remove([record], LossReason.Damage);
        lock (_lock) _damage.Add(new DamagedSnapshots(record.Kind, record.First, record.Last, record.OldestMs, record.NewestMs, record.Rows, record.Samples, reason));
    }

    /// <summary>Takes what the store holds; without a buffer, nothing.</summary>
    private sealed class Visitor(OfflineSnapshots? buffer) : IStoreVisitor
    {
        public void Record(long key, ReadOnlySpan<byte> entry)
        {
            if (buffer is null) return;
            try
            {
                buffer._contents.Add(RecordEntry.Read(key, entry));
            }
            catch (BufferFormatException e)
            {
                buffer._damage.Add(new DamagedSnapshots(Kind: null, key, key, null, null, 0, 0, e.Message));
            }
        }

        public void Roster(long roster)
        {
            // Read when a snapshot asks for it.
        }

        public void Reader(string name, int kind, string backlog, long seenMs, string state)
        {
            if (Enum.IsDefined((SnapshotKind)kind) && SequenceRanges.TryParse(backlog, out var ranges))
                buffer?._contents.Put(new BufferReader(name, (SnapshotKind)kind, ranges, seenMs, state));
            else
                buffer?._damage.Add(new DamagedSnapshots(Kind: null, 0, 0, null, null, 0, 0, "a reader and what it still has to get cannot be read"));
        }

        public void Counters(StoreCounters counters) => buffer?._contents.Reserve(counters.NextSequence - 1);
    }
}

/// <summary>Stored snapshots that cannot be read.</summary>
/// <param name="Kind">Their kind; null when not even that is known.</param>
/// <param name="First">Sequence of the first.</param>
/// <param name="Last">Sequence of the last.</param>
/// <param name="OldestMs">Smallest time, Unix ms; null when it is not known.</param>
/// <param name="NewestMs">Largest time, Unix ms; null when it is not known.</param>
/// <param name="Snapshots">How many; 0 when it is not known.</param>
/// <param name="Samples">Their samples; 0 when it is not known.</param>
/// <param name="Reason">What is wrong.</param>
public sealed record DamagedSnapshots(SnapshotKind? Kind, long First, long Last, long? OldestMs, long? NewestMs, long Snapshots, long Samples, string Reason);

/// <summary>Stored snapshots that were read and decoded.</summary>
/// <param name="Snapshots">How many.</param>
/// <param name="Samples">Their samples.</param>
/// <param name="Bytes">Their bytes as stored.</param>
public readonly record struct VerifiedSnapshots(long Snapshots, long Samples, long Bytes);
