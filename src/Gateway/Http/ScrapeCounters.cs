using Gateway.Collectors;
using Gateway.Exposition;
using Gateway.Scrape;

namespace Gateway.Http;

/// <summary>How scrapes were answered, by endpoint and status.</summary>
internal sealed class ScrapeCounters : ISelfMetrics
{
    private const string Aborted = "aborted";

    private static readonly MetricFamily Scrapes = MetricFamily.Counter(
        "gateway_scrapes_total", "Scrapes answered, by endpoint and status code; aborted when the scraper went away before the end or did not read it in time.", "endpoint", "code");

    private static readonly MetricFamily Seconds = MetricFamily.Counter(
        "gateway_scrape_duration_seconds_total", "Time spent on answering scrapes, from the request to the last byte handed over.", "endpoint", "code");

    private static readonly MetricFamily Bytes = MetricFamily.Counter(
        "gateway_scrape_response_bytes_total", "Bytes of exposition written, before compression.", "endpoint");

    private static readonly MetricFamily LastDuration = MetricFamily.Gauge(
        "gateway_scrape_last_duration_seconds", "Time that the last complete scrape took.", "endpoint");

    private readonly Lock _lock = new();
    private readonly Dictionary<(string Endpoint, string Code), (long Count, double Seconds)> _byCode = [];
    private readonly Dictionary<string, (long Bytes, double Seconds)> _complete = new(StringComparer.Ordinal);

    public void Count(string endpoint, int status, TimeSpan duration, long bytes)
    {
        lock (_lock)
        {
            Add(endpoint, status switch { 200 => "200", 400 => "400", 503 => "503", _ => "500" }, duration);
            if (status == StatusCodes.Status200OK) _complete[endpoint] = (_complete.GetValueOrDefault(endpoint).Bytes + bytes, duration.TotalSeconds);
        }
    }

    public void CountAborted(string endpoint, TimeSpan duration)
    {
        lock (_lock) Add(endpoint, Aborted, duration);
    }

    public void Write(MetricSink sink)
    {
        lock (_lock)
        {
            foreach (var ((endpoint, code), (count, seconds)) in _byCode)
            {
                sink.Add(Scrapes, [endpoint, code], count);
                sink.Add(Seconds, [endpoint, code], seconds);
            }

            foreach (var (endpoint, (bytes, seconds)) in _complete)
            {
                sink.Add(Bytes, [endpoint], bytes);
                sink.Add(LastDuration, [endpoint], seconds);
            }
        }
    }

    private void Add(string endpoint, string code, TimeSpan duration)
    {
        var (count, seconds) = _byCode.GetValueOrDefault((endpoint, code));
        _byCode[(endpoint, code)] = (count + 1, seconds + duration.TotalSeconds);
    }
}
