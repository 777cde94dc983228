using Gateway.Http;
using Gateway.Scrape;
using Microsoft.AspNetCore.Http;
using Xunit;

namespace Gateway.Tests.Http;

public sealed class ScrapePatienceTests
{
    public static TheoryData<string?, double> Cases => new() // announced, seconds
    {
        { "10", 10 },
        { "1.5", 1.5 },
        { "0.05", 1 },
        { "100000", 120 },
        { null, 20 },
        { "soon", 20 },
        { "-1", 20 },
        { "NaN", 20 },
    };

    [Theory, MemberData(nameof(Cases))]
    public void Lasts_as_long_as_the_scraper_waits(string? announced, double seconds)
    {
        var request = new DefaultHttpContext().Request;
        if (announced is not null) request.Headers["X-Prometheus-Scrape-Timeout-Seconds"] = announced;
        Assert.Equal(TimeSpan.FromSeconds(seconds), ScrapeEndpoints.Patience(request, new ScrapeOptions()));
    }
}
