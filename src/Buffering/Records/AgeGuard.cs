using Microsoft.Extensions.Logging;

namespace Gateway.Buffering.Records;

/// <summary>
/// Whether ages can be believed. A clock that jumps ahead by years would make everything too old at once, and may be set right again a minute later; so nothing
/// goes for its age for some time after a start and after every step of the wall clock against the other one.
/// </summary>
internal sealed class AgeGuard
{
    /// <summary>Time for the clock of a box to be set right after a start, or after somebody set it wrong.</summary>
    public static readonly TimeSpan Pause = TimeSpan.FromHours(1);

    /// <summary>Slewing and the pauses of a virtual machine stay below.</summary>
    private static readonly TimeSpan Step = TimeSpan.FromMinutes(1);

    private readonly TimeProvider _time;
    private readonly ILogger _logger;
    private long _since;
    private long _lastTicks;
    private DateTimeOffset _lastWall;

    public AgeGuard(TimeProvider time, ILogger logger)
    {
        _time = time;
        _logger = logger;
        _since = _lastTicks = time.GetTimestamp();
        _lastWall = time.GetUtcNow();
    }

    /// <summary>True when ages can be believed.</summary>
    /// <param name="wall">The time that they count from: the one that was judged.</param>
    public bool MayRemove(out DateTimeOffset wall)
    {
        var ticks = _time.GetTimestamp();
        wall = _time.GetUtcNow();
        var step = wall - _lastWall - _time.GetElapsedTime(_lastTicks, ticks);
        (_lastTicks, _lastWall) = (ticks, wall);
        if (step.Duration() >= Step)
        {
            _since = ticks;
            _logger.BufferAgeOnHold(step, Pause);
        }

        return _time.GetElapsedTime(_since, ticks) >= Pause;
    }
}
