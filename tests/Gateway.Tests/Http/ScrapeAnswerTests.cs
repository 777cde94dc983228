using System.IO.Compression;
using System.Net;
using System.Text;
using Gateway.Collectors;
using Gateway.Exposition;
using Gateway.Scrape;
using Gateway.Tests.Support;
using Microsoft.Extensions.Logging;
using Xunit;

namespace Gateway.Tests.Http;

public sealed class ScrapeAnswerTests
{
    private const string Text = "text/plain; version=0.0.4; charset=utf-8";
    private const string OpenMetrics = "application/openmetrics-text; version=1.0.0; charset=utf-8";
    private static readonly MetricFamily Value = MetricFamily.Gauge("value", "A value.", "n");

    /// <summary>Accept header as real scrapers send it, Content-Type of the answer.</summary>
    public static TheoryData<string, string> Accepted => new()
    {
        { "", Text },
        { "*/*", Text },
        { "application/openmetrics-text;version=1.0.0,application/openmetrics-text;version=0.0.1;q=0.75,text/plain;version=0.0.4;q=0.5,*/*;q=0.1", OpenMetrics },
        { "application/vnd.google.protobuf;proto=io.prometheus.client.MetricFamily;encoding=delimited;q=0.6,application/openmetrics-text;version=1.0.0;q=0.5,text/plain;version=0.0.4;q=0.3,*/*;q=0.2", OpenMetrics },
        { "text/plain;version=0.0.4;q=0.5,*/*;q=0.1", Text },
        { "image/png", Text },
    };

    /// <summary>Accept-Encoding, whether the answer is compressed.</summary>
    public static TheoryData<string, bool> Encodings => new()
    {
        { "", false },
        { "gzip", true },
        { "GZIP", true },
        { "gzip;q=0", false },
        { "gzip;q=0.1, identity;q=0.9", true },
        { "identity;q=0, gzip", true },
        { "deflate, br", false },
        { "*", true },
        { "*;q=0", false },
        { "gzip;q=0, *", false },
        { "identity", false },
        { "gzip;q=", false },
    };

    [Theory, MemberData(nameof(Accepted))]
    public async Task The_format_is_negotiated(string accept, string contentType)
    {
        await using var gateway = await TestGateway.StartAsync();
        foreach (var path in new[] { "/prom/metrics", "/prom/deamon/metrics" })
        {
            using var response = await gateway.SendAsync("GET", path, "User-Agent: Prometheus/2", accept.Length == 0 ? "X-None: x" : "Accept: " + accept);
            Assert.Equal(contentType, response.Content.Headers.ContentType?.ToString());
            var format = contentType == OpenMetrics ? ExpositionFormat.OpenMetrics : ExpositionFormat.Text;
            ExpositionDocument.Parse(await response.Content.ReadAsByteArrayAsync(), format);
            Assert.Equal(["Accept", "Accept-Encoding"], response.Headers.Vary.Order());
        }
    }

    [Theory, MemberData(nameof(Encodings))]
    public async Task It_is_compressed_when_asked_for(string encodings, bool compressed)
    {
        await using var gateway = await TestGateway.StartAsync();
        Fill(gateway, 5000);
        using var response = await gateway.ScrapeAsync(encodings.Length == 0 ? "X-None: x" : "Accept-Encoding: " + encodings);
        Assert.Equal(compressed ? ["gzip"] : [], response.Content.Headers.ContentEncoding);
        var body = await response.Content.ReadAsStreamAsync();
        if (compressed) body = new GZipStream(body, CompressionMode.Decompress);
        using var content = new MemoryStream();
        await body.CopyToAsync(content);
        Assert.Equal(5000, Encoding.UTF8.GetString(content.ToArray()).Split('\n').Count(line => line.StartsWith("value{", StringComparison.Ordinal)));
        ExpositionDocument.Parse(content.ToArray(), ExpositionFormat.Text);
    }

