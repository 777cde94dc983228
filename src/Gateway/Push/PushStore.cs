using Gateway.Exposition;
using Gateway.Sqlite;
using Gateway.State;

namespace Gateway.Push;

/// <summary>The push store: a table in memory for readers, its durable copy in <c>state.db</c>, changes through the writer loop of the state database.</summary>
internal sealed class PushStore : IPushStore, IStateTable
{
    /// <summary>Smaller differences of the two clocks are slewing, not a step; a ttl is not that exact on disk.</summary>
    private const long SmallestStepMs = 1000;

    private readonly Lock _lock = new();
    private readonly PushTable _table = new();
    private readonly StateDatabase _state;
    private readonly PushOptions _options;
    private readonly PushResults _results;
    private readonly TimeProvider _time;
    private readonly ILogger _logger;
    private readonly PushGroup _group;
    private readonly SnapshotCache _snapshots;
    private readonly long _origin;

    // Owned by the writer loop: rows that are gone from memory and not yet from disk.
    private readonly List<long> _rowsToRemove = [];
    private readonly List<string> _familiesToRemove = [];
    private Moment _now;
    private long _offsetMs;
    private long _stepMs;
    private bool _clamp;

    private int _waiting;
    private long _expired;
    private long _damagedRows;

    /// <summary>Makes it; it must be among the tables of the state database before that starts.</summary>
    public PushStore(StateDatabase state, PushOptions options, PushResults results, TimeProvider time, ILogger<PushStore> logger)
    {
        _state = state;
        _options = options;
        _results = results;
        _time = time;
        _logger = logger;
        _group = new PushGroup(_table, _options.MaxSeries);
        _snapshots = new SnapshotCache(_options);
        _origin = time.GetTimestamp();
        _now = Now();
        _offsetMs = _now.WallMs - _now.MonotonicMs;
    }

    /// <inheritdoc/>
    public IPushObserver? Observer { get; set; }

    /// <summary>Batches built for snapshots so far.</summary>
    internal long SnapshotBuilds
    {
        get { lock (_lock) return _snapshots.Builds; }
    }

    bool IStateTable.HasChanges => _group.HasChanges || _rowsToRemove.Count > 0 || _familiesToRemove.Count > 0 || _stepMs != 0 || _clamp;

    /// <inheritdoc/>
    public Task SetAsync(PushedValue value, CancellationToken cancellationToken) => QueueAsync(new Work(this, value, null, cancellationToken), cancellationToken);

    /// <inheritdoc/>
    public Task DeleteAsync(SeriesKey key, CancellationToken cancellationToken) =>
        QueueAsync(new Work(this, default, key, cancellationToken), cancellationToken);

    /// <inheritdoc/>
    public PushSnapshot Snapshot()
    {
        lock (_lock) return _snapshots.Get(_table, Now());
    }

    /// <inheritdoc/>
    public PushFigures Figures()
    {
        lock (_lock)
        {
            return new PushFigures(
                _table.Count,
                _table.FamilyCount,
                _options.MaxSeries,
                Volatile.Read(ref _waiting),
                _results.Ok,
                _results.Deleted,
                _results.Refused(PushFault.BadInput),
                _results.Refused(PushFault.NotFound),
                _results.Refused(PushFault.Conflict),
                _results.Refused(PushFault.Limit),
                _results.Unavailable,
                _snapshots.Withheld,
                _expired,
                _damagedRows);
        }
    }

    void IStateTable.Load(SqliteDatabase database)
    {
        lock (_lock)
        {
            _table.Clear();
            _rowsToRemove.Clear();
            _familiesToRemove.Clear();
            _now = Now();
            _offsetMs = _now.WallMs - _now.MonotonicMs;
            var found = PushRows.Load(database, _table, _now);
            _rowsToRemove.AddRange(found.DamagedRows);
            _rowsToRemove.AddRange(found.ExpiredRows);
            _familiesToRemove.AddRange(found.OrphanFamilies);
            _clamp = found.NeedsClamp;
            _damagedRows = found.DamagedRows.Count;
            _expired = found.ExpiredRows.Count;
        }

        if (_damagedRows > 0) _logger.PushRowsDropped(_damagedRows);
        _logger.PushesLoaded(_table.Count, _expired);
    }

    void IStateTable.Refill(SqliteDatabase database)
    {
        PushRows.Refill(database, _table, _offsetMs);
        _rowsToRemove.Clear();
        _familiesToRemove.Clear();
        (_stepMs, _clamp) = (0, false);
    }

    void IStateTable.Gather(bool last)
    {
        _group.Clear(); // views of a turn that changed nothing
        _now = Now();
        NoticeStep();
        RemoveExpired();
    }

