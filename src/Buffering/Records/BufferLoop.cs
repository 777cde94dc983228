using System.Collections.Concurrent;
using System.Threading.Channels;
using Gateway.Buffering.Stores;
using Microsoft.Extensions.Logging;

namespace Gateway.Buffering.Records;

/// <summary>
/// The loop that owns the store, on a thread of its own because an engine blocks in the sync: takes work from a queue and readings from another, and fuses when nothing waits. Any
/// thread may ask; what the loop publishes is in <see cref="View"/>.
/// </summary>
/// <remarks>
/// A turn: readings that wait, then one group of appends and changes of readers in one transaction, then the limits. When nothing waits: upkeep in small steps, and old
/// snapshots are fused into blocks, on a thread of the pool.
/// </remarks>
internal sealed class BufferLoop : IRecordSource, IAsyncDisposable
{
    /// <summary>Appends and changes that wait at most; who comes later waits before the queue.</summary>
    private const int QueueCapacity = 1024;

    /// <summary>Appends in one transaction at most: bounds how long the first of them waits for the last.</summary>
    private const int MaxGroup = 64;

    /// <summary>Ages, free space and ends of episodes are looked at this often when nothing happens.</summary>
    private static readonly TimeSpan TickInterval = TimeSpan.FromSeconds(10);

    private readonly Channel<BufferWork> _queue =
        Channel.CreateBounded<BufferWork>(new BoundedChannelOptions(QueueCapacity) { SingleReader = true, FullMode = BoundedChannelFullMode.Wait });

    private readonly ConcurrentQueue<BufferWork> _requests = new();
    private readonly AutoResetEvent _wake = new(initialState: false);
    private readonly TaskCompletionSource _started = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly TaskCompletionSource _ended = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly CancellationTokenSource _stop = new();
    private readonly List<BufferWork> _group = new(MaxGroup);
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
    public BufferLoop(IBufferStore store, BufferOptions options, BufferContents contents, DiskSpace disk, TimeProvider time, ILogger logger)
    {
        (_store, _options, _time, _logger) = (store, options, time, logger);
        _keeper = new Keeper(store, options, contents, disk, time, logger);
        _fuser = new BlockFuser(options, contents, this);
        _view = new KeeperView(Fault: "The buffer is not opened yet.", 0, default, new KeeperNumbers());
        _retryTimer = time.CreateTimer(_ => Retry(), state: null, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
        _tickTimer = time.CreateTimer(_ => Tick(), state: null, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
    }

    /// <summary>How it was after the last turn.</summary>
    public KeeperView View => _view;

    /// <summary>True from the beginning of the end.</summary>
    public bool IsStopping => _stopping;

    /// <summary>Opens the store; ends when it is open or has failed for now.</summary>
    public Task StartAsync(CancellationToken cancellationToken)
    {
        if (_thread is not null) throw new InvalidOperationException("The buffer is started once.");
        _thread = new Thread(Run) { IsBackground = true, Name = "buffer" };
        _thread.Start();
        _tickTimer.Change(TickInterval, TickInterval);
        return _started.Task.WaitAsync(cancellationToken);
    }

    /// <summary>Queues work; ends when it is queued.</summary>
    /// <exception cref="ObjectDisposedException">The buffer was closed.</exception>
    public async Task EnqueueAsync(BufferWork work, CancellationToken cancellationToken)
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

    /// <summary>Writes what waits, as long as <see cref="BufferOptions.StopTimeout"/> lets it, and closes the store.</summary>
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

        await _retryTimer.DisposeAsync();
        await _tickTimer.DisposeAsync();
    }

    /// <inheritdoc/>
    public Task<bool> FetchAsync(Record record, BlobBytes bytes, CancellationToken cancellationToken) => AskAsync(new FetchWork(record, bytes), cancellationToken);

    /// <inheritdoc/>
    public Task<RosterView> RosterAsync(long id, CancellationToken cancellationToken) => AskAsync(new RosterWork(id), cancellationToken);

    /// <inheritdoc/>
    public Task DiscardAsync(Record record, string reason, CancellationToken cancellationToken) => AskAsync(new DiscardWork(record, reason), cancellationToken);

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

    private Task<T> AskAsync<T>(RequestWork<T> work, CancellationToken cancellationToken)
    {
        ObjectDisposedException.ThrowIf(_stopping, typeof(SnapshotBuffer));
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
            _keeper.Open(atStart: true);
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
}

/// <summary>What the loop publishes of its keeper.</summary>
/// <param name="Fault">Why the disk takes nothing; null while it does.</param>
/// <param name="MemoryBytes">Bytes of the memory ring.</param>
/// <param name="Size">Size of the store.</param>
/// <param name="Numbers">Since the start; a copy.</param>
internal sealed record KeeperView(string? Fault, long MemoryBytes, StoreSize Size, KeeperNumbers Numbers);
