using System.Collections.Concurrent;
using System.Threading.Channels;
using Gateway.Buffering.Records;
using Gateway.Buffering.Stores;
using Microsoft.Extensions.Logging;

namespace Gateway.Buffering;

/// <summary>
/// The buffer over any <see cref="IBufferStore"/>: one loop on a thread of its own (an engine blocks in the sync) owns the store and does everything that touches it;
/// callers wait for their turn, read and decode on their own threads, and ask the index in memory.
/// </summary>
/// <remarks>
/// A turn: readings that wait, then one group of appends and changes of readers in one transaction, then the limits. When nothing waits: upkeep in small steps, and old
/// snapshots are fused into blocks, on a thread of the pool.
/// </remarks>
public sealed class SnapshotBuffer : ISnapshotBuffer, IRecordSource
{
    /// <summary>Appends and changes that wait at most; who comes later waits before the queue.</summary>
    private const int QueueCapacity = 1024;

    /// <summary>Appends in one transaction at most: bounds how long the first of them waits for the last.</summary>
    private const int MaxGroup = 64;

    /// <summary>Decoders kept for the next pages: one per consumer that reads at the same time.</summary>
    private const int MaxPageReaders = 4;

    /// <summary>The bounds of <see cref="BufferReader"/>.</summary>
    private const int MaxReaderName = 200;

    /// <inheritdoc cref="MaxReaderName"/>
    private const int MaxReaderState = 100;

    /// <summary>Ages, free space and ends of episodes are looked at this often when nothing happens.</summary>
    private static readonly TimeSpan TickInterval = TimeSpan.FromSeconds(10);

    private readonly Channel<BufferWork> _queue =
        Channel.CreateBounded<BufferWork>(new BoundedChannelOptions(QueueCapacity) { SingleReader = true, FullMode = BoundedChannelFullMode.Wait });

    private readonly ConcurrentQueue<BufferWork> _requests = new();
    private readonly ConcurrentBag<PageReader> _pageReaders = [];
    private readonly AutoResetEvent _wake = new(initialState: false);
    private readonly TaskCompletionSource _started = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly TaskCompletionSource _ended = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly CancellationTokenSource _stop = new();
    private readonly List<BufferWork> _group = new(MaxGroup);
    private readonly BufferContents _contents = new();
    private readonly BufferOptions _options;
    private readonly IBufferStore _store;
    private readonly TimeProvider _time;
    private readonly ILogger _logger;
    private readonly Keeper _keeper;
    private readonly BlockFuser _fuser;
    private readonly ITimer _retryTimer;
    private readonly ITimer _tickTimer;

