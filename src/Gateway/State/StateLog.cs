namespace Gateway.State;

/// <summary>Event ids 4100–4199.</summary>
internal static partial class StateLog
{
    [LoggerMessage(EventId = 4100, Level = LogLevel.Information, Message = "State database {Path} opened")]
    public static partial void StateOpened(this ILogger logger, string path);

    [LoggerMessage(EventId = 4101, Level = LogLevel.Warning,
        Message = "State database {Path} cannot be written; pushes are refused, reads go on, next attempt in {Pause}. {Reason}")]
    public static partial void StateUnavailable(this ILogger logger, string path, TimeSpan pause, string reason, Exception exception);

    [LoggerMessage(EventId = 4102, Level = LogLevel.Information, Message = "State database {Path} can be written again after {Failures} failures")]
    public static partial void StateRecovered(this ILogger logger, string path, long failures);

    [LoggerMessage(EventId = 4103, Level = LogLevel.Error,
        Message = "State database was damaged; it is kept as {Quarantined} and a fresh one takes its place ({Reason})")]
    public static partial void StateQuarantined(this ILogger logger, string quarantined, string reason);

    [LoggerMessage(EventId = 4104, Level = LogLevel.Warning,
        Message = "State database {Path} is read-only; its values are served from a copy until it can be written")]
    public static partial void StateLoadedFromCopy(this ILogger logger, string path);

    [LoggerMessage(EventId = 4105, Level = LogLevel.Warning, Message = "Stopped with {Left} writes not kept; their senders were told so")]
    public static partial void StateStoppedWithRest(this ILogger logger, int left);

    [LoggerMessage(EventId = 4106, Level = LogLevel.Warning, Message = "Last writes of the state database failed at stop. {Reason}")]
    public static partial void StateCloseFailed(this ILogger logger, string reason, Exception exception);

    [LoggerMessage(EventId = 4107, Level = LogLevel.Error, Message = "A turn of the state writer failed; its writes were refused and the loop goes on")]
    public static partial void StateTurnFailed(this ILogger logger, Exception exception);

    [LoggerMessage(EventId = 4108, Level = LogLevel.Error,
        Message = "The state writer did not stop within {Bound}; the disk may hang. {Left} writes were not acknowledged")]
    public static partial void StateStopTimedOut(this ILogger logger, TimeSpan bound, int left);
}
