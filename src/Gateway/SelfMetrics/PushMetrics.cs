using Gateway.Collectors;
using Gateway.Exposition;
using Gateway.Push;
using Gateway.Scrape;

namespace Gateway.SelfMetrics;

/// <summary>What became of pushes, and how full their store is.</summary>
internal sealed class PushMetrics(IPushStore store) : ISelfMetrics
{
    private static readonly MetricFamily Pushes = MetricFamily.Counter(
        "gateway_pushes_total", "Pushes and deletions, by what became of them: kept, deleted, or why they were refused.", "result");

    private static readonly MetricFamily Series = MetricFamily.Gauge("gateway_push_series", "Pushed series held.");
    private static readonly MetricFamily SeriesLimit = MetricFamily.Gauge("gateway_push_series_limit", "Pushed series held at most (Gateway:Push:MaxSeries).");
    private static readonly MetricFamily Waiting = MetricFamily.Gauge("gateway_push_waiting", "Pushes and deletions that wait for the disk.");

    private static readonly MetricFamily Withheld = MetricFamily.Gauge(
        "gateway_push_withheld_series", "Pushed series left out of scrapes because Prometheus would not take their explicit timestamp.");

    private static readonly MetricFamily Expired = MetricFamily.Counter("gateway_push_expired_total", "Pushed series removed at the end of their ttl.");

    private static readonly MetricFamily DamagedRows = MetricFamily.Counter(
        "gateway_push_damaged_rows_total", "Rows of the state database that made no sense when they were read and were dropped.");

    public void Write(MetricSink sink)
    {
        var figures = store.Figures();
        sink.Add(Pushes, ["kept"], figures.Ok);
        sink.Add(Pushes, ["deleted"], figures.Deleted);
        sink.Add(Pushes, ["bad_input"], figures.BadInput);
        sink.Add(Pushes, ["not_found"], figures.NotFound);
        sink.Add(Pushes, ["conflict"], figures.Conflict);
        sink.Add(Pushes, ["limit"], figures.Limit);
        sink.Add(Pushes, ["unavailable"], figures.Unavailable);
        sink.Add(Series, figures.Series);
        sink.Add(SeriesLimit, figures.MaxSeries);
        sink.Add(Waiting, figures.Waiting);
        sink.Add(Withheld, figures.Withheld);
        sink.Add(Expired, figures.Expired);
        sink.Add(DamagedRows, figures.DamagedRows);
    }
}
