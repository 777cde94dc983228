using System.Net;
using System.Text.Json;
using Gateway.Tests.Support;
using Xunit;

namespace Gateway.Tests.Http;

public sealed class ErrorAnswerTests
{
    /// <summary>Accept header, Content-Type of the error.</summary>
    public static TheoryData<string, string> Accepted => new()
    {
        { "", "text/plain; charset=utf-8" },
        { "*/*", "text/plain; charset=utf-8" },
        { "text/plain", "text/plain; charset=utf-8" },
        { "application/json", "application/problem+json" },
        { "application/problem+json", "application/problem+json" },
        { "text/html;q=0.5, application/json", "application/problem+json" },
        { "text/html, application/json;q=0.5", "text/plain; charset=utf-8" },
        { "application/json;q=0", "text/plain; charset=utf-8" },
        { "application/openmetrics-text;version=1.0.0,text/plain;version=0.0.4;q=0.5,*/*;q=0.1", "text/plain; charset=utf-8" },
        { "broken;;;///", "text/plain; charset=utf-8" },
    };

    [Theory, MemberData(nameof(Accepted))]
    public async Task An_error_has_the_form_that_was_asked_for(string accept, string contentType)
    {
        await using var gateway = await TestGateway.StartAsync();
        foreach (var (path, method, status, title) in new[]
        {
            ("/nothing", "GET", 404, "Not Found"), ("/prom/metrics", "PUT", 405, "Method Not Allowed"), ("/prom/metrics", "GET", 403, "Forbidden"),
        })
        {
            using var response = await gateway.SendAsync(method, path, accept.Length == 0 ? "X-None: x" : "Accept: " + accept);
            Assert.Equal((status, contentType), ((int)response.StatusCode, response.Content.Headers.ContentType?.ToString()));
            var body = await response.Content.ReadAsStringAsync();
            if (contentType.StartsWith("text", StringComparison.Ordinal))
            {
                Assert.EndsWith(".\n", body, StringComparison.Ordinal);
                Assert.Equal(body.Length - 1, body.IndexOf('\n', StringComparison.Ordinal));
                continue;
            }

            using var problem = JsonDocument.Parse(body);
            Assert.Equal((title, status), (problem.RootElement.GetProperty("title").GetString(), problem.RootElement.GetProperty("status").GetInt32()));
            Assert.EndsWith(".", problem.RootElement.GetProperty("detail").GetString(), StringComparison.Ordinal);
        }
    }

    [Fact]
    public async Task What_the_client_sent_is_shown_escaped_and_cut()
    {
        await using var gateway = await TestGateway.StartAsync();
        Assert.EndsWith("There is nothing at \"/%22%0A%1B%C3%BF\"; GET / lists the endpoints.\n", await gateway.RawAsync("GET", "/%22%0A%1B%C3%BF"), StringComparison.Ordinal);
        Assert.EndsWith("There is nothing at \"/\\\"'<script>\"; GET / lists the endpoints.\n", await gateway.RawAsync("GET", "/\"'<script>"), StringComparison.Ordinal);
        Assert.Contains($"\"/{new string('x', 79)}\"… (200 characters);", await gateway.RawAsync("GET", "/" + new string('x', 199)), StringComparison.Ordinal);
        Assert.EndsWith(
            "consumer must be 1 to 64 letters, digits, '-', '_' or '.'; it is \"\\\"\\u001b\\n%FF\".\n",
            await gateway.RawAsync("GET", "/prom/metrics?consumer=%22%1B%0A%FF", "User-Agent: Prometheus/2"), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("", "default")]
    [InlineData("?consumer=a", "a")]
    [InlineData("?consumer=A-z_0.9", "A-z_0.9")]
    [InlineData("?x=1&consumer=b&y", "b")]
    [InlineData("?consumer=%61", "a")]
    [InlineData("?consumer=", null)]
    [InlineData("?consumer", null)]
    [InlineData("?consumer=a&consumer=a", null)]
    [InlineData("?consumer=a%2Fb", null)]
    [InlineData("?consumer=%FF", null)]
    [InlineData("?consumer=%C3%A4", null)]
    [InlineData("?consumer=a+b", null)]
    public async Task A_consumer_has_a_plain_name(string query, string? consumer)
    {
        await using var gateway = await TestGateway.StartAsync();
        foreach (var path in new[] { "/prom/metrics", "/prom/deamon/metrics", "/prom/daemon/metrics" })
        {
            var answer = await gateway.RawAsync("GET", path + query, "User-Agent: Prometheus/2");
            Assert.StartsWith(consumer is null ? "HTTP/1.1 400 " : "HTTP/1.1 200 ", answer, StringComparison.Ordinal);
        }

        var kept = gateway.HeartbeatStore.Kept.Keys.ToHashSet();
        if (consumer is null) Assert.Empty(kept);
        else Assert.Equal([("/prom/deamon/metrics", consumer), ("/prom/metrics", consumer)], kept.Order());
    }

    [Fact]
    public async Task A_consumer_name_has_64_characters_at_most()
    {
        await using var gateway = await TestGateway.StartAsync();
        using var longest = await gateway.SendAsync("GET", "/prom/metrics?consumer=" + new string('c', 64), "User-Agent: Prometheus/2");
        using var longer = await gateway.SendAsync("GET", "/prom/metrics?consumer=" + new string('c', 65), "User-Agent: Prometheus/2");
        Assert.Equal((HttpStatusCode.OK, HttpStatusCode.BadRequest), (longest.StatusCode, longer.StatusCode));
    }

    [Fact]
    public async Task Limits_of_the_web_server_hold()
    {
        await using var gateway = await TestGateway.StartAsync("Gateway:Listen:MaxRequestLineBytes=1024", "Gateway:Listen:MaxHeaderBytes=2048");
        Assert.StartsWith("HTTP/1.1 414 ", await gateway.RawAsync("GET", "/" + new string('x', 2000)), StringComparison.Ordinal);
        Assert.StartsWith("HTTP/1.1 431 ", await gateway.RawAsync("GET", "/", "X-Big: " + new string('x', 3000)), StringComparison.Ordinal);
        Assert.StartsWith("HTTP/1.1 431 ", await gateway.RawAsync("GET", "/", [.. Enumerable.Range(0, 300).Select(i => $"X-{i}: y")]), StringComparison.Ordinal);
        Assert.StartsWith("HTTP/1.1 400 ", await gateway.RawAsync("nonsense\r\n\r\n"), StringComparison.Ordinal);
        Assert.StartsWith("HTTP/1.1 200 ", await gateway.RawAsync("GET", "/"), StringComparison.Ordinal);
        Assert.Empty(gateway.Log.From(Microsoft.Extensions.Logging.LogLevel.Warning));
    }

    [Fact]
    public async Task Connections_beyond_the_limit_are_closed_at_once()
    {
        await using var gateway = await TestGateway.StartAsync("Gateway:Listen:MaxConnections=2");
        using (var first = await gateway.ConnectAsync(CancellationToken.None))
        using (var second = await gateway.ConnectAsync(CancellationToken.None))
        {
            using var third = await gateway.ConnectAsync(CancellationToken.None);
            Assert.Equal(0, await third.ReceiveAsync(new byte[1]).InTime());
        }

        await Eventually.TrueAsync(() => gateway.RawAsync("GET", "/").ContinueWith(
            answer => answer.IsCompletedSuccessfully && answer.Result.StartsWith("HTTP/1.1 200", StringComparison.Ordinal), TaskScheduler.Default).Result, "there is room again");
    }
}
