namespace Gateway.Http;

/// <summary>Event ids 1000–1099.</summary>
internal static partial class HttpLog
{
    [LoggerMessage(EventId = 1001, Level = LogLevel.Debug, Message = "{Method} {Path} {Status} in {Milliseconds:0.0} ms for {Peer} {Agent}")]
    public static partial void Request(this ILogger logger, string method, string path, int status, double milliseconds, string peer, string agent);

    [LoggerMessage(EventId = 1002, Level = LogLevel.Debug, Message = "Agent {Agent} refused: the endpoint is for a {Role}")]
    public static partial void AgentRefused(this ILogger logger, string agent, AgentRole role);

    [LoggerMessage(EventId = 1006, Level = LogLevel.Warning, Message = "An export is incomplete: {Snapshots} snapshots could not be read")]
    public static partial void ExportIncomplete(this ILogger logger, long snapshots);

    [LoggerMessage(EventId = 1007, Level = LogLevel.Warning, Message = "An export broke off")]
    public static partial void ExportFailed(this ILogger logger, Exception exception);

    [LoggerMessage(EventId = 1004, Level = LogLevel.Information, Message = "First scrape of {Endpoint} by consumer {Consumer}")]
    public static partial void FirstScrape(this ILogger logger, string endpoint, string consumer);

    [LoggerMessage(EventId = 1005, Level = LogLevel.Information, Message = "Consumer {Consumer} scrapes {Endpoint} again, after {Seconds:0.0} s")]
    public static partial void ScraperCameBack(this ILogger logger, string endpoint, string consumer, double seconds);
}
