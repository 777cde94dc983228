using System.Globalization;
using Gateway.EndToEnd.Parts;
using Gateway.TestKit;
using Xunit;

namespace Gateway.EndToEnd.Replay;

/// <summary>Pages are confirmed by a query to the Prometheus that scrapes.</summary>
public sealed class ConfirmationTests : IDisposable
{
    /// <summary>As served, once more as it was, once more smaller: scrapes that one poisonous page may fail.</summary>
    private const int ScrapesPerPage = 3;

    /// <summary>A late scrape of a busy machine is not an absence.</summary>
    private static readonly ReplaySetup Patient = new() { Options = ["--Gateway:Replay:AbsentAfterIntervals=3"] };

    private readonly TempFolder _folder = new();

    [RequiresToolFact("prometheus", "nginx")]
    public async Task Pages_are_delivered_when_the_query_finds_them()
    {
        await using var parts = await ReplayParts.StartAsync(_folder, Patient);
        var prometheus = await StartConfirmedAsync(parts);
        var away = await parts.Record.MarkAsync();
        await QueueState.UntilAsync(parts, "snapshots wait", queue => queue is { State: "absent", Backlog: >= 4 });
        await prometheus.StartAsync();
        var start = Clock.Now;
        await QueueState.UntilAsync(parts, "all is confirmed", queue => queue.State == "present");
        await prometheus.ScrapedAsync("gateway", Clock.Now);
        var stored = await ReplayParts.RecordedAsync(prometheus, away);
        var difference = parts.Record.Compare(away, await parts.Record.MarkAsync(), stored);
        Whole.Check(difference, parts, prometheus);
        var queue = await QueueState.OfAsync(parts.Gateway);
        Assert.Equal((0, 0), (queue.UnconfirmedPages, queue.OnShelf));
        Assert.All(await prometheus.UpAsync("gateway", start), sample => Assert.Equal(1, sample.Value));
        Assert.True(await prometheus.QueryAsync("gateway_replay_confirm_queries_total{result=\"found\"}") is [(_, >= 1)], parts.Evidence(prometheus));
        Assert.True(await prometheus.QueryAsync("gateway_replay_confirm_queries_total{result=\"failed\"}") is [(_, 0)], parts.Evidence(prometheus));
    }

    [RequiresToolFact("prometheus", "nginx")]
    public async Task Pages_that_Prometheus_takes_and_refuses_are_set_aside_and_live_scraping_recovers()
    {
        await using var parts = await ReplayParts.StartAsync(_folder, Patient);
        var prometheus = await StartConfirmedAsync(parts, async server =>
        {
            // Prometheus reads the whole answer and stores nothing of it when it has more lines than this: two snapshots are too many.
            var lines = (await server.QueryAsync("scrape_samples_scraped{job=\"gateway\"}")).Single().Value;
            var limit = string.Create(CultureInfo.InvariantCulture, $"sample_limit: {lines * 3 / 2:0}");
            return parts.Configuration with { Jobs = [new ScrapeJob("gateway", parts.Relay.Port) { More = [limit] }] };
        });
        var away = await parts.Record.MarkAsync();
        await QueueState.UntilAsync(parts, "snapshots wait", queue => queue is { State: "absent", Backlog: >= 8 });
        await prometheus.StartAsync();
        var start = Clock.Now;
        await QueueState.UntilAsync(parts, "the consumer is present again", queue => queue.State == "present");
        var back = Clock.Now;
        await prometheus.ScrapedAsync("gateway", back);
        await prometheus.ScrapedAsync("gateway", Clock.Now);
        var end = await parts.Record.MarkAsync();
        var queue = await QueueState.OfAsync(parts.Gateway);
        await parts.StopGatewayAsync();
        var stored = await ReplayParts.RecordedAsync(prometheus, away);

        // What Prometheus did not store lies on the shelf and nothing else does.
        var shelf = await BufferFile.ShelfAsync(_folder, "record_");
        var difference = parts.Record.Compare(away, end, stored, shelf);
        Whole.Check(difference, parts, prometheus);
        Assert.Empty(Times(stored).Intersect(Times(shelf)));
        Assert.Equal(queue.OnShelf, Times(shelf).Count);
        // The first page was served three times; two such rounds are enough to see that all of it is refused, unless a scrape of a busy machine timed out:
        // then the page after it is smaller, and there is one more.
        var scrapes = await prometheus.UpAsync("gateway", start);
        var refused = scrapes.Count(sample => sample.Value == 0 && sample.Time <= end);
        Assert.InRange(queue.UnconfirmedPages, ScrapesPerPage, (2 + queue.FailedPages) * ScrapesPerPage);
        Assert.Equal(refused, queue.UnconfirmedPages + queue.FailedPages);
        Assert.All(scrapes.Where(sample => sample.Time > back && sample.Time <= end), sample => Assert.Equal(1, sample.Value));
    }

    public void Dispose() => _folder.Dispose();

    /// <summary>A Prometheus that is away, with data of its own, and a service that will ask it.</summary>
    /// <param name="parts">Whose service is started anew.</param>
    /// <param name="configure">Another configuration for the next start.</param>
    private static async Task<PrometheusServer> StartConfirmedAsync(ReplayParts parts, Func<PrometheusServer, Task<PrometheusConfiguration>>? configure = null)
    {
        var prometheus = await parts.StartPrometheusAsync();
        if (configure is not null)
        {
            // A plain scrape tells how many lines the live samples are.
            await QueueState.UntilAsync(parts, "the consumer is present", queue => queue.State == "present");
            await prometheus.ScrapedAsync("gateway", Clock.Now);
            prometheus.Configure((await configure(prometheus)).ToString());
        }

        await prometheus.StopAsync();
        await parts.StopGatewayAsync();
        await parts.StartGatewayAsync($"--Gateway:Replay:Confirm:QueryUrl={prometheus.Url}", "--Gateway:Replay:Confirm:Matchers=job=\"gateway\"");
        return prometheus;
    }

    private static HashSet<long> Times(StoredSamples stored) =>
        [.. stored.Series.Where(series => series.Key.Name == SampleRecord.Index).SelectMany(series => series.Value).Select(sample => sample.Time)];
}
