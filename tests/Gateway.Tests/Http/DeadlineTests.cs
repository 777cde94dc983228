using Gateway.Http;
using Gateway.Scrape;
using Microsoft.AspNetCore.Http;
using Xunit;

namespace Gateway.Tests.Http;

public sealed class DeadlineTests
{
    /// <summary>Header (null: none), milliseconds to collect.</summary>
    public static TheoryData<string?, double> Rules => new()
    {
        { null, 10_000 },
        { "10", 9_500 },
        { "10.000000", 9_500 },
        { "5", 4_750 },
        { "2", 1_900 }, // 5 % would be the least margin
        { "1", 900 },
        { "15", 14_500 }, // half a second is the most
        { "60", 59_500 },
        { "120", 119_500 },
        { "1e9", 119_500 }, // MaxTimeout
        { "0.5", 400 },
        { "0.2", 100 },
        { "0.1", 50 },
        { "0.001", 10 }, // no time is not enough to call a collector hung
        { "1e-300", 10 },
        { "0", 10_000 },
        { "-1", 10_000 },
        { "NaN", 10_000 },
        { "Infinity", 10_000 },
        { "soon", 10_000 },
        { "", 10_000 },
        { "1,5", 10_000 },
        { "0x10", 10_000 },
    };

    [Theory, MemberData(nameof(Rules))]
    public void Leaves_time_for_the_answer(string? header, double milliseconds)
    {
        var request = new DefaultHttpContext().Request;
        if (header is not null) request.Headers["X-Prometheus-Scrape-Timeout-Seconds"] = header;
        Assert.Equal(milliseconds, ScrapeEndpoints.Deadline(request, new ScrapeOptions()).TotalMilliseconds, 3);
    }

    [Fact]
    public void A_header_that_comes_twice_says_nothing()
    {
        var request = new DefaultHttpContext().Request;
        request.Headers["X-Prometheus-Scrape-Timeout-Seconds"] = new Microsoft.Extensions.Primitives.StringValues(["1", "2"]);
        Assert.Equal(TimeSpan.FromSeconds(10), ScrapeEndpoints.Deadline(request, new ScrapeOptions()));
    }
}
