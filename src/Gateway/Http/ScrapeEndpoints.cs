using System.Globalization;
using Gateway.Scrape;

namespace Gateway.Http;

/// <summary>What Prometheus scrapes: <c>/prom/metrics</c> (collectors) and <c>/prom/deamon/metrics</c> (pushed values; alias with the usual spelling).</summary>
internal static class ScrapeEndpoints
{
    private const string ConsumerRule = "consumer must be 1 to 64 letters, digits, '-', '_' or '.'";
    private const int MaxConsumerCharacters = 64;

    /// <summary>Less is no time to collect: a scrape that announces it must not make every collector look hung.</summary>
    private static readonly TimeSpan ShortestDeadline = TimeSpan.FromMilliseconds(10);

    /// <summary>An answer under way is not cut before: the first scrape after the start may well take longer than the little that some announce.</summary>
    private static readonly TimeSpan ShortestPatience = TimeSpan.FromSeconds(1);

    extension(IEndpointRouteBuilder routes)
    {
        public void MapScrape()
        {
            var scrapes = routes.ServiceProvider.GetRequiredService<ScrapeService>();
            routes.MapGet("/prom/metrics", context => scrapes.AnswerAsync(context, ScrapeSource.Collectors)).RequireAgent(AgentRole.Scraper);
            routes.MapGet("/prom/deamon/metrics", context => scrapes.AnswerAsync(context, ScrapeSource.Pushes)).RequireAgent(AgentRole.Scraper);
            routes.MapGet("/prom/daemon/metrics", context => scrapes.AnswerAsync(context, ScrapeSource.Pushes)).RequireAgent(AgentRole.Scraper);
        }
    }

    /// <summary>The consumer that a scrape names in its query, <c>default</c> when it names none.</summary>
    /// <returns>False with a sentence when the name is not one.</returns>
    public static bool TryGetConsumer(HttpRequest request, out string consumer, out string sentence)
    {
        var values = request.Query["consumer"];
        consumer = values.Count == 0 ? "default" : values[^1] ?? "";
        sentence = "";
        if (values.Count <= 1 && consumer.Length is > 0 and <= MaxConsumerCharacters
            && consumer.All(c => char.IsAsciiLetterOrDigit(c) || c is '-' or '_' or '.')) return true;
        sentence = values.Count > 1 ? "consumer is given more than once; name one." : $"{ConsumerRule}; it is {Quoted.Text(consumer)}.";
        return false;
    }

    /// <summary>
    /// Time to collect: what Prometheus announces less 5 %, at least 100 ms and at most half a second less, so that the answer is there before it gives up.
    /// </summary>
    public static TimeSpan Deadline(HttpRequest request, ScrapeOptions options)
    {
        if (Announced(request, options) is not { } announced) return options.Timeout;
        var margin = TimeSpan.FromSeconds(Math.Clamp(announced.TotalSeconds * 0.05, 0.1, 0.5));
        // Somebody who announces 100 ms still gets what can be had in half of it.
        var deadline = announced - margin > announced / 2 ? announced - margin : announced / 2;
        return deadline > ShortestDeadline ? deadline : ShortestDeadline;
    }

    /// <summary>
    /// Time after which nobody waits for the answer any more, counted from the request: what Prometheus announces, for it gives up then; for others twice the
    /// time to collect. A client that has not read its answer by then loses its place among the scrapes under way.
    /// </summary>
    public static TimeSpan Patience(HttpRequest request, ScrapeOptions options)
    {
        var patience = Announced(request, options) ?? options.Timeout * 2;
        return patience > ShortestPatience ? patience : ShortestPatience;
    }

    private static TimeSpan? Announced(HttpRequest request, ScrapeOptions options)
    {
        var header = request.Headers["X-Prometheus-Scrape-Timeout-Seconds"];
        if (header.Count != 1
            || !double.TryParse(header[0], NumberStyles.Float, CultureInfo.InvariantCulture, out var seconds)
            || !double.IsFinite(seconds) || seconds <= 0) return null;
        return TimeSpan.FromSeconds(Math.Min(seconds, options.MaxTimeout.TotalSeconds));
    }
}

/// <summary>Which samples a scrape asks for.</summary>
internal enum ScrapeSource
{
    Collectors,
    Pushes,
}
