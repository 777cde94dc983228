using Gateway.Collectors;
using Gateway.Exposition;
using Gateway.Scrape;
using Gateway.Status;

namespace Gateway.SelfMetrics;

/// <summary>When each consumer scraped last, and for how long Prometheus has been away.</summary>
internal sealed class HeartbeatMetrics(Heartbeats heartbeats) : ISelfMetrics
{
    private static readonly MetricFamily LastScrape = MetricFamily.Gauge(
        "gateway_last_scrape_timestamp_seconds", "Unix time at which the last valid scrape before this one was answered.", "endpoint", "consumer");

    private static readonly MetricFamily Age = MetricFamily.Gauge(
        "gateway_last_scrape_age_seconds", "Seconds since the last valid scrape before this one, measured by a clock that does not jump.", "endpoint", "consumer");

    public void Write(MetricSink sink)
    {
        foreach (var beat in heartbeats.All())
        {
            sink.Add(LastScrape, [beat.Endpoint, beat.Consumer], beat.Time.ToUnixTimeMilliseconds() / 1000.0);
            sink.Add(Age, [beat.Endpoint, beat.Consumer], beat.Age.TotalSeconds);
        }
    }
}
