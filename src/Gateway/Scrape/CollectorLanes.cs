namespace Gateway.Scrape;

/// <summary>
/// Runs collectors on as many threads as there are processors, and on one more whenever those are held up. Most collectors end within microseconds: with a
/// thread for each of them, a scrape on two cores spends most of its time on waking threads. One that blocks must not hold up the others either: when no lane
/// has taken new work for a while although some waits, those lanes count as stuck until they come back, and new ones take their place.
/// </summary>
/// <remarks>
/// Threads come from the thread pool, whose minimum the host sets above the number of collectors. Patience is measured by the real clock whatever clock the
/// service has: it is about real threads.
/// </remarks>
internal sealed class CollectorLanes : TaskScheduler, IDisposable
{
    /// <summary>Longer than what any healthy collector takes, short against the scrape timeout.</summary>
    private static readonly TimeSpan DefaultPatience = TimeSpan.FromMilliseconds(20);

    private readonly TimeSpan _patience;
    private readonly Lock _lock = new();
    private readonly Queue<Task> _waiting = new();
    private readonly Timer _timer;
    private readonly List<Lane> _lanes = [];
    private int _moving;
    private long _taken;
    private long _takenAtLastLook;
    private bool _watching;

    /// <summary>Starts without threads.</summary>
    /// <param name="patience">How long work waits for lanes that do not move before another one opens; 20 ms unless a test says otherwise.</param>
    public CollectorLanes(TimeSpan? patience = null)
    {
        _patience = patience ?? DefaultPatience;
        _timer = new Timer(static lanes => ((CollectorLanes)lanes!).Look(), this, Timeout.Infinite, Timeout.Infinite); // the state is this object
    }

    /// <inheritdoc/>
    public override int MaximumConcurrencyLevel => int.MaxValue;

    /// <summary>Starts work on a lane. Only the part up to its first pause runs there; what follows an await goes to the thread pool as usual.</summary>
    public Task<T> RunAsync<T>(Func<Task<T>> work) =>
        Task.Factory.StartNew(work, CancellationToken.None, TaskCreationOptions.DenyChildAttach | TaskCreationOptions.HideScheduler, this).Unwrap();

    /// <inheritdoc/>
    public void Dispose() => _timer.Dispose();

    /// <inheritdoc/>
    protected override void QueueTask(Task task)
    {
        lock (_lock)
        {
            _waiting.Enqueue(task);
            if (_moving < Environment.ProcessorCount) Open();
            else Watch();
        }
    }

    /// <inheritdoc/>
    protected override bool TryExecuteTaskInline(Task task, bool taskWasPreviouslyQueued) => false;

    /// <inheritdoc/>
    protected override IEnumerable<Task> GetScheduledTasks()
    {
        lock (_lock) return [.. _waiting];
    }

    /// <summary>Called under the lock.</summary>
    private void Open()
    {
        var lane = new Lane();
        _lanes.Add(lane);
        _moving++;
        ThreadPool.UnsafeQueueUserWorkItem(static work => work.Lanes.Work(work.Lane), (Lanes: this, Lane: lane), preferLocal: false);
    }

    private void Work(Lane lane)
    {
        while (true)
        {
            Task? task;
            lock (_lock)
            {
                if (lane.IsStuck)
                {
                    lane.IsStuck = false;
                    _moving++;
                }

                // A lane that comes back while others have taken its place is one too many.
                if (_moving > Environment.ProcessorCount || !_waiting.TryDequeue(out task))
                {
                    _moving--;
                    _lanes.Remove(lane);
                    return;
                }

                _taken++;
            }

            TryExecuteTask(task);
        }
    }

    /// <summary>Called under the lock.</summary>
    private void Watch()
    {
        if (_watching) return;
        _watching = true;
        _takenAtLastLook = _taken;
        _timer.Change(_patience, Timeout.InfiniteTimeSpan);
    }

    private void Look()
    {
        lock (_lock)
        {
            _watching = false;
            if (_waiting.Count == 0) return;
            var heldUp = _taken == _takenAtLastLook;
            Watch();
            if (!heldUp) return;
            foreach (var lane in _lanes) lane.IsStuck = true;
            _moving = 0;
            Open();
        }
    }

    private sealed class Lane
    {
        public bool IsStuck { get; set; }
    }
}