    [Fact]
    public async Task The_bytes_counted_are_those_of_the_exposition()
    {
        await using var gateway = await TestGateway.StartAsync();
        Fill(gateway, 3000);
        var first = await (await gateway.ScrapeAsync()).Content.ReadAsByteArrayAsync();
        await Eventually.TrueAsync(() => gateway.HeartbeatStore.Kept.Count == 1, "it was counted");
        var second = await (await gateway.ScrapeAsync("Accept-Encoding: gzip", "Accept: application/openmetrics-text")).Content.ReadAsStreamAsync();
        using var text = new StreamReader(new GZipStream(second, CompressionMode.Decompress));
        Assert.Contains($"\ngateway_scrape_response_bytes_total{{endpoint=\"/prom/metrics\"}} {first.Length}", await text.ReadToEndAsync(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task More_scrapes_than_allowed_are_answered_503_and_the_place_is_free_again_afterwards()
    {
        await using var gateway = await TestGateway.StartAsync("Gateway:Scrape:MaxConcurrent=1");
        var slow = new GatedCollector(obeys: true);
        gateway.Register("slow", slow);
        var first = gateway.ScrapeAsync();
        await slow.Entered.InTime();
        using (var second = await gateway.ScrapeAsync())
        {
            Assert.Equal(HttpStatusCode.ServiceUnavailable, second.StatusCode);
            Assert.Equal("1", second.Headers.RetryAfter?.ToString());
            Assert.Equal("1 scrapes are under way already (Gateway:Scrape:MaxConcurrent); try again in a second.\n", await second.Content.ReadAsStringAsync());
        }

        slow.Release();
        Assert.Equal(HttpStatusCode.OK, (await first).StatusCode);
        await gateway.Registry.UnregisterAsync("slow");
        await Eventually.TrueAsync(() => gateway.HeartbeatStore.Kept.Count == 1, "it ended");
        Assert.Contains("\ngateway_scrapes_total{endpoint=\"/prom/metrics\",code=\"503\"} 1\n", await gateway.ScrapeTextAsync(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_scraper_that_goes_away_while_collectors_run_is_counted_as_aborted_and_leaves_no_heartbeat()
    {
        await using var gateway = await TestGateway.StartAsync();
        var slow = new GatedCollector(obeys: true);
        gateway.Register("slow", slow);
        using (var socket = await gateway.ConnectAsync(CancellationToken.None))
        {
            await socket.SendAsync("GET /prom/metrics HTTP/1.1\r\nHost: g\r\nUser-Agent: Prometheus/2\r\n\r\n"u8.ToArray());
            await slow.Entered.InTime();
        }

        await AbortedAsync(gateway);
        await gateway.Registry.UnregisterAsync("slow");
    }

    [Theory]
    [InlineData("Accept-Encoding: identity")]
    [InlineData("Accept-Encoding: gzip")]
    public async Task A_scraper_that_goes_away_within_the_body_is_counted_as_aborted_and_leaves_no_heartbeat(string encoding)
    {
        await using var gateway = await TestGateway.StartAsync("Gateway:Scrape:MaxSamplesPerCollector=1000000");
        // Values that do not compress, and far more of them than the socket holds.
        var random = new Random(1);
        var labels = Enumerable.Range(0, 200_000).Select(_ => random.NextInt64().ToString(System.Globalization.CultureInfo.InvariantCulture)).ToArray();
        gateway.Register("big", new ScriptedCollector(sink =>
        {
            foreach (var label in labels) sink.Add(Value, [label], random.NextDouble());
        }));
        using (var socket = await gateway.ConnectAsync(CancellationToken.None))
        {
            await socket.SendAsync(Encoding.ASCII.GetBytes($"GET /prom/metrics HTTP/1.1\r\nHost: g\r\nUser-Agent: Prometheus/2\r\n{encoding}\r\n\r\n"));
            await socket.ReceiveAsync(new byte[100]).InTime();
        }

        await AbortedAsync(gateway);
    }

    [Theory]
    [InlineData(0, "Accept-Encoding: identity")]
    [InlineData(0, "Accept-Encoding: gzip")]
    [InlineData(20_000, "Accept-Encoding: identity")]
    [InlineData(20_000, "Accept-Encoding: gzip")]
    public async Task An_answer_that_cannot_be_finished_is_recognisable_as_cut(int samplesBefore, string encoding)
    {
        await using var gateway = await TestGateway.StartAsync();
        gateway.Pushes.Answer = () => Poisoned(samplesBefore);
        var answer = await gateway.RawAsync("GET", "/prom/deamon/metrics", "User-Agent: Prometheus/2", encoding);
        // Whole is what ends with the last chunk, of length zero.
        Assert.False(answer.EndsWith("\r\n0\r\n\r\n", StringComparison.Ordinal), "it looks whole");
        Assert.DoesNotContain("made a mistake", answer, StringComparison.Ordinal);
        await Assert.ThrowsAnyAsync<HttpRequestException>(async () =>
        {
            using var response = await gateway.SendAsync("GET", "/prom/deamon/metrics", "User-Agent: Prometheus/2", encoding);
            await response.Content.ReadAsByteArrayAsync();
        });
        Assert.Empty(gateway.HeartbeatStore.Kept);
        Assert.Single(gateway.Log.From(LogLevel.Error), line => line.StartsWith("Error FailureLog: /prom/deamon/metrics: a request failed because of a fault of the service", StringComparison.Ordinal));
        Assert.Matches("\ngateway_request_failures_total{endpoint=\"/prom/deamon/metrics\"} [2-9]\n", await gateway.ScrapeTextAsync());
        // A client library may try again by itself when nothing came back.
        Assert.Matches("\ngateway_scrapes_total{endpoint=\"/prom/deamon/metrics\",code=\"500\"} [2-9]\n", await gateway.ScrapeTextAsync());
    }

    [Fact]
    public async Task A_fault_before_the_answer_begins_is_a_500_that_tells_nothing()
    {
        await using var gateway = await TestGateway.StartAsync();
        gateway.Pushes.Answer = () => throw new InvalidOperationException("secret");
        using var response = await gateway.SendAsync("GET", "/prom/deamon/metrics", "User-Agent: Prometheus/2");
        Assert.Equal(HttpStatusCode.InternalServerError, response.StatusCode);
        Assert.Equal("The service made a mistake; its log says more.\n", await response.Content.ReadAsStringAsync());
    }

    [Fact]
    public async Task Many_connections_at_once_get_whole_and_consistent_answers()
    {
        await using var gateway = await TestGateway.StartAsync("Gateway:Scrape:MaxConcurrent=100");
        var run = 0;
        var labels = Enumerable.Range(0, 2000).Select(i => $"{i}").ToArray();
        gateway.Register("changing", new ScriptedCollector(sink =>
        {
            run++;
            foreach (var label in labels) sink.Add(Value, [label], run);
        }));
        await Task.WhenAll(Enumerable.Range(0, 12).Select(async worker =>
        {
            for (var i = 0; i < 8; i++)
            {
                using var response = await gateway.ScrapeAsync("Accept: " + (worker % 2 == 0 ? "text/plain" : "application/openmetrics-text"));
                var body = await response.Content.ReadAsByteArrayAsync();
                ExpositionDocument.Parse(body, worker % 2 == 0 ? ExpositionFormat.Text : ExpositionFormat.OpenMetrics);
                var values = Encoding.UTF8.GetString(body).Split('\n').Where(line => line.StartsWith("value{", StringComparison.Ordinal)).Select(line => line[(line.LastIndexOf(' ') + 1)..]).ToList();
                Assert.Equal(labels.Length, values.Count);
                Assert.Single(values.Distinct());
            }
        }));
        Assert.Empty(gateway.Log.From(LogLevel.Warning));
    }

    private static async Task AbortedAsync(TestGateway gateway)
    {
        await Eventually.TrueAsync(
            () => gateway.Services.Exposed<Gateway.Http.ScrapeCounters>().Contains("gateway_scrapes_total{endpoint=\"/prom/metrics\",code=\"aborted\"} 1\n", StringComparison.Ordinal),
            "it was counted as aborted");
        Assert.Empty(gateway.HeartbeatStore.Kept);
        Assert.Empty(gateway.Log.From(LogLevel.Warning));
    }

    private static void Fill(TestGateway gateway, int samples) => gateway.Register("fill", new ScriptedCollector(sink => Add(sink, samples)));

    private static void Add(MetricSink sink, int samples)
    {
        for (var i = 0; i < samples; i++) sink.Add(Value, [$"{i}"], i);
    }

    /// <summary>An exposition that throws when its second family is written.</summary>
    private static ScrapeResult Poisoned(int samplesBefore)
    {
        var (before, bad) = (new SampleBatch(), new SampleBatch());
        var sink = new MetricSink();
        sink.Begin(before);
        Add(sink, samplesBefore);
        sink.Begin(bad);
        sink.Add(MetricFamily.Gauge("bad", "Bad."), 1);
        var merger = new BatchMerger();
        merger.Add("before", before);
        merger.Add("bad", bad);
        bad.Clear();
        return new ScrapeResult(merger, () => { });
    }
}
