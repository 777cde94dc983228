using System.Globalization;
using System.Text;

namespace Gateway.EndToEnd.Parts;

/// <summary>A <c>prometheus.yml</c> for the tests: jobs on ports of the loopback interface, fast scrapes, an out-of-order window, remote write.</summary>
internal sealed record PrometheusConfiguration
{
    public TimeSpan ScrapeInterval { get; init; } = TimeSpan.FromSeconds(1);

    /// <summary>At most the interval.</summary>
    public TimeSpan ScrapeTimeout { get; init; } = TimeSpan.FromSeconds(1);

    /// <summary><c>out_of_order_time_window</c>, for example <c>24h</c>; null leaves it out: no window.</summary>
    public string? OutOfOrderWindow { get; init; }

    /// <summary>Where everything is forwarded to; null forwards nothing.</summary>
    public string? RemoteWriteUrl { get; init; }

    public IReadOnlyList<ScrapeJob> Jobs { get; init; } = [];

    public override string ToString()
    {
        var text = new StringBuilder();
        text.Append(CultureInfo.InvariantCulture, $"global:\n  scrape_interval: {Duration(ScrapeInterval)}\n  scrape_timeout: {Duration(ScrapeTimeout)}\n");
        if (OutOfOrderWindow is not null) text.Append(CultureInfo.InvariantCulture, $"storage:\n  tsdb:\n    out_of_order_time_window: {OutOfOrderWindow}\n");
        if (RemoteWriteUrl is not null)
        {
            // Sent at once, so that a test need not wait for the usual 5 s.
            text.Append(CultureInfo.InvariantCulture, $"remote_write:\n  - url: {RemoteWriteUrl}\n    queue_config:\n");
            text.Append("      batch_send_deadline: 200ms\n      max_backoff: 500ms\n");
        }

        text.Append(Jobs.Count == 0 ? "scrape_configs: []\n" : "scrape_configs:\n");
        foreach (var job in Jobs) job.Write(text);
        return text.ToString();
    }

    internal static string Duration(TimeSpan duration) => string.Create(CultureInfo.InvariantCulture, $"{(long)duration.TotalMilliseconds}ms");
}

/// <summary>One job with one target.</summary>
/// <param name="Name">Unique; the label <c>job</c>.</param>
/// <param name="Port">On the loopback interface.</param>
/// <param name="Path">Of the exposition.</param>
internal sealed record ScrapeJob(string Name, int Port, string Path = "/prom/metrics")
{
    /// <summary>Sent as <c>?consumer=</c>; null sends none.</summary>
    public string? Consumer { get; init; }

    /// <summary>Null is that of the whole file.</summary>
    public TimeSpan? ScrapeInterval { get; init; }

    /// <summary>
    /// <c>scrape_protocols</c>, such as <c>PrometheusText0.0.4</c>. Prometheus 2.49 and newer; an older one asks for OpenMetrics always and refuses a
    /// file with this option: there <see cref="Proxy"/> can replace what is asked for.
    /// </summary>
    public string? ScrapeProtocol { get; init; }

    /// <summary>More lines of the job, such as <c>sample_limit: 50</c>.</summary>
    public IReadOnlyList<string> More { get; init; } = [];

    internal void Write(StringBuilder text)
    {
        text.Append(CultureInfo.InvariantCulture, $"  - job_name: {Name}\n    metrics_path: {Path}\n");
        text.Append(CultureInfo.InvariantCulture, $"    static_configs:\n      - targets: [\"127.0.0.1:{Port}\"]\n");
        if (Consumer is not null) text.Append(CultureInfo.InvariantCulture, $"    params:\n      consumer: [{Consumer}]\n");
        if (ScrapeInterval is { } interval)
        {
            var duration = PrometheusConfiguration.Duration(interval);
            text.Append(CultureInfo.InvariantCulture, $"    scrape_interval: {duration}\n    scrape_timeout: {duration}\n");
        }

        if (ScrapeProtocol is not null) text.Append(CultureInfo.InvariantCulture, $"    scrape_protocols: [{ScrapeProtocol}]\n");
        foreach (var line in More) text.Append(CultureInfo.InvariantCulture, $"    {line}\n");
    }
}
