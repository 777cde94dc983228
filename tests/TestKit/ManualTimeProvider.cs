namespace Gateway.TestKit;

/// <summary>A clock that stands still until a test moves it. Timers fire inside <see cref="Advance"/>, in order of their time, on the calling thread.</summary>
public sealed class ManualTimeProvider : TimeProvider
{
    private readonly Lock _lock = new();
    private readonly List<ManualTimer> _timers = [];
    private long _ticks;
    private DateTimeOffset _utcNow;

    /// <summary>Starts at a fixed time, so that texts with times can be compared.</summary>
    public ManualTimeProvider(DateTimeOffset? start = null) => _utcNow = start ?? new DateTimeOffset(2026, 1, 1, 0, 0, 0, TimeSpan.Zero);

    /// <inheritdoc/>
    public override long TimestampFrequency => TimeSpan.TicksPerSecond;

    /// <inheritdoc/>
    public override TimeZoneInfo LocalTimeZone => TimeZoneInfo.Utc;

    /// <summary>Number of timers that wait.</summary>
    public int WaitingTimers
    {
        get { lock (_lock) return _timers.Count(timer => timer.Due is not null); }
    }

    /// <summary>When the next timer fires, by the wall clock; null when none waits.</summary>
    public DateTimeOffset? NextTimer
    {
        get
        {
            lock (_lock) return _timers.Min(timer => timer.Due) is { } due ? _utcNow + TimeSpan.FromTicks(due - _ticks) : null;
        }
    }

    /// <inheritdoc/>
    public override DateTimeOffset GetUtcNow()
    {
        lock (_lock) return _utcNow;
    }

    /// <inheritdoc/>
    public override long GetTimestamp()
    {
        lock (_lock) return _ticks;
    }

    /// <summary>Lets time pass: both clocks move, due timers fire.</summary>
    public void Advance(TimeSpan by)
    {
        long end;
        lock (_lock) end = _ticks + by.Ticks;
        while (true)
        {
            ManualTimer? next;
            lock (_lock)
            {
                next = _timers.Where(timer => timer.Due <= end).MinBy(timer => timer.Due);
                var to = next?.Due ?? end;
                _utcNow += TimeSpan.FromTicks(Math.Max(0, to - _ticks));
                _ticks = Math.Max(_ticks, to);
                next?.Rearm();
            }

            if (next is null) return;
            next.Fire();
        }
    }

    /// <summary>Sets the wall clock without letting time pass, as NTP or an operator does.</summary>
    public void StepWallClock(TimeSpan by)
    {
        lock (_lock) _utcNow += by;
    }

    /// <inheritdoc/>
    public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period)
    {
        var timer = new ManualTimer(this, callback, state);
        lock (_lock) _timers.Add(timer);
        timer.Change(dueTime, period);
        return timer;
    }

    private sealed class ManualTimer(ManualTimeProvider owner, TimerCallback callback, object? state) : ITimer
    {
        private TimeSpan _period = Timeout.InfiniteTimeSpan;

        public long? Due { get; private set; }

        public bool Change(TimeSpan dueTime, TimeSpan period)
        {
            lock (owner._lock)
            {
                _period = period;
                Due = dueTime == Timeout.InfiniteTimeSpan ? null : owner._ticks + dueTime.Ticks;
            }

            return true;
        }

        public void Rearm() => Due = _period > TimeSpan.Zero ? Due + _period.Ticks : null;

        public void Fire() => callback(state);

        public void Dispose()
        {
            lock (owner._lock)
            {
                Due = null;
                owner._timers.Remove(this);
            }
        }

        public ValueTask DisposeAsync()
        {
            Dispose();
            return ValueTask.CompletedTask;
        }
    }
}
