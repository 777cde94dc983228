using Gateway.Buffering;
using Gateway.Exposition;
using Gateway.Replay;
using Gateway.Scrape;
using Gateway.Status;

namespace Gateway.Http;

/// <summary>
/// Answers a scrape from beginning to end: checks, collects, streams the live samples or a page of what the scraper missed, counts, and remembers that it was here.
/// </summary>
internal sealed class ScrapeService(
    ScrapePipeline pipeline,
    IPushedSamples pushes,
    ScrapeOptions options,
    ScrapeCounters counters,
    Heartbeats heartbeats,
    ReplayService replay,
    PushRecorder pushRecorder,
    TimeProvider time,
    ILogger<ScrapeService> logger)
{
    private int _underWay;

    public async Task AnswerAsync(HttpContext context, ScrapeSource source)
    {
        var endpoint = source == ScrapeSource.Collectors ? Heartbeats.MetricsEndpoint : Heartbeats.PushEndpoint;
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
        var patience = ScrapeEndpoints.Patience(context.Request, options);
        using var impatience = new CancellationTokenSource(patience, time);
        await using var abort = impatience.Token.Register(context.Abort);
        try
        {
            var scrape = new Scrape(source, endpoint, consumer, start, patience);
            if (source == ScrapeSource.Collectors) await AnswerCollectorsAsync(context, scrape, impatience.Token);
            else await AnswerPushesAsync(context, scrape, impatience.Token);
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

    private async Task AnswerCollectorsAsync(HttpContext context, Scrape scrape, CancellationToken impatience)
    {
        // Settled before anything is collected: the figures of this scrape tell of it.
        var turn = replay.Begin(SnapshotKind.Metrics, scrape.Consumer, scrape.Patience);
        await using (turn)
        {
            var at = time.GetUtcNow();
            using var result = await pipeline.CollectAsync(ScrapeEndpoints.Deadline(context.Request, options), context.RequestAborted);
            await AnswerAsync(context, scrape, turn, result.Exposition, at, impatience);
        }
    }

    private async Task AnswerPushesAsync(HttpContext context, Scrape scrape, CancellationToken impatience)
    {
        var turn = replay.Begin(SnapshotKind.Pushes, scrape.Consumer, scrape.Patience);
        await using (turn)
        {
            var at = time.GetUtcNow();
            using var result = pushes.Take();
            await AnswerAsync(context, scrape, turn, result.Exposition, at, impatience);
        }
    }

    private async Task AnswerAsync(HttpContext context, Scrape scrape, ScrapeTurn turn, BatchMerger live, DateTimeOffset at, CancellationToken impatience)
    {
        await using (turn)
        {
            var page = await turn.PrepareAsync(live, at, context.RequestAborted);
            var bytes = page is null
                ? await ExpositionBody.WriteAsync(context, live, context.RequestAborted)
                : await ExpositionBody.WriteAsync(context, page, context.RequestAborted);
            // What is written after the connection was closed goes nowhere, without an error.
            impatience.ThrowIfCancellationRequested();
            counters.Count(scrape.Endpoint, StatusCodes.Status200OK, time.GetElapsedTime(scrape.Start), bytes);
            // Counted only now: an answer that broke off is no scrape.
            LogReturn(scrape.Endpoint, scrape.Consumer, heartbeats.Record(scrape.Endpoint, scrape.Consumer));
            turn.Written();
            if (scrape.Source == ScrapeSource.Pushes) pushRecorder.Scraped(replay.PushesKnownUntil() ?? at);
        }
    }

    /// <summary>One line for the first scrape and for one after an absence; none for the steady ones.</summary>
    private void LogReturn(string endpoint, string consumer, TimeSpan? sinceLast)
    {
        if (sinceLast is not { } absence) logger.FirstScrape(endpoint, consumer);
        else if (absence > replay.AbsentAfter) logger.ScraperCameBack(endpoint, consumer, absence.TotalSeconds);
    }

    /// <summary>What is known of a scrape when its answer begins.</summary>
    private readonly record struct Scrape(ScrapeSource Source, string Endpoint, string Consumer, long Start, TimeSpan Patience);
}

/// <summary>The pushed values as they can be scraped now.</summary>
internal interface IPushedSamples
{
    /// <summary>The current values; the caller disposes of the result when it is written.</summary>
    ScrapeResult Take();
}
