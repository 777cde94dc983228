namespace Gateway.Scrape;

/// <summary>
/// A run that is under way: its cancellation, the end of its time, and who waits for it. All but <see cref="Cancel"/> is called under the lock of its runner.
/// </summary>
/// <param name="time">Clock.</param>
/// <param name="expired">Called on a timer thread when the time is up, without the lock.</param>
internal sealed class ActiveRun(TimeProvider time, Action<ActiveRun> expired) : IDisposable
{
    /// <summary>Added to what is left when a timer comes early: timers count whole milliseconds, timestamps less.</summary>
    private static readonly TimeSpan TimerStep = TimeSpan.FromMilliseconds(1);

    private readonly CancellationTokenSource _cancellation = new();
    private readonly long _start = time.GetTimestamp();
    private ITimer? _timer;

    public TimeSpan Elapsed => time.GetElapsedTime(_start);

    /// <summary>Time that the run has: that of the most patient of those who wait for it.</summary>
    public TimeSpan Limit { get; private set; }

    public bool IsOver => Elapsed >= Limit;

    /// <summary>The time is up and the collector has not returned: nobody can join any more, and what it gives is dropped.</summary>
    public bool IsLeftBehind { get; set; }

    /// <summary>How many wait for the result.</summary>
    public int Waiters { get; set; }

    public CancellationToken Token => _cancellation.Token;

    public Task<CollectorRun> Result { get; set; } = null!; // set where the run is started, under the same lock

    /// <summary>Sets the end of the run, or moves it further away.</summary>
    public void ExtendTo(TimeSpan limit)
    {
        if (limit <= Limit) return;
        Limit = limit;
        Arm();
    }

    /// <summary>Sets the timer to the end of the run.</summary>
    public void Arm()
    {
        var rest = Limit - Elapsed;
        if (rest < TimerStep) rest = TimerStep;
        _timer ??= time.CreateTimer(_ => expired(this), null, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
        _timer.Change(rest, Timeout.InfiniteTimeSpan);
    }

    /// <summary>Cancels the token. Collectors hang code of their own on it, so this may throw what that throws.</summary>
    public void Cancel()
    {
        try
        {
            _cancellation.Cancel();
        }
        catch (ObjectDisposedException)
        {
            // The run has just ended.
        }
    }

    public void Dispose()
    {
        _timer?.Dispose();
        _cancellation.Dispose();
    }
}
