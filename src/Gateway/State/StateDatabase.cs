using System.Threading.Channels;
using Gateway.Sqlite;

namespace Gateway.State;

/// <summary>
/// The durable memory of the process, <c>state.db</c>. Writes are queued; one loop on a thread of its own (SQLite blocks in the sync) takes all that wait, up to
/// <see cref="MaxGroup"/>, writes them in one transaction with one sync, and then completes their senders.
/// </summary>
/// <remarks>
/// <para>A database that cannot be opened or written never stops the process: writes are refused with <see cref="StateUnavailableException"/>, memory stays
/// readable, and the opening is tried again with growing pauses. A damaged one is set aside and replaced, at run time refilled from memory.</para>
/// <para>Three faults do fail the start, because no waiting cures them: another process holds the directory, a newer program wrote the file, the SQLite library
/// is missing.</para>
/// </remarks>
internal sealed class StateDatabase : IAsyncDisposable
{
    /// <summary>Writes that can wait at most, whoever they come from; the parts have smaller limits of their own.</summary>
    public const int QueueCapacity = 100_000;

    /// <summary>Writes in one transaction at most: bounds how long the first of them waits for the last.</summary>
    public const int MaxGroup = 1000;

    /// <summary>The tables are asked at least this often what is due (expired values, stepped clocks).</summary>
    private static readonly TimeSpan TickInterval = TimeSpan.FromSeconds(10);

    /// <summary>A nearly full disk takes one write and refuses the next; a change of state is logged at most this often.</summary>
    private static readonly TimeSpan LogPause = TimeSpan.FromMinutes(1);

    /// <summary>What a sender is told when the queue is full or the service stops.</summary>
    private static readonly TimeSpan ShortWait = TimeSpan.FromSeconds(1);

    private readonly Channel<StateWork> _queue =
        Channel.CreateBounded<StateWork>(new BoundedChannelOptions(QueueCapacity) { SingleReader = true, FullMode = BoundedChannelFullMode.Wait });

    private readonly List<IStateTable> _tables = [];
    private readonly List<StateWork> _group = new(MaxGroup);
    private readonly AutoResetEvent _wake = new(initialState: false);
    private readonly Lock _figuresLock = new();
    private readonly TaskCompletionSource _started = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly TaskCompletionSource _ended = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly StateOptions _options;
    private readonly TimeProvider _time;
    private readonly ILogger _logger;
    private readonly StateFile _file;
    private readonly StateWriter _writer;
    private readonly RetryPause _pause;
    private readonly ITimer _retryTimer;
    private readonly ITimer _tickTimer;

    private StateFigures _figures = new(Available: false, "The state database is not opened yet.", 0, 0, TimeSpan.Zero, TimeSpan.Zero, 0, 0, null);
    private Thread? _thread;
    private Exception? _fault;
    private TimeSpan _retryAfter = ShortWait;
    private long _failures;
    private long? _loggedAt;
    private bool _logged;
    private bool _retryArmed;
    private volatile bool _retryDue;
    private volatile bool _stopping;
    private volatile bool _timeIsUp;

