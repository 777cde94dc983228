using System.ComponentModel.DataAnnotations;

namespace Gateway.Push;

/// <summary>Pushed values; section <c>Gateway:Push</c>.</summary>
internal sealed class PushOptions
{
    public const string Section = "Gateway:Push";

    /// <summary>Series held; a push of one more is refused. 1 to 1,000,000, default 200,000. One series takes about 0.5 KiB of memory.</summary>
    [Range(1, 1_000_000)] public int MaxSeries { get; set; } = 200_000;

    /// <summary>Bytes of metric name, label names, label values and help of one push together, in UTF-8. 64 to 65,536, default 4,096.</summary>
    [Range(64, 65_536)] public int MaxBytesPerSeries { get; set; } = 4096;

    /// <summary>Bytes of the instance in UTF-8. 1 to 4,096, default 512.</summary>
    [Range(1, 4096)] public int MaxInstanceBytes { get; set; } = 512;

    /// <summary>Labels of one series, the instance included. 1 to 256, default 32.</summary>
    [Range(1, 256)] public int MaxLabels { get; set; } = 32;

    /// <summary>Pushes and deletions that wait for the disk at once; more are answered 503. 1 to 50,000, default 10,000.</summary>
    [Range(1, 50_000)] public int MaxWaiting { get; set; } = 10_000;

    /// <summary>
    /// Age of an explicit timestamp (<c>ts=</c>) up to which it is taken and served; an older one is refused, one that grows older is withheld. 1 min to 59 min,
    /// default 55 min: Prometheus drops samples older than an hour, or fails the whole scrape because of them.
    /// </summary>
    [Range(typeof(TimeSpan), "00:01:00", "00:59:00")] public TimeSpan MaxTimestampAge { get; set; } = TimeSpan.FromMinutes(55);

    /// <summary>How far an explicit timestamp may lie in the future. 0 to 10 min, default 10 min, the most that Prometheus takes.</summary>
    [Range(typeof(TimeSpan), "00:00:00", "00:10:00")] public TimeSpan MaxTimestampAhead { get; set; } = TimeSpan.FromMinutes(10);

    /// <summary>
    /// Pushes and deletions per second of one peer (the user behind a Unix socket, the address on TCP); more are answered 429. 0 for no bound.
    /// 0 to 1,000,000, default 20,000.
    /// </summary>
    [Range(0, 1_000_000)] public int MaxRequestsPerSecond { get; set; } = 20_000;

    /// <summary>Expose <c>gateway_push_time_seconds{metric,instance}</c>, the Unix time of the last push of each. Default false.</summary>
    public bool PushTimeSeries { get; set; }
}
