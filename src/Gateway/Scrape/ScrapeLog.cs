namespace Gateway.Scrape;

/// <summary>Event ids 3000–3099.</summary>
internal static partial class ScrapeLog
{
    [LoggerMessage(EventId = 3001, Level = LogLevel.Debug, Message = "Collector {Collector} has nothing to collect: {Reason}")]
    public static partial void CollectorNoData(this ILogger logger, string collector, string reason);

    [LoggerMessage(EventId = 3002, Level = LogLevel.Debug, Message = "Collector {Collector} returned after {Seconds:0.0} s; its samples came too late, it runs again from now on")]
    public static partial void CollectorReturned(this ILogger logger, string collector, double seconds);

    [LoggerMessage(EventId = 3003, Level = LogLevel.Debug, Message = "Collector {Collector} registered")]
    public static partial void CollectorRegistered(this ILogger logger, string collector);

    [LoggerMessage(EventId = 3004, Level = LogLevel.Information, Message = "Collector {Collector} unregistered")]
    public static partial void CollectorUnregistered(this ILogger logger, string collector);

    [LoggerMessage(EventId = 3006, Level = LogLevel.Information, Message = "{Count} collectors run: {Collectors}")]
    public static partial void CollectorsRunning(this ILogger logger, int count, string collectors);
}
