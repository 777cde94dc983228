namespace Gateway.Replay;

/// <summary>Notices when the wall clock jumps against the clock that does not. Not thread-safe: the replay loop owns it.</summary>
internal sealed class ClockWatch(TimeProvider time)
{
    /// <summary>Less is drift or a busy machine between the two readings.</summary>
    public static readonly TimeSpan Tolerance = TimeSpan.FromSeconds(2);

    private DateTimeOffset _wall = time.GetUtcNow();
    private long _timestamp = time.GetTimestamp();

    /// <summary>The jump since the last call; zero when it is within <see cref="Tolerance"/>.</summary>
    public TimeSpan Check()
    {
        var (wall, timestamp) = (time.GetUtcNow(), time.GetTimestamp());
        var step = wall - _wall - time.GetElapsedTime(_timestamp, timestamp);
        (_wall, _timestamp) = (wall, timestamp);
        return step.Duration() > Tolerance ? step : TimeSpan.Zero;
    }
}
