namespace Gateway.Status;

/// <summary>Event ids 5000–5099.</summary>
internal static partial class StatusLog
{
    [LoggerMessage(EventId = 5001, Level = LogLevel.Error, Message = "The scrape pipeline did not answer its probe; systemd's watchdog is not fed")]
    public static partial void ProbeUnanswered(this ILogger logger);

    [LoggerMessage(EventId = 5002, Level = LogLevel.Information, Message = "Gateway {Version} listens on {Addresses}; state in {StateDirectory}")]
    public static partial void Started(this ILogger logger, string version, string addresses, string stateDirectory);

    [LoggerMessage(EventId = 5003, Level = LogLevel.Information, Message = "Stopping; what is under way has {Timeout} to end")]
    public static partial void Stopping(this ILogger logger, TimeSpan timeout);

    [LoggerMessage(EventId = 5004, Level = LogLevel.Error, Message = "The probe of the scrape pipeline failed; systemd's watchdog is not fed")]
    public static partial void ProbeFailed(this ILogger logger, Exception exception);
}
