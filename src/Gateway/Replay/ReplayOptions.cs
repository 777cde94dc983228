using System.ComponentModel.DataAnnotations;

namespace Gateway.Replay;

/// <summary>When the gateway buffers and how it hands over; section <c>Gateway:Replay</c>.</summary>
internal sealed class ReplayOptions : IValidatableObject
{
    public const string Section = "Gateway:Replay";

    /// <summary>Buffer while Prometheus is away and hand over afterwards. False: live samples only, nothing is written to the buffer. Default true.</summary>
    public bool Enabled { get; set; } = true;

    /// <summary>
    /// Scrape intervals without a valid scrape after which a consumer counts as absent and buffering begins. 1.1 to 100, default 1.5: the first missed scrape is
    /// noticed, a late one is not yet a missed one.
    /// </summary>
    [Range(1.1, 100.0)] public double AbsentAfterIntervals { get; set; } = 1.5;

    /// <summary>
    /// The <c>out_of_order_time_window</c> of the Prometheus that scrapes; 0 s when it has none. With one, snapshots up to this age less 5 min are handed over by
    /// scrape, and each page carries the live samples. Never more than what Prometheus has: one sample beyond it fails the whole scrape. 0 s or 10 min to 400 d, default 0 s.
    /// </summary>
    [Range(typeof(TimeSpan), "00:00:00", "400.00:00:00")] public TimeSpan OutOfOrderWindow { get; set; } = TimeSpan.Zero;

    /// <summary>
    /// Age up to which snapshots are handed over by scrape to a Prometheus without window; older ones wait for remote write or an export. 1 min to 59 min, default
    /// 55 min: Prometheus drops what is older than an hour.
    /// </summary>
    [Range(typeof(TimeSpan), "00:01:00", "00:59:00")] public TimeSpan MaxScrapeAge { get; set; } = TimeSpan.FromMinutes(55);

    /// <summary>Samples of one page. 1,000 to 5,000,000, default 250,000: about half a second of work for Prometheus.</summary>
    [Range(1_000, 5_000_000)] public int MaxPageSamples { get; set; } = 250_000;

    /// <summary>Bytes of one page before compression. 64 KiB to 256 MiB, default 16 MiB.</summary>
    [Range(64 << 10, 256 << 20)] public long MaxPageBytes { get; set; } = 16 << 20;

    /// <summary>
    /// How often a page that a confirmation by query did not find is repeated, first as it was, then smaller, before it is set aside for remote write or an export.
    /// 1 to 100, default 2.
    /// </summary>
    [Range(1, 100)] public int MaxRepeats { get; set; } = 2;

    /// <summary>Consumers that are expected: as long as one of them has never scraped, it counts as absent. Default <c>default</c>, the one without a name.</summary>
    public string[] Consumers { get; set; } = ["default"];

    /// <summary>Consumers with a queue of their own; further ones get live samples only. 1 to 64, default 16.</summary>
    [Range(1, 64)] public int MaxConsumers { get; set; } = 16;

    /// <summary>Time without a scrape after which a consumer and what it still had to get are forgotten. 1 h to 400 d, default 30 d.</summary>
    [Range(typeof(TimeSpan), "01:00:00", "400.00:00:00")] public TimeSpan ConsumerRetention { get; set; } = TimeSpan.FromDays(30);

    /// <summary>Pushes remembered in memory between two scrapes, so that an absence begins with the pushes before it was noticed. 0 to 1,000,000, default 10,000.</summary>
    [Range(0, 1_000_000)] public int MaxRecentPushes { get; set; } = 10_000;

    /// <summary>Oldest age that a scrape of this configuration can deliver.</summary>
    internal TimeSpan MaxAge => OutOfOrderWindow == TimeSpan.Zero ? MaxScrapeAge : OutOfOrderWindow - WindowMargin;

    /// <summary>True when pages may carry live samples.</summary>
    internal bool HasWindow => OutOfOrderWindow > TimeSpan.Zero;

    /// <summary>Kept away from the edge of the window: a page is built before it is stored, and the clocks differ.</summary>
    private static readonly TimeSpan WindowMargin = TimeSpan.FromMinutes(5);

    private static readonly TimeSpan ShortestWindow = TimeSpan.FromMinutes(10);

    private const int MaxConsumerCharacters = 64;

    public IEnumerable<ValidationResult> Validate(ValidationContext validationContext)
    {
        if (OutOfOrderWindow > TimeSpan.Zero && OutOfOrderWindow < ShortestWindow)
            yield return new ValidationResult("must be 0 s (none) or at least 10 min: 5 min of it are kept as a margin", [nameof(OutOfOrderWindow)]);
        if (Consumers.Length == 0 || Consumers.Length > MaxConsumers)
            yield return new ValidationResult("must name at least one consumer and no more than MaxConsumers", [nameof(Consumers)]);
        foreach (var name in Consumers)
        {
            if (!IsConsumerName(name)) yield return new ValidationResult($"must hold names of {NameRule}", [nameof(Consumers)]);
        }
    }

    /// <summary>What a name of a consumer may be, for messages.</summary>
    internal const string NameRule = "1 to 64 letters, digits, '-', '_' or '.'";

    internal static bool IsConsumerName(string name) =>
        name.Length is > 0 and <= MaxConsumerCharacters && name.All(c => char.IsAsciiLetterOrDigit(c) || c is '-' or '_' or '.');
}
