namespace Gateway.Http;

/// <summary>Who an endpoint is for.</summary>
internal enum AgentRole
{
    Scraper,
    Pusher,
    Checker,
}

/// <summary>Metadata of an endpoint: only agents of this role pass the <see cref="AgentGate"/>.</summary>
internal sealed record RequiredAgent(AgentRole Role);
