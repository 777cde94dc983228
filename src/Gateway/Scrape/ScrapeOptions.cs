using System.ComponentModel.DataAnnotations;

namespace Gateway.Scrape;

/// <summary>How a scrape is answered; section <c>Gateway:Scrape</c>.</summary>
internal sealed class ScrapeOptions
{
    public const string Section = "Gateway:Scrape";

    /// <summary>
    /// Time for a scrape whose request announces none in <c>X-Prometheus-Scrape-Timeout-Seconds</c>. 100 ms to 5 min, default 10 s. An announced time is
    /// used less 5 %, but at least 100 ms and at most 500 ms less.
    /// </summary>
    [Range(typeof(TimeSpan), "00:00:00.1", "00:05:00")]
    public TimeSpan Timeout { get; set; } = TimeSpan.FromSeconds(10);

    /// <summary>Longest announced time that is believed. 1 s to 10 min, default 2 min.</summary>
    [Range(typeof(TimeSpan), "00:00:01", "00:10:00")]
    public TimeSpan MaxTimeout { get; set; } = TimeSpan.FromMinutes(2);

    /// <summary>
    /// Scrapes that arrive this soon after a collection ended get its samples instead of a new collection. 0 s to 1 min, default 0 s (off). A collector never
    /// runs twice at a time, whatever this is.
    /// </summary>
    [Range(typeof(TimeSpan), "00:00:00", "00:01:00")]
    public TimeSpan CoalesceWindow { get; set; } = TimeSpan.Zero;

    /// <summary>Samples that one collector may give per run; with more, the run is dropped. 100 to 10,000,000, default 150,000.</summary>
    [Range(100, 10_000_000)]
    public int MaxSamplesPerCollector { get; set; } = 150_000;

    /// <summary>Scrapes answered at a time; further ones get 503. 1 to 1,000, default 16.</summary>
    [Range(1, 1_000)]
    public int MaxConcurrent { get; set; } = 16;
}
