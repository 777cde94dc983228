namespace Gateway.Replay;

/// <summary>Event ids 2200–2299.</summary>
internal static partial class ReplayLog
{
    [LoggerMessage(EventId = 2200, Level = LogLevel.Warning,
        Message = "Consumer {Consumer} has not scraped {Endpoint} for {Seconds:0.0} s: it counts as absent, snapshots are buffered for it")]
    public static partial void ConsumerAbsent(this ILogger logger, string consumer, string endpoint, double seconds);

    [LoggerMessage(EventId = 2201, Level = LogLevel.Information,
        Message = "Consumer {Consumer} has never scraped {Endpoint}: it counts as absent, snapshots are buffered for it")]
    public static partial void ConsumerAwaited(this ILogger logger, string consumer, string endpoint);

    [LoggerMessage(EventId = 2202, Level = LogLevel.Information,
        Message = "Consumer {Consumer} scrapes {Endpoint} again: {Snapshots} snapshots with {Samples} samples are handed over")]
    public static partial void ReplayBegins(this ILogger logger, string consumer, string endpoint, long snapshots, long samples);

    [LoggerMessage(EventId = 2203, Level = LogLevel.Information,
        Message = "Consumer {Consumer} has everything of {Endpoint}: {Pages} pages with {Snapshots} snapshots and {Samples} samples since the start of the service")]
    public static partial void ReplayEnds(this ILogger logger, string consumer, string endpoint, long pages, long snapshots, long samples);

    [LoggerMessage(EventId = 2204, Level = LogLevel.Information, Message = "Consumer {Consumer} at {Endpoint}: buffering was ordered to {Order}")]
    public static partial void Forced(this ILogger logger, string consumer, string endpoint, string order);

    [LoggerMessage(EventId = 2205, Level = LogLevel.Warning,
        Message = "{Snapshots} snapshots with {Samples} samples for consumer {Consumer} at {Endpoint} cannot be delivered by scrape ({Reason}); they are set aside for remote write or an export")]
    public static partial void SetAside(this ILogger logger, long snapshots, long samples, string consumer, string endpoint, string reason);

    [LoggerMessage(EventId = 2206, Level = LogLevel.Warning, Message = "The clock was set by {Seconds:0.0} s")]
    public static partial void ClockStep(this ILogger logger, double seconds);

    [LoggerMessage(EventId = 2207, Level = LogLevel.Warning, Message = "A snapshot cannot be taken; the next one is tried in {Seconds:0.0} s")]
    public static partial void SnapshotFailed(this ILogger logger, double seconds, Exception exception);

    [LoggerMessage(EventId = 2208, Level = LogLevel.Warning,
        Message = "{Consumer} is one consumer more than {Most} (Gateway:Replay:MaxConsumers): it gets live samples only, nothing is buffered for it")]
    public static partial void TooManyConsumers(this ILogger logger, string consumer, int most);

    [LoggerMessage(EventId = 2209, Level = LogLevel.Warning, Message = "Consumer {Consumer} at {Endpoint} is forgotten: {Reason}; it had not got {Samples} samples")]
    public static partial void ConsumerForgotten(this ILogger logger, string consumer, string endpoint, string reason, long samples);

    [LoggerMessage(EventId = 2210, Level = LogLevel.Information,
        Message = "Consumer {Consumer} gets {Snapshots} snapshots of {Endpoint} once more, as ordered")]
    public static partial void OfferedAgain(this ILogger logger, string consumer, long snapshots, string endpoint);

    [LoggerMessage(EventId = 2211, Level = LogLevel.Warning,
        Message = "{Dropped} pushes between two scrapes were not remembered (Gateway:Replay:MaxRecentPushes): of the time before the absence only the last values are left")]
    public static partial void RecentPushesDropped(this ILogger logger, long dropped);

    [LoggerMessage(EventId = 2212, Level = LogLevel.Debug,
        Message = "Consumer {Consumer} at {Endpoint} gets a page of {Snapshots} snapshots with {Samples} samples")]
    public static partial void PageServed(this ILogger logger, string consumer, string endpoint, int snapshots, int samples);

    [LoggerMessage(EventId = 2214, Level = LogLevel.Information, Message = "{Snapshots} snapshots were taken off the shelf, as ordered")]
    public static partial void ShelfCleared(this ILogger logger, long snapshots);

    [LoggerMessage(EventId = 2213, Level = LogLevel.Warning,
        Message = "The page that ends with snapshot {Marker} was not found by the query: it is repeated")]
    public static partial void PageNotFound(this ILogger logger, long marker);
}
