using System.Net;
using Gateway.Tests.Support;
using Xunit;

namespace Gateway.Tests.Http;

/// <summary>What an error is when several things are wrong: 404, then 405, then 403, then 400 (DESIGN §4).</summary>
public sealed class PrecedenceTests
{
    private const string Scraper = "Prometheus/2.42.0+ds";

    /// <summary>Path, agent that may use it (null: any).</summary>
    public static TheoryData<string, string?> Endpoints => new()
    {
        { "/prom/metrics", Scraper },
        { "/prom/deamon/metrics", Scraper },
        { "/prom/daemon/metrics", Scraper },
        { "/prom/status", "checker" },
        { "/last/get/prometheus", "checker" },
        { "/-/healthy", null },
        { "/-/ready", null },
        { "/", null },
    };

    public static TheoryData<string> WrongPaths => new()
    {
        "/prom/metrics/", "/Prom/metrics", "/prom/METRICS", "/prom//metrics", "//prom/metrics", "/prom/metrics/x", "/prom", "/prom/", "/last/get/prometheus/",
        "/prom/%6Detrics", "/prom/./metrics", "/x/../prom/metrics", "/prom%2Fmetrics", "/prom/metrics%2F", "/prom/status/", "/-/Healthy", "/-/ready/", "/index.html",
        "/%FF", "/prom/metrics%20", "/prom/metrics;x",
    };

    [Theory, MemberData(nameof(Endpoints))]
    public async Task Answers_200_to_the_right_agent_405_to_other_methods_and_403_to_other_agents(string path, string? agent)
    {
        await using var gateway = await TestGateway.StartAsync();
        using var right = await gateway.SendAsync("GET", path, agent is null ? "X-None: x" : $"User-Agent: {agent}");
        Assert.Equal(HttpStatusCode.OK, right.StatusCode);

        foreach (var method in new[] { "HEAD", "POST", "PUT", "DELETE", "PATCH", "OPTIONS", "BREW" })
        {
            // Wrong agent and bad input as well: the method counts first.
            using var response = await gateway.SendAsync(method, path + "?consumer=%20", "User-Agent: nobody");
            Assert.True(response.StatusCode == HttpStatusCode.MethodNotAllowed, $"{method} {path} is {response.StatusCode}");
            Assert.Equal("GET", Assert.Single(response.Content.Headers.Allow));
            if (method == "HEAD") continue;
            Assert.Equal($"The method \"{method}\" is not for this path; use GET.\n", await response.Content.ReadAsStringAsync());
            Assert.Equal("text/plain; charset=utf-8", response.Content.Headers.ContentType?.ToString());
        }

        if (agent is null) return;
        using var refused = await gateway.SendAsync("GET", path + "?consumer=%20", "User-Agent: nobody");
        Assert.Equal(HttpStatusCode.Forbidden, refused.StatusCode);
    }

    [Theory, MemberData(nameof(WrongPaths))]
    public async Task Answers_404_to_all_that_is_not_letter_by_letter_a_path(string path)
    {
        await using var gateway = await TestGateway.StartAsync();
        foreach (var method in new[] { "GET", "POST", "BREW" })
        {
            var answer = await gateway.RawAsync(method, path, "User-Agent: nobody");
            Assert.StartsWith("HTTP/1.1 404 Not Found\r\n", answer, StringComparison.Ordinal);
            Assert.Contains("Content-Type: text/plain; charset=utf-8\r\n", answer, StringComparison.Ordinal);
            Assert.EndsWith($"\r\n\r\nThere is nothing at \"{path}\"; GET / lists the endpoints.\n", answer, StringComparison.Ordinal);
        }
    }

    [Theory]
    [InlineData("http://gateway/prom/metrics", 200)]
    [InlineData("http://gateway:99/prom/metrics?consumer=x", 200)]
    [InlineData("http://gateway/prom/./metrics", 404)]
    [InlineData("http://gateway/prom%2Fmetrics", 404)]
    [InlineData("http://gateway", 200)]
    [InlineData("http://gateway?x=/y", 200)]
    public async Task Takes_the_path_of_an_absolute_target_as_exactly_as_any_other(string target, int status)
    {
        await using var gateway = await TestGateway.StartAsync();
        // The host of target and header must agree.
        var host = target.Contains(":99", StringComparison.Ordinal) ? "gateway:99" : "gateway";
        var answer = await gateway.RawAsync($"GET {target} HTTP/1.1\r\nHost: {host}\r\nConnection: close\r\nUser-Agent: {Scraper}\r\n\r\n");
        Assert.StartsWith($"HTTP/1.1 {status} ", answer, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Asks_for_the_input_last()
    {
        await using var gateway = await TestGateway.StartAsync();
        using var response = await gateway.SendAsync("GET", "/prom/metrics?consumer=a%20b", $"User-Agent: {Scraper}");
        Assert.Equal(HttpStatusCode.BadRequest, response.StatusCode);
        Assert.Equal("consumer must be 1 to 64 letters, digits, '-', '_' or '.'; it is \"a b\".\n", await response.Content.ReadAsStringAsync());
    }
}