    void IStateTable.Write(SqliteDatabase database)
    {
        if (_stepMs != 0) PushRows.ShiftExpiries(database, _stepMs);
        if (_clamp) PushRows.ClampExpiries(database, _now.WallMs);
        // Before the group: it may bring a metric back.
        foreach (var id in _rowsToRemove) PushRows.RemoveSeries(database, id);
        foreach (var name in _familiesToRemove) PushRows.RemoveFamily(database, name);
        PushRows.Write(database, _group, _offsetMs);
    }

    void IStateTable.Committed()
    {
        lock (_lock) _group.Apply();
        _rowsToRemove.Clear();
        _familiesToRemove.Clear();
        (_stepMs, _clamp) = (0, false);
    }

    void IStateTable.RolledBack() => _group.Clear();

    private Task QueueAsync(Work work, CancellationToken cancellationToken)
    {
        if (Interlocked.Increment(ref _waiting) > _options.MaxWaiting)
        {
            Interlocked.Decrement(ref _waiting);
            _results.CountUnavailable();
            throw new StateUnavailableException("Too many pushes are waiting for the disk.", TimeSpan.FromSeconds(1));
        }

        try
        {
            _state.Enqueue(work);
        }
        catch (StateUnavailableException)
        {
            Interlocked.Decrement(ref _waiting);
            _results.CountUnavailable();
            throw;
        }

        return cancellationToken.CanBeCanceled ? work.Task.WaitAsync(cancellationToken) : work.Task;
    }

    private Moment Now() => new((long)_time.GetElapsedTime(_origin).TotalMilliseconds, _time.GetUtcNow().ToUnixTimeMilliseconds());

    /// <summary>A stepped wall clock changes what the ends of ttl on disk mean; they are moved along, so that a restart finds the same rest.</summary>
    private void NoticeStep()
    {
        var offset = _now.WallMs - _now.MonotonicMs;
        var step = offset - _offsetMs;
        if (Math.Abs(step) < SmallestStepMs) return;
        _offsetMs = offset;
        if (_table.ExpiringCount == 0) return;
        _stepMs += step;
        _logger.PushClockStepped(TimeSpan.FromMilliseconds(step));
    }

    private void RemoveExpired()
    {
        if (_table.NextExpired(_now.MonotonicMs) is not { } series) return;
        lock (_lock)
        {
            for (PushedSeries? next = series; next is not null; next = _table.NextExpired(_now.MonotonicMs))
            {
                _rowsToRemove.Add(next.Id);
                _expired++;
                if (_table.Remove(next)) _familiesToRemove.Add(next.Family.Name);
            }
        }
    }

    /// <summary>One push, or one deletion when it has a key of its own.</summary>
    private sealed class Work(PushStore store, PushedValue push, SeriesKey? deletion, CancellationToken cancellationToken) : StateWork
    {
        private readonly TaskCompletionSource _done = new(TaskCreationOptions.RunContinuationsAsynchronously);
        private MetricFamily? _family;
        private PushException? _refusal;
        private bool _entered;
        private bool _answered;

        public Task Task => _done.Task;

        public override void Prepare()
        {
            if (cancellationToken.IsCancellationRequested) return;
            try
            {
                if (deletion is { } key) store._group.Delete(key);
                else _family = store._group.Set(push, store._now);
                _entered = true;
            }
            catch (PushException e)
            {
                _refusal = e;
            }
        }

        public override void Complete()
        {
            Answer();
            if (_refusal is not null)
            {
                store._results.Count(_refusal.Kind);
                _done.TrySetException(_refusal);
                return;
            }

            if (!_entered)
            {
                _done.TrySetCanceled(cancellationToken);
                return;
            }

            if (_family is null)
            {
                store._results.CountDeleted();
            }
            else
            {
                store._results.CountOk();
                var time = push.TimestampMs == SampleBatch.NoTimestamp ? store._now.WallMs : push.TimestampMs;
                if (store.Observer?.OnPushed(new PushEvent(push.Key, _family, push.Value, time)) is { IsCompleted: false } kept)
                {
                    _ = kept.ContinueWith(static (_, done) => (done as TaskCompletionSource)?.TrySetResult(), _done, TaskScheduler.Default);
                    return;
                }
            }

            _done.TrySetResult();
        }

        public override void Fail(StateUnavailableException fault)
        {
            if (_answered) return;
            Answer();
            store._results.CountUnavailable();
            _done.TrySetException(fault);
        }

        private void Answer()
        {
            _answered = true;
            Interlocked.Decrement(ref store._waiting);
        }
    }
}
