namespace Gateway.Push;

/// <summary>Event ids 4000–4099.</summary>
internal static partial class PushLog
{
    [LoggerMessage(EventId = 4000, Level = LogLevel.Information, Message = "{Series} pushed series read from disk; {Expired} had expired")]
    public static partial void PushesLoaded(this ILogger logger, int series, long expired);

    [LoggerMessage(EventId = 4001, Level = LogLevel.Warning, Message = "{Rows} rows of pushed series made no sense and were dropped; the others are kept")]
    public static partial void PushRowsDropped(this ILogger logger, long rows);

    [LoggerMessage(EventId = 4002, Level = LogLevel.Warning, Message = "The wall clock stepped by {Step}; the ends of ttl of pushed series were moved along")]
    public static partial void PushClockStepped(this ILogger logger, TimeSpan step);
}