    private Thread? _thread;
    private Task _fusing = Task.CompletedTask;
    private volatile KeeperView _view;
    private volatile bool _isFusing;
    private volatile bool _fusePaused;
    private bool _retryArmed;
    private volatile bool _retryDue;
    private volatile bool _ticked;
    private volatile bool _stopping;
    private volatile bool _timeIsUp;

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
        (_store, _options, _time, _logger) = (store, options, time, logger);
        _keeper = new Keeper(store, options, _contents, disk, time, logger);
        _fuser = new BlockFuser(options, _contents, this);
        _view = new KeeperView(Fault: "The buffer is not opened yet.", 0, default, new KeeperNumbers());
        _retryTimer = time.CreateTimer(_ => Retry(), state: null, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
        _tickTimer = time.CreateTimer(_ => Tick(), state: null, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
    }

    /// <inheritdoc/>
    public IReadOnlyList<BufferReader> Readers => _contents.Readers;

    /// <inheritdoc/>
    public BufferFigures Figures
    {
        get
        {
            var view = _view;
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
    public Task StartAsync(CancellationToken cancellationToken)
    {
        if (_thread is not null) throw new InvalidOperationException("The buffer is started once.");
        _thread = new Thread(Run) { IsBackground = true, Name = "buffer" };
        _thread.Start();
        _tickTimer.Change(TickInterval, TickInterval);
        return _started.Task.WaitAsync(cancellationToken);
    }

    /// <inheritdoc/>
    public async Task<SnapshotStamp> AppendAsync(SnapshotDraft draft, CancellationToken cancellationToken)
    {
        if (draft.Count == 0) throw new ArgumentException("A snapshot has at least one sample.", nameof(draft));
        var work = new AppendWork(draft);
        await EnqueueAsync(work, cancellationToken);
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
        ObjectDisposedException.ThrowIf(_stopping, this);
        if (!_pageReaders.TryTake(out var reader)) reader = new PageReader(_contents, this);
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
        await EnqueueAsync(work, cancellationToken);
        await work.Task.WaitAsync(cancellationToken);
    }

    /// <inheritdoc/>
    public async Task RemoveReaderAsync(string name, SnapshotKind kind, CancellationToken cancellationToken)
    {
        var work = new ReaderWork(name, kind, null);
        await EnqueueAsync(work, cancellationToken);
        await work.Task.WaitAsync(cancellationToken);
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        if (_stopping) return;
        _stopping = true;
        _queue.Writer.TryComplete();
        await _stop.CancelAsync();
        _wake.Set();
        if (_thread is null)
        {
            _store.Dispose();
        }
        else
        {
            await WaitForEndAsync();
        }

        while (_pageReaders.TryTake(out var reader)) reader.Dispose();
        await _retryTimer.DisposeAsync();
        await _tickTimer.DisposeAsync();
    }

    Task<bool> IRecordSource.FetchAsync(Record record, BlobBytes bytes, CancellationToken cancellationToken) =>
        AskAsync(new FetchWork(record, bytes), cancellationToken);

    Task<RosterView> IRecordSource.RosterAsync(long id, CancellationToken cancellationToken) => AskAsync(new RosterWork(id), cancellationToken);

    Task IRecordSource.DiscardAsync(Record record, string reason, CancellationToken cancellationToken) =>
        AskAsync(new DiscardWork(record, reason), cancellationToken);

    private async Task WaitForEndAsync()
    {
        try
        {
            await Task.WhenAll(_ended.Task, _fusing).WaitAsync(_options.StopTimeout, _time, CancellationToken.None);
            return;
        }
        catch (TimeoutException)
        {
            _timeIsUp = true;
        }

        _logger.BufferStopTimedOut(_options.StopTimeout, _queue.Reader.Count);
    }

    private async Task EnqueueAsync(BufferWork work, CancellationToken cancellationToken)
    {
        try
        {
            await _queue.Writer.WriteAsync(work, cancellationToken);
        }
        catch (ChannelClosedException e)
        {
            throw new ObjectDisposedException("The buffer was closed.", e);
        }

        _wake.Set();
    }

    private Task<T> AskAsync<T>(RequestWork<T> work, CancellationToken cancellationToken)
    {
        ObjectDisposedException.ThrowIf(_stopping, this);
        _requests.Enqueue(work);
        _wake.Set();
        // After the end nobody answers.
        if (_ended.Task.IsCompleted) work.Fail(new ObjectDisposedException(nameof(SnapshotBuffer)));
        return work.Task.WaitAsync(cancellationToken);
    }

    private void Run()
    {
        try
        {
            _keeper.Open();
        }
        catch (Exception e)
        {
            // No fault of the disk: no waiting cures it.
            _stopping = true;
            _queue.Writer.TryComplete();
            End();
            _started.TrySetException(e);
            return;
        }

        ArmRetry();
        Publish();
        _started.TrySetResult();
        while (true)
        {
            var more = _queue.Reader.TryPeek(out _) || !_requests.IsEmpty;
            if (_timeIsUp || (_stopping && !_queue.Reader.TryPeek(out _))) break;
            if (!more && !Rest()) _wake.WaitOne();
            Turn();
        }

        End();
    }

    private void Turn()
    {
        try
        {
            AnswerRequests();
            if (_retryDue)
            {
                (_retryDue, _retryArmed) = (false, false);
                if (_keeper.Fault is not null) _keeper.Flush(retry: true);
            }

            _group.Clear();
            while (_group.Count < MaxGroup && _queue.Reader.TryRead(out var work)) _group.Add(work);
            foreach (var work in _group) work.Prepare(_keeper);
            if (_group.Count > 0) _keeper.Flush();
            Publish(); // before the callers go on: whoever was answered finds it counted
            foreach (var work in _group) work.Complete();
            if (_group.Count == 0 && !_ticked) return;
            _ticked = false;
            _keeper.KeepLimits();
            _keeper.Tidy();
        }
        catch (Exception e)
        {
            // A fault of the program in one work must not end the loop that everybody needs.
            _logger.BufferTurnFailed(e);
            foreach (var work in _group) work.Fail(e);
        }
        finally
        {
            ArmRetry();
            Publish();
        }
    }

    private void AnswerRequests()
    {
        while (_requests.TryDequeue(out var request))
        {
            try
            {
                request.Prepare(_keeper);
                request.Complete();
            }
            catch (Exception e)
            {
                if (e is not BufferStoreException) _logger.BufferTurnFailed(e);
                request.Fail(e);
            }
        }
    }

    /// <summary>Nobody waits: one step of upkeep.</summary>
    /// <returns>True when the loop is to look again at once.</returns>
    private bool Rest()
    {
        if (_stopping || _retryDue || _ticked) return true;
        if (_keeper.Fault is not null) return false;
        if (!_isFusing && !_fusePaused && _fuser.Plan() is { } run)
        {
            _isFusing = true;
            _fusing = Task.Run(() => FuseAsync(run));
        }

        var more = _keeper.Tidy();
        ArmRetry();
        Publish();
        return more;
    }

    private async Task FuseAsync(List<Record> run)
    {
        try
        {
            var made = await _fuser.FuseAsync(run, _stop.Token);
            _fusePaused = made is null || !await AskAsync(new FuseWork(run, made.Value.Block, made.Value.Content), _stop.Token);
        }
        catch (Exception e) when (e is OperationCanceledException or ObjectDisposedException)
        {
            // The buffer closes; the rows stay as they are.
        }
        catch (BufferStoreException e)
        {
            _fusePaused = true;
            _logger.BufferFuseFailed(e.Message, e);
        }
        catch (Exception e)
        {
            _fuser.Skip(run);
            _logger.BufferFuseFailed(e.Message, e);
        }
        finally
        {
            _isFusing = false;
            _wake.Set();
        }
    }

    private void ArmRetry()
    {
        if (_keeper.Fault is null || _retryArmed) return;
        _retryArmed = true;
        _retryTimer.Change(_keeper.RetryAfter, Timeout.InfiniteTimeSpan);
    }

    private void Retry()
    {
        _retryDue = true;
        _wake.Set();
    }

    private void Tick()
    {
        (_ticked, _fusePaused) = (true, false);
        _wake.Set();
    }

    private void End()
    {
        var closed = new ObjectDisposedException(nameof(SnapshotBuffer));
        while (_queue.Reader.TryRead(out var work)) work.Fail(closed);
        try
        {
            _keeper.Close();
        }
        catch (Exception e)
        {
            _logger.BufferTurnFailed(e);
        }

        Publish();
        _ended.TrySetResult();
        while (_requests.TryDequeue(out var request)) request.Fail(closed);
    }

    private void Publish() => _view = new KeeperView(_keeper.Fault?.Message, _keeper.MemoryBytes, _keeper.Size, _keeper.Numbers.Copy());

    private sealed record KeeperView(string? Fault, long MemoryBytes, StoreSize Size, KeeperNumbers Numbers);
}
