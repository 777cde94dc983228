using System.Net;
using System.Text.Json;
using Gateway.Collectors;
using Gateway.Exposition;
using Gateway.Status;
using Gateway.TestKit;
using Gateway.Tests.Support;
using Microsoft.Extensions.DependencyInjection;
using Xunit;

namespace Gateway.Tests.Http;

public sealed class StatusEndpointTests
{
    private static readonly MetricFamily Value = MetricFamily.Gauge("value", "A value.");

    [Fact]
    public async Task The_document_has_its_sections()
    {
        var time = new ManualTimeProvider();
        await using var gateway = await TestGateway.StartAsync(new Setup { Time = time });
        gateway.Register("good", new ScriptedCollector(sink => sink.Add(Value, 1)));
        await gateway.ScrapeTextAsync();
        await Eventually.TrueAsync(() => gateway.HeartbeatStore.Kept.Count > 0, "it was counted");
        time.Advance(TimeSpan.FromSeconds(90));
        using var status = await AskAsync(gateway, HttpStatusCode.OK);
        var root = status.RootElement;
        Assert.Equal(["status", "problems", "service", "last_scrape", "collectors"], root.EnumerateObject().Select(property => property.Name).Take(5));
        Assert.Equal("ok", root.GetProperty("status").GetString());
        Assert.Empty(root.GetProperty("problems").EnumerateArray());

        var service = root.GetProperty("service");
        Assert.Equal(90, service.GetProperty("uptime_seconds").GetDouble());
        Assert.Equal(Environment.ProcessId, service.GetProperty("pid").GetInt32());
        Assert.Equal($"unix:{gateway.SocketPath}", Assert.Single(service.GetProperty("listeners").EnumerateArray()).GetString());
        Assert.Equal(Build.Version, service.GetProperty("version").GetString());

        var scrape = Assert.Single(root.GetProperty("last_scrape").EnumerateArray());
        Assert.Equal(("/prom/metrics", "default", 90.0),
            (scrape.GetProperty("endpoint").GetString(), scrape.GetProperty("consumer").GetString(), scrape.GetProperty("age_seconds").GetDouble()));

        var collector = Assert.Single(root.GetProperty("collectors").EnumerateArray());
        Assert.Equal(("good", "ok", 1, JsonValueKind.Null, JsonValueKind.Null),
            (collector.GetProperty("name").GetString(), collector.GetProperty("state").GetString(), collector.GetProperty("samples").GetInt32(),
            collector.GetProperty("last_error").ValueKind, collector.GetProperty("next_run").ValueKind));
        Assert.True(root.GetProperty("disk").GetProperty("free_bytes").GetInt64() > 0);
    }

    [Fact]
    public async Task One_failing_collector_degrades_and_all_failing_is_503()
    {
        await using var gateway = await TestGateway.StartAsync();
        gateway.Register("good", new ScriptedCollector(sink => sink.Add(Value, 1)));
        gateway.Register("bad", new ScriptedCollector(_ => throw new IOException("line one\nline \u0001 two \ud800")));
        using (var waiting = await AskAsync(gateway, HttpStatusCode.OK))
            Assert.All(waiting.RootElement.GetProperty("collectors").EnumerateArray(), entry => Assert.Equal("waiting", entry.GetProperty("state").GetString()));

        await gateway.ScrapeTextAsync();
        using (var degraded = await AskAsync(gateway, HttpStatusCode.OK))
        {
            Assert.Equal("degraded", degraded.RootElement.GetProperty("status").GetString());
            Assert.Equal("Collector bad: line one\nline \u0001 two \ufffd", Assert.Single(degraded.RootElement.GetProperty("problems").EnumerateArray()).GetString());
        }

        await gateway.Registry.UnregisterAsync("good");
        await gateway.ScrapeTextAsync();
        using var failing = await AskAsync(gateway, HttpStatusCode.ServiceUnavailable);
        Assert.Equal("failing", failing.RootElement.GetProperty("status").GetString());
        Assert.Contains("No collector works.", failing.RootElement.GetProperty("problems").EnumerateArray().Select(problem => problem.GetString()));
    }

    [Fact]
    public async Task Missing_hardware_is_no_failure()
    {
        await using var gateway = await TestGateway.StartAsync();
        gateway.Register("none", new ScriptedCollector(_ => throw new NoDataException("no such hardware")));
        await gateway.ScrapeTextAsync();
        using var status = await AskAsync(gateway, HttpStatusCode.OK);
        Assert.Equal("ok", status.RootElement.GetProperty("status").GetString());
        Assert.Equal("no_data", Assert.Single(status.RootElement.GetProperty("collectors").EnumerateArray()).GetProperty("state").GetString());
    }

    [Fact]
    public async Task A_section_that_cannot_be_made_does_not_hide_the_others()
    {
        await using var gateway = await TestGateway.StartAsync(new Setup { Services = services => services.AddSingleton<IStatusSection, BrokenSection>() });
        using var status = await AskAsync(gateway, HttpStatusCode.OK);
        Assert.Equal(JsonValueKind.Null, status.RootElement.GetProperty("broken").ValueKind);
        Assert.Equal(JsonValueKind.Object, status.RootElement.GetProperty("service").ValueKind);
        Assert.Equal("The section broken of this report cannot be made: no", Assert.Single(status.RootElement.GetProperty("problems").EnumerateArray()).GetString());
    }

    [Fact]
    public async Task Healthy_and_ready_while_it_runs_and_not_ready_once_it_stops()
    {
        await using var gateway = await TestGateway.StartAsync();
        Assert.EndsWith("\r\n\r\nhealthy\n", await gateway.RawAsync("GET", "/-/healthy"), StringComparison.Ordinal);
        Assert.EndsWith("\r\n\r\nready\n", await gateway.RawAsync("GET", "/-/ready"), StringComparison.Ordinal);
        gateway.Services.GetRequiredService<Readiness>().Set(false);
        var answer = await gateway.RawAsync("GET", "/-/ready");
        Assert.StartsWith("HTTP/1.1 503 ", answer, StringComparison.Ordinal);
        Assert.EndsWith("\r\n\r\nThe service is starting or stopping.\n", answer, StringComparison.Ordinal);
    }

    private static async Task<JsonDocument> AskAsync(TestGateway gateway, HttpStatusCode expected)
    {
        using var response = await gateway.SendAsync("GET", "/prom/status", "User-Agent: checker");
        Assert.Equal((expected, "application/json; charset=utf-8"), (response.StatusCode, response.Content.Headers.ContentType?.ToString()));
        return JsonDocument.Parse(await response.Content.ReadAsStringAsync());
    }

    private sealed class BrokenSection : IStatusSection
    {
        public string Name => "broken";

        public void Write(Utf8JsonWriter json, HealthJudge health)
        {
            json.WriteStartObject();
            throw new IOException("no");
        }
    }
}
