namespace Gateway.Http;

/// <summary>Tells agents apart by their <c>User-Agent</c>, see <see cref="AgentOptions"/>.</summary>
internal static class Agents
{
    /// <summary>Marks the endpoints for one role.</summary>
    public static TBuilder RequireAgent<TBuilder>(this TBuilder endpoints, AgentRole role)
        where TBuilder : IEndpointConventionBuilder => endpoints.WithMetadata(new RequiredAgent(role));

    /// <summary>The entries configured for a role.</summary>
    public static string[] Entries(this AgentOptions options, AgentRole role) => role switch
    {
        AgentRole.Scraper => options.Scrapers,
        AgentRole.Pusher => options.Pushers,
        _ => options.Checkers,
    };

    /// <summary>True when an agent starts with one of the entries; after an entry ending in <c>/</c> a digit must follow; <c>*</c> matches all.</summary>
    public static bool Match(ReadOnlySpan<char> agent, string[] entries)
    {
        foreach (var entry in entries)
        {
            if (entry == "*") return true;
            if (!agent.StartsWith(entry, StringComparison.Ordinal)) continue;
            if (!entry.EndsWith('/') || (agent.Length > entry.Length && char.IsAsciiDigit(agent[entry.Length]))) return true;
        }

        return false;
    }
}
