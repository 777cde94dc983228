using Gateway.Http;
using Gateway.Tests.Support;
using Xunit;

namespace Gateway.Tests.Http;

public sealed class AgentTests
{
    /// <summary>Entries, agent, whether it may.</summary>
    public static TheoryData<string[], string, bool> Rules => new()
    {
        { ["Prometheus/"], "Prometheus/2.42.0+ds", true },
        { ["Prometheus/"], "Prometheus/3", true },
        { ["Prometheus/"], "Prometheus/", false },
        { ["Prometheus/"], "Prometheus/v3", false },
        { ["Prometheus/"], "Prometheus/٣", false },
        { ["Prometheus/"], "prometheus/2", false },
        { ["Prometheus/"], " Prometheus/2", false },
        { ["Prometheus/"], "Prometheus", false },
        { ["Prometheus/"], "", false },
        { ["checker"], "checker", true },
        { ["checker"], "checker/1.0 (cron)", true },
        { ["checker"], "Checker", false },
        { ["a/", "b"], "b", true },
        { ["*"], "", true },
        { ["x", "*"], "anything", true },
        { ["*x"], "anything", false },
    };

    [Theory, MemberData(nameof(Rules))]
    public void Tells_agents_apart(string[] entries, string agent, bool may) => Assert.Equal(may, Agents.Match(agent, entries));

    [Theory]
    [InlineData("A request without User-Agent may not use this endpoint; it must start with \"Prometheus/\" and a digit.\n")]
    [InlineData("The User-Agent \"Prometheus/x\" may not use this endpoint; it must start with \"Prometheus/\" and a digit.\n", "Prometheus/x")]
    [InlineData("A request with more than one User-Agent may not use this endpoint; it must start with \"Prometheus/\" and a digit.\n", "Prometheus/2", "Prometheus/3")]
    [InlineData("The User-Agent \"a\\u001b[31m\\\"\\\\\\u00ff\" may not use this endpoint; it must start with \"Prometheus/\" and a digit.\n", "a\u001b[31m\"\\\u00c3\u00bf")]
    public async Task Says_who_was_refused_and_who_would_not_be(string body, params string[] agents)
    {
        await using var gateway = await TestGateway.StartAsync();
        var answer = await gateway.RawAsync("GET", "/prom/metrics", [.. agents.Select(agent => $"User-Agent: {agent}")]);
        Assert.StartsWith("HTTP/1.1 403 Forbidden\r\n", answer, StringComparison.Ordinal);
        Assert.EndsWith("\r\n\r\n" + body, answer, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("Gateway:Agents:Scrapers=vm_promscrape, curl/")]
    [InlineData("Gateway:Agents:Scrapers:0=vm_promscrape", "Gateway:Agents:Scrapers:1=curl/")]
    public async Task A_configured_list_takes_the_place_of_the_default(params string[] settings)
    {
        await using var gateway = await TestGateway.StartAsync(settings);
        Assert.StartsWith("HTTP/1.1 200 ", await gateway.RawAsync("GET", "/prom/metrics", "User-Agent: vm_promscrape"), StringComparison.Ordinal);
        Assert.StartsWith("HTTP/1.1 200 ", await gateway.RawAsync("GET", "/prom/metrics", "User-Agent: curl/8"), StringComparison.Ordinal);
        Assert.EndsWith(
            "The User-Agent \"Prometheus/2\" may not use this endpoint; it must start with \"vm_promscrape\" or \"curl/\" and a digit.\n",
            await gateway.RawAsync("GET", "/prom/metrics", "User-Agent: Prometheus/2"), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_star_lets_everybody_in_even_without_the_header()
    {
        await using var gateway = await TestGateway.StartAsync("Gateway:Agents:Scrapers=*");
        Assert.StartsWith("HTTP/1.1 200 ", await gateway.RawAsync("GET", "/prom/metrics"), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Counts_refusals_by_role()
    {
        await using var gateway = await TestGateway.StartAsync();
        for (var i = 0; i < 3; i++) (await gateway.SendAsync("GET", "/prom/metrics")).Dispose();
        (await gateway.SendAsync("GET", "/prom/status")).Dispose();
        var text = await gateway.ScrapeTextAsync();
        Assert.Contains("\ngateway_agent_refusals_total{role=\"scraper\"} 3\n", text, StringComparison.Ordinal);
        Assert.Contains("\ngateway_agent_refusals_total{role=\"checker\"} 1\n", text, StringComparison.Ordinal);
        Assert.Contains("\ngateway_agent_refusals_total{role=\"pusher\"} 0\n", text, StringComparison.Ordinal);
    }
}
