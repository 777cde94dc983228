using System.Text.Json;
using Gateway.TestKit;
using Gateway.Tests.Support;
using Xunit;

namespace Gateway.Tests.Http;

public sealed class LastScrapeTests
{
    private readonly ManualTimeProvider _time = new();

    [Fact]
    public async Task Before_any_scrape_it_is_the_age_since_the_first_start_of_the_box()
    {
        var store = new FakeHeartbeatStore(_time.GetUtcNow() - TimeSpan.FromHours(1));
        await using var gateway = await TestGateway.StartAsync(new Setup { Time = _time, Store = store });
        Assert.Equal("3600.000", await AskAsync(gateway));
        _time.Advance(TimeSpan.FromMilliseconds(1500));
        Assert.Equal("3601.500", await AskAsync(gateway));
        Assert.Equal((3601.5, false), await AskJsonAsync(gateway));
    }

    [Fact]
    public async Task After_a_scrape_it_is_the_age_of_that()
    {
        await using var gateway = await TestGateway.StartAsync(new Setup { Time = _time });
        _time.Advance(TimeSpan.FromMinutes(1));
        await ScrapeAsync(gateway);
        Assert.Equal("0.000", await AskAsync(gateway));
        _time.Advance(TimeSpan.FromMilliseconds(12_345));
        Assert.Equal("12.345", await AskAsync(gateway));
        Assert.Equal((12.345, true), await AskJsonAsync(gateway));
        _time.StepWallClock(TimeSpan.FromDays(-400));
        Assert.Equal("12.345", await AskAsync(gateway));
    }

    [Fact]
    public async Task A_restart_does_not_forget_the_last_scrape()
    {
        var store = new FakeHeartbeatStore(_time.GetUtcNow());
        await using (var gateway = await TestGateway.StartAsync(new Setup { Time = _time, Store = store })) await ScrapeAsync(gateway);
        _time.Advance(TimeSpan.FromSeconds(7));
        await using var again = await TestGateway.StartAsync(new Setup { Time = _time, Store = store });
        Assert.Equal((7.0, true), await AskJsonAsync(again));
    }

    [Fact]
    public async Task Refused_and_faulty_scrapes_and_those_of_pushed_values_do_not_count()
    {
        await using var gateway = await TestGateway.StartAsync(new Setup { Time = _time });
        _time.Advance(TimeSpan.FromMinutes(1));
        (await gateway.SendAsync("GET", "/prom/metrics")).Dispose();
        (await gateway.SendAsync("POST", "/prom/metrics", "User-Agent: Prometheus/2")).Dispose();
        (await gateway.SendAsync("GET", "/prom/metrics?consumer=%20", "User-Agent: Prometheus/2")).Dispose();
        (await gateway.SendAsync("GET", "/prom/deamon/metrics", "User-Agent: Prometheus/2")).Dispose();
        Assert.Equal((60.0, false), await AskJsonAsync(gateway));
    }

    private static async Task ScrapeAsync(TestGateway gateway)
    {
        await gateway.ScrapeTextAsync();
        await Eventually.TrueAsync(() => gateway.HeartbeatStore.Kept.Count > 0, "it was counted");
    }

    private static async Task<string> AskAsync(TestGateway gateway)
    {
        using var response = await gateway.SendAsync("GET", "/last/get/prometheus", "User-Agent: checker");
        Assert.Equal("text/plain; charset=utf-8", response.Content.Headers.ContentType?.ToString());
        return await response.Content.ReadAsStringAsync();
    }

    private static async Task<(double Seconds, bool Scraped)> AskJsonAsync(TestGateway gateway)
    {
        using var response = await gateway.SendAsync("GET", "/last/get/prometheus", "User-Agent: checker", "Accept: application/json");
        Assert.Equal("application/json; charset=utf-8", response.Content.Headers.ContentType?.ToString());
        using var json = JsonDocument.Parse(await response.Content.ReadAsStringAsync());
        return (json.RootElement.GetProperty("seconds").GetDouble(), json.RootElement.GetProperty("scraped").GetBoolean());
    }
}
