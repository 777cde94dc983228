using System.Collections.Concurrent;
using Gateway.Buffering.Records;
using Gateway.Buffering.Stores;
using Microsoft.Extensions.Logging;

namespace Gateway.Buffering;

/// <summary>
/// The buffer over any <see cref="IBufferStore"/>: one loop on a thread of its own owns the store and does everything that touches it (<see cref="BufferLoop"/>); callers wait for
/// their turn, read and decode on their own threads, and ask the index in memory.
/// </summary>
public sealed class SnapshotBuffer : ISnapshotBuffer
{
    /// <summary>Decoders kept for the next pages: one per consumer that reads at the same time.</summary>
    private const int MaxPageReaders = 4;

    /// <summary>The bounds of <see cref="BufferReader"/>.</summary>
    private const int MaxReaderName = 200;

    /// <inheritdoc cref="MaxReaderName"/>
    private const int MaxReaderState = 100;

    private readonly ConcurrentBag<PageReader> _pageReaders = [];
    private readonly BufferContents _contents = new();
    private readonly IBufferStore _store;
    private readonly BufferLoop _loop;

    /// <summary>Makes it; nothing is read or opened before <see cref="StartAsync"/>.</summary>
    /// <param name="store">Owned from now on.</param>
    /// <param name="options">With the directory set.</param>
    /// <param name="time">The clocks.</param>
    /// <param name="logger">The log.</param>
    public SnapshotBuffer(IBufferStore store, BufferOptions options, TimeProvider time, ILogger<SnapshotBuffer> logger)
        : this(store, options, time, logger, new DiskSpace(options.Directory))
    {
    }

    internal SnapshotBuffer(IBufferStore store, BufferOptions options, TimeProvider time, ILogger<SnapshotBuffer> logger, DiskSpace disk)
    {
        _store = store;
        _loop = new BufferLoop(store, options, _contents, disk, time, logger);
    }

    /// <inheritdoc/>
    public IReadOnlyList<BufferReader> Readers => _contents.Readers;

    /// <inheritdoc/>
    public BufferFigures Figures
    {
        get
        {
            var view = _loop.View;
            var (held, lost, removed) = _contents.Numbers();
            return new BufferFigures
            {
                Store = _store.Kind,
                Available = view.Fault is null,
                Fault = view.Fault,
                DiskBytes = view.Size.FileBytes,
                MemoryBytes = view.Fault is null ? 0 : view.MemoryBytes,
                Held = held,
                AppendedSnapshots = view.Numbers.AppendedSnapshots,
                AppendedSamples = view.Numbers.AppendedSamples,
                AppendedBytes = view.Numbers.AppendedBytes,
                FusedBlocks = view.Numbers.FusedBlocks,
                AppendFailures = view.Numbers.AppendFailures,
                AppendTime = view.Numbers.AppendTime,
                LongestAppend = view.Numbers.LongestAppend,
                Quarantines = view.Numbers.Quarantines,
                LostSamples = lost,
                RemovedSnapshots = removed,
            };
        }
    }

    /// <inheritdoc/>
    public Task StartAsync(CancellationToken cancellationToken) => _loop.StartAsync(cancellationToken);

    /// <inheritdoc/>
    public async Task<SnapshotStamp> AppendAsync(SnapshotDraft draft, CancellationToken cancellationToken)
    {
        if (draft.Count == 0) throw new ArgumentException("A snapshot has at least one sample.", nameof(draft));
        var work = new AppendWork(draft);
        await _loop.EnqueueAsync(work, cancellationToken);
        await using (cancellationToken.UnsafeRegister(static (work, token) => ((AppendWork)work!).Cancel(token), work)) return await work.Task; // the state given
    }

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
        ObjectDisposedException.ThrowIf(_loop.IsStopping, this);
        if (!_pageReaders.TryTake(out var reader)) reader = new PageReader(_contents, _loop);
        await reader.ReadAsync(query, page, cancellationToken);
        // Not after an exception: a request that was given up may still write into its bytes.
        if (_pageReaders.Count < MaxPageReaders) _pageReaders.Add(reader);
        else reader.Dispose();
    }

    /// <inheritdoc/>
    public async Task SaveReaderAsync(BufferReader reader, CancellationToken cancellationToken)
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThan(reader.Name.Length, MaxReaderName, nameof(reader));
        ArgumentOutOfRangeException.ThrowIfGreaterThan(reader.State.Length, MaxReaderState, nameof(reader));
        var work = new ReaderWork(reader.Name, reader.Kind, reader);
        await _loop.EnqueueAsync(work, cancellationToken);
        await work.Task.WaitAsync(cancellationToken);
    }

    /// <inheritdoc/>
    public async Task RemoveReaderAsync(string name, SnapshotKind kind, CancellationToken cancellationToken)
    {
        var work = new ReaderWork(name, kind, null);
        await _loop.EnqueueAsync(work, cancellationToken);
        await work.Task.WaitAsync(cancellationToken);
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        if (_loop.IsStopping) return;
        await _loop.DisposeAsync();
        while (_pageReaders.TryTake(out var reader)) reader.Dispose();
    }
}