    /// <summary>Makes it; nothing is read or opened before <see cref="StartAsync"/>.</summary>
    public StateDatabase(StateOptions options, TimeProvider time, ILogger<StateDatabase> logger)
    {
        _options = options;
        _time = time;
        _logger = logger;
        _file = new StateFile(_options, time, logger);
        _writer = new StateWriter(_file, _tables, time);
        _pause = new RetryPause(_options.MaxRetryPause);
        _retryTimer = time.CreateTimer(_ => Retry(), state: null, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
        _tickTimer = time.CreateTimer(_ => Signal(), state: null, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
    }

    /// <summary>Adds a table; before the start.</summary>
    public void Register(IStateTable table)
    {
        if (_thread is not null) throw new InvalidOperationException("Tables are registered before the start.");
        _tables.Add(table);
    }

    /// <summary>Opens the database and fills the tables; returns when both are done or have failed for now.</summary>
    /// <exception cref="StateInUseException">Another process holds the directory.</exception>
    /// <exception cref="SqliteVersionException">A newer program wrote the database.</exception>
    /// <exception cref="SqliteMissingException">The SQLite library is not installed.</exception>
    public Task StartAsync(CancellationToken cancellationToken)
    {
        if (_thread is not null) throw new InvalidOperationException("The state database is started once.");
        _thread = new Thread(Run) { IsBackground = true, Name = "state writer" };
        _thread.Start();
        _tickTimer.Change(TickInterval, TickInterval);
        return _started.Task.WaitAsync(cancellationToken);
    }

    /// <summary>Queues a write; any thread. The work is completed or failed by the loop, in the order of the queue.</summary>
    /// <exception cref="StateUnavailableException">The queue is full or the service stops; the work was not queued.</exception>
    public void Enqueue(StateWork work)
    {
        if (!_queue.Writer.TryWrite(work)) throw Refusal(_stopping ? "The service is stopping." : "Too many writes are waiting for the disk.");
        _wake.Set();
    }

    /// <summary>Asks for a turn of the loop; any thread, never waits.</summary>
    public void Signal() => _wake.Set();

    /// <summary>Ends when everything queued before is decided.</summary>
    /// <exception cref="StateUnavailableException">It could not be written.</exception>
    public Task FlushAsync(CancellationToken cancellationToken)
    {
        var work = new FlushWork();
        Enqueue(work);
        return work.Task.WaitAsync(cancellationToken);
    }

    /// <summary>How it is doing; any thread.</summary>
    public StateFigures Figures()
    {
        lock (_figuresLock) return _figures with { Waiting = _queue.Reader.Count };
    }

    /// <summary>
    /// Refuses new writes, writes the waiting ones within <see cref="StateOptions.StopTimeout"/>, empties the log, closes. What was left is refused and logged.
    /// </summary>
    public async Task StopAsync(CancellationToken cancellationToken)
    {
        if (_thread is null) return;
        _stopping = true;
        _queue.Writer.TryComplete();
        using var bound = new CancellationTokenSource(_options.StopTimeout, _time);
        using var linked = CancellationTokenSource.CreateLinkedTokenSource(bound.Token, cancellationToken);
        _wake.Set();
        try
        {
            await _ended.Task.WaitAsync(linked.Token);
            return;
        }
        catch (OperationCanceledException)
        {
            _timeIsUp = true;
        }

        // The loop refuses the rest after the transaction it is in; a disk that hangs must not hold the stop.
        try
        {
            await _ended.Task.WaitAsync(ShortWait, _time, CancellationToken.None);
        }
        catch (TimeoutException)
        {
            _logger.StateStopTimedOut(_options.StopTimeout, _queue.Reader.Count);
        }
    }

    public async ValueTask DisposeAsync()
    {
        await StopAsync(CancellationToken.None);
        await _retryTimer.DisposeAsync();
        await _tickTimer.DisposeAsync();
    }

    private void Run()
    {
        if (!OpenFirst())
        {
            _ended.TrySetResult();
            return;
        }

        while (true)
        {
            var more = _queue.Reader.TryPeek(out _);
            if (!more && _stopping) break;
            if (_timeIsUp) break;
            if (!more) _wake.WaitOne();
            Turn(last: false);
        }

        CloseLast();
        _ended.TrySetResult();
    }

    private bool OpenFirst()
    {
        try
        {
            SqliteLibrary.EnsureLoaded();
            _writer.Open();
            Succeeded(wrote: false);
            Signal(); // what the loading itself found to write
        }
        catch (Exception e) when (StateFaults.IsEnvironment(e) && e is not (StateInUseException or SqliteVersionException))
        {
            Failed(e);
            _writer.LoadFromCopy();
        }
        catch (Exception e)
        {
            _writer.Dispose();
            _queue.Writer.TryComplete();
            _started.TrySetException(e);
            return false;
        }

        _started.TrySetResult();
        return true;
    }

    /// <summary>One turn: recovery if it is due, what the tables want, one group of waiting writes.</summary>
    private void Turn(bool last)
    {
        _group.Clear();
        try
        {
            if (_retryDue) Recover();
            while (_group.Count < MaxGroup && _queue.Reader.TryRead(out var work)) _group.Add(work);
            Answer(_writer.IsOpen ? Write(last) : _fault);
        }
        catch (Exception e)
        {
            // A fault of the program in one write must not end the loop that everybody needs.
            _logger.StateTurnFailed(e);
            _writer.Void();
            Answer(e);
        }

        Publish();
    }

    private Exception? Write(bool last)
    {
        _writer.Gather(last);
        foreach (var work in _group) work.Prepare();
        if (!_writer.HasChanges) return null;
        var fault = _writer.TryWrite();
        if (fault is null) Succeeded(wrote: _group.Count > 0);
        else Failed(fault);
        return fault;
    }

    private void Answer(Exception? fault)
    {
        Publish(); // before the senders go on: whoever was answered finds it counted
        if (fault is null)
        {
            foreach (var work in _group) work.Complete();
            return;
        }

        var refusal = new StateUnavailableException(StateFaults.Reason(fault), _retryAfter, fault);
        foreach (var work in _group) work.Fail(refusal);
    }

    private void Recover()
    {
        _retryDue = false;
        _retryArmed = false;
        if (_fault is null) return;
        if (_writer.TryRecover() is { } fault) Failed(fault);
        else Succeeded(wrote: false);
    }

    private void Retry()
    {
        _retryDue = true;
        _wake.Set();
    }

    private void Succeeded(bool wrote)
    {
        if (_fault is not null && _logged)
        {
            _logger.StateRecovered(_file.Path, _failures);
            (_logged, _failures) = (false, 0);
        }

        _fault = null;
        // Only a sender's write shows that the disk takes more than a probe.
        if (wrote) _pause.Reset();
        Publish();
    }

    private void Failed(Exception fault)
    {
        _failures++;
        if (!_retryArmed)
        {
            _retryArmed = true;
            _retryAfter = _pause.Next();
            _retryTimer.Change(_retryAfter, Timeout.InfiniteTimeSpan);
        }

        if (!_logged && (_loggedAt is not { } at || _time.GetElapsedTime(at) >= LogPause))
        {
            (_logged, _loggedAt) = (true, _time.GetTimestamp());
            _logger.StateUnavailable(_file.Path, _retryAfter, StateFaults.Reason(fault), fault);
        }

        _fault = fault;
        Publish();
    }

    private void CloseLast()
    {
        var left = 0;
        while (_queue.Reader.TryRead(out var work))
        {
            work.Fail(Refusal("The service is stopping."));
            left++;
        }

        if (left > 0) _logger.StateStoppedWithRest(left);
        Turn(last: true); // what the tables put off
        var fault = _fault ?? _writer.TryTruncate();
        if (fault is not null) _logger.StateCloseFailed(StateFaults.Reason(fault), fault);
        _writer.Dispose();
    }

    private void Publish()
    {
        var figures = new StateFigures(
            Available: _fault is null,
            _fault is null ? null : StateFaults.Reason(_fault),
            _writer.Commits,
            _writer.CommitFailures,
            _writer.CommitTime,
            _writer.LongestCommit,
            Waiting: 0, // filled in when asked
            _writer.Quarantines,
            _writer.LastCommit?.ToUnixTimeMilliseconds());
        lock (_figuresLock) _figures = figures;
    }

    private static StateUnavailableException Refusal(string reason) => new(reason, ShortWait);

    private sealed class FlushWork : StateWork
    {
        private readonly TaskCompletionSource _done = new(TaskCreationOptions.RunContinuationsAsynchronously);

        public Task Task => _done.Task;

        public override void Prepare()
        {
            // Only its place in the queue matters.
        }

        public override void Complete() => _done.TrySetResult();

        public override void Fail(StateUnavailableException fault) => _done.TrySetException(fault);
    }
}
