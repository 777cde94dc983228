using Gateway.EndToEnd.Parts;
using Gateway.TestKit;
using Xunit;

namespace Gateway.EndToEnd.Replay;

/// <summary>The parts on their own, while nothing is away: what is collected for a scrape arrives, and the record knows it.</summary>
public sealed class ReplayPartsTests : IDisposable
{
    private readonly TempFolder _folder = new();

    [RequiresToolTheory("prometheus", "nginx"), InlineData(null), InlineData("text/plain;version=0.0.4")]
    public async Task All_that_is_collected_for_scrapes_arrives_sample_by_sample(string? accept)
    {
        await using var parts = await ReplayParts.StartAsync(_folder, new ReplaySetup { Accept = accept });
        var start = await parts.Record.MarkAsync();
        var prometheus = await parts.StartPrometheusAsync();
        await Poll.UntilAsync("some scrapes", () => parts.Record.Writings.Sum(writing => writing.Collections) >= 6, evidence: () => parts.Evidence(prometheus));
        var difference = await parts.Record.ArrivedAsync(start, await parts.Record.MarkAsync(), () => ReplayParts.RecordedAsync(prometheus, start));
        Assert.True(difference.IsEmpty, $"{difference}\n{parts.Evidence(prometheus)}");
        Assert.True(difference.Arrived.Count >= 5, difference.ToString());
    }

    [RequiresToolFact("prometheus", "nginx")]
    public async Task A_format_that_nginx_asks_for_is_what_the_service_answers_in()
    {
        await using var parts = await ReplayParts.StartAsync(_folder, new ReplaySetup { Accept = "text/plain;version=0.0.4" });
        using var client = Http.Tcp(parts.Relay.Port, Http.Scraper);
        client.DefaultRequestHeaders.TryAddWithoutValidation("Accept", Http.OpenMetricsAccept);
        using var answer = await client.GetAsync("/prom/metrics");
        Assert.Equal("text/plain", answer.Content.Headers.ContentType?.MediaType);
    }

    [RequiresToolFact("prometheus", "nginx")]
    public async Task A_collection_whose_answer_is_lost_on_the_way_is_known_as_missing()
    {
        await using var parts = await ReplayParts.StartAsync(_folder);
        var start = await parts.Record.MarkAsync();
        using (var client = Http.Tcp(parts.Relay.Port, Http.Scraper))
        {
            parts.Relay.CutAnswers(1, 300);
            await Assert.ThrowsAsync<HttpRequestException>(() => client.GetStringAsync("/prom/metrics"));
        }

        var difference = parts.Record.Compare(start, await parts.Record.MarkAsync(), new StoredSamples());
        Assert.Single(difference.Missing);
        Assert.True(difference.IsEmptyButForMissing);
    }

    [RequiresToolFact("prometheus", "nginx")]
    public async Task The_service_comes_back_on_the_same_way_after_it_was_killed_and_stopped()
    {
        await using var parts = await ReplayParts.StartAsync(_folder);
        var prometheus = await parts.StartPrometheusAsync();
        await prometheus.ScrapedAsync("gateway", Clock.Now);
        await parts.KillGatewayAsync();
        await parts.StartGatewayAsync();
        await prometheus.ScrapedAsync("gateway", Clock.Now);
        await parts.StopGatewayAsync();
        await parts.StartGatewayAsync("--Gateway:ScrapeInterval=2s");
        await prometheus.ScrapedAsync("gateway", Clock.Now);
        parts.Relay.Refuse();
        var cut = Clock.Now;
        await Poll.UntilAsync("Prometheus sees the cut", async () => (await prometheus.UpAsync("gateway", cut)).Any(sample => sample.Value == 0));
        parts.Relay.Restore();
        await prometheus.ScrapedAsync("gateway", Clock.Now);
    }

    public void Dispose() => _folder.Dispose();
}
