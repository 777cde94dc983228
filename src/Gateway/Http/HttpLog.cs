namespace Gateway.Http;

/// <summary>Event ids 1000–1099.</summary>
internal static partial class HttpLog
{
    [LoggerMessage(EventId = 1001, Level = LogLevel.Debug, Message = "{Method} {Path} {Status} in {Milliseconds:0.0} ms for {Peer} {Agent}")]
    public static partial void Request(this ILogger logger, string method, string path, int status, double milliseconds, string peer, string agent);

    [LoggerMessage(EventId = 1002, Level = LogLevel.Debug, Message = "Agent {Agent} refused: the endpoint is for a {Role}")]
    public static partial void AgentRefused(this ILogger logger, string agent, AgentRole role);

    [LoggerMessage(EventId = 1004, Level = LogLevel.Information, Message = "Prometheus scrapes {Endpoint} as consumer {Consumer}, {Age} after the last time")]
    public static partial void ScraperCame(this ILogger logger, string endpoint, string consumer, string age);
}
