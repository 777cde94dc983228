using Gateway.Collectors;
using Gateway.Exposition;
using Gateway.Scrape;

namespace Gateway.Http;

/// <summary>
/// Answers 403 to an agent that an endpoint is not for. Runs after routing, so that 404 and 405 come first. A filter that keeps honest clients apart, no
/// authentication: anybody can send any <c>User-Agent</c>; what protects is the mode of the socket.
/// </summary>
internal sealed class AgentGate(AgentOptions options, ILogger<AgentGate> logger) : ISelfMetrics
{
    private static readonly MetricFamily Refusals = MetricFamily.Counter(
        "gateway_agent_refusals_total", "Requests answered 403 because of their User-Agent, by the role that the endpoint is for.", "role");

    private readonly long[] _refusals = new long[Enum.GetValues<AgentRole>().Length];

    public Task InvokeAsync(HttpContext context, RequestDelegate next)
    {
        if (context.GetEndpoint()?.Metadata.GetMetadata<RequiredAgent>() is not { Role: var role }) return next(context);
        var agents = context.Request.Headers.UserAgent;
        var agent = agents.Count == 1 ? agents[0] ?? "" : "";
        var entries = options.Entries(role);
        if (Agents.Match(agent, entries)) return next(context);

        Interlocked.Increment(ref _refusals[(int)role]);
        logger.AgentRefused(Quoted.Text(agent), role);
        var allowed = string.Join(" or ", entries.Select(entry => entry.EndsWith('/') ? $"{Quoted.Text(entry)} and a digit" : Quoted.Text(entry)));
        var who = agents.Count switch
        {
            0 => "A request without User-Agent",
            1 => $"The User-Agent {Quoted.Text(agent)}",
            _ => "A request with more than one User-Agent",
        };
        return Answer.ErrorAsync(context, StatusCodes.Status403Forbidden, $"{who} may not use this endpoint; it must start with {allowed}.");
    }

    public void Write(MetricSink sink)
    {
        sink.Add(Refusals, ["scraper"], Volatile.Read(ref _refusals[(int)AgentRole.Scraper]));
        sink.Add(Refusals, ["pusher"], Volatile.Read(ref _refusals[(int)AgentRole.Pusher]));
        sink.Add(Refusals, ["checker"], Volatile.Read(ref _refusals[(int)AgentRole.Checker]));
    }
}
