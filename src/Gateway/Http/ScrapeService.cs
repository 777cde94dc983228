using Gateway.Scrape;
using Gateway.Status;

namespace Gateway.Http;

/// <summary>Answers a scrape from beginning to end: checks, collects, streams, counts, and remembers that the scraper was here.</summary>
internal sealed class ScrapeService(
    ScrapePipeline pipeline,
    IPushedSamples pushes,
    GatewayOptions gateway,
    ScrapeOptions options,
    ScrapeCounters counters,
    Heartbeats heartbeats,
    TimeProvider time,
    ILogger<ScrapeService> logger)
{
    private const string PushEndpoint = "/prom/deamon/metrics";

    /// <summary>Scrape intervals after which somebody has been away: one scrape was missed, and a late one is not yet a missed one.</summary>
    private const double AbsentIntervals = 1.5;

    private int _underWay;

    public async Task AnswerAsync(HttpContext context, ScrapeSource source)
    {
        var endpoint = source == ScrapeSource.Collectors ? Heartbeats.MetricsEndpoint : PushEndpoint;
        var start = time.GetTimestamp();
        if (!ScrapeEndpoints.TryGetConsumer(context.Request, out var consumer, out var sentence))
        {
            await Answer.ErrorAsync(context, StatusCodes.Status400BadRequest, sentence);
            counters.Count(endpoint, StatusCodes.Status400BadRequest, time.GetElapsedTime(start), 0);
            return;
        }

        if (Interlocked.Increment(ref _underWay) > options.MaxConcurrent)
        {
            Interlocked.Decrement(ref _underWay);
            context.Response.Headers.RetryAfter = "1";
            await Answer.ErrorAsync(context, StatusCodes.Status503ServiceUnavailable,
                $"{options.MaxConcurrent} scrapes are under way already (Gateway:Scrape:MaxConcurrent); try again in a second.");
            counters.Count(endpoint, StatusCodes.Status503ServiceUnavailable, time.GetElapsedTime(start), 0);
            return;
        }

        // The web server's own minimum rate lets a client that reads nothing hold its place for minutes.
        using var patience = new CancellationTokenSource(ScrapeEndpoints.Patience(context.Request, options), time);
        await using var abort = patience.Token.Register(context.Abort);
        try
        {
            var bytes = source == ScrapeSource.Collectors
                ? await WriteCollectorsAsync(context)
                : await WritePushesAsync(context);
            // What is written after the connection was closed goes nowhere, without an error.
            patience.Token.ThrowIfCancellationRequested();
            counters.Count(endpoint, StatusCodes.Status200OK, time.GetElapsedTime(start), bytes);
            // Counted only now: an answer that broke off is no scrape.
            LogReturn(endpoint, consumer, heartbeats.Record(endpoint, consumer));
        }
        catch (OperationCanceledException)
        {
            // Only a client that goes away or does not read cancels a scrape. An answer that has begun must not end as if it were whole.
            counters.CountAborted(endpoint, time.GetElapsedTime(start));
            if (context.Response.HasStarted) context.Abort();
        }
        catch
        {
            counters.Count(endpoint, StatusCodes.Status500InternalServerError, time.GetElapsedTime(start), 0);
            throw;
        }
        finally
        {
            Interlocked.Decrement(ref _underWay);
        }
    }

    /// <summary>One line for the first scrape and for one after an absence; none for the steady ones.</summary>
    private void LogReturn(string endpoint, string consumer, TimeSpan? sinceLast)
    {
        if (sinceLast is not { } absence) logger.FirstScrape(endpoint, consumer);
        else if (absence > gateway.ScrapeInterval * AbsentIntervals) logger.ScraperCameBack(endpoint, consumer, absence.TotalSeconds);
    }

    private async Task<long> WriteCollectorsAsync(HttpContext context)
    {
        using var result = await pipeline.CollectAsync(ScrapeEndpoints.Deadline(context.Request, options), context.RequestAborted);
        return await ExpositionBody.WriteAsync(context, result.Exposition, context.RequestAborted);
    }

    private async Task<long> WritePushesAsync(HttpContext context)
    {
        using var result = pushes.Take();
        return await ExpositionBody.WriteAsync(context, result.Exposition, context.RequestAborted);
    }
}

/// <summary>The pushed values as they can be scraped now.</summary>
internal interface IPushedSamples
{
    /// <summary>The current values; the caller disposes of the result when it is written.</summary>
    ScrapeResult Take();
}
