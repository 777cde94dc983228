using System.ComponentModel.DataAnnotations;
using Gateway.Exposition;

namespace Gateway.Buffering.Outlets;

/// <summary>
/// Remote write 1.0 to Prometheus, VictoriaMetrics, Mimir and their like; section <c>Gateway:Replay:RemoteWrite</c>. Towards VictoriaMetrics run it with
/// <c>-dedup.minScrapeInterval=1ms</c>: what is sent again after a lost answer is stored twice otherwise.
/// </summary>
public sealed class RemoteWriteOptions : IValidatableObject
{
    public const string Section = "Gateway:Replay:RemoteWrite";

    /// <summary>Targets that one service writes to; each has a loop and a page in memory.</summary>
    public const int MaxTargets = 16;

    /// <summary>
    /// <c>off</c>; <c>undeliverable</c>: what no scrape can deliver; <c>always</c>: every snapshot from the moment when it is switched on. The default is
    /// <c>undeliverable</c> where a target is named, else <c>off</c>.
    /// </summary>
    public RemoteWriteMode? Mode { get; set; }

    /// <summary>Targets that need nothing but their URL; the same as <c>Targets:0:Url</c> and so on. Default none.</summary>
    public string[] Urls { get; set; } = [];

    /// <summary>Samples of one request at most. 1 to 50,000, default 5,000.</summary>
    [Range(1, 50_000)] public int MaxSamplesPerRequest { get; set; } = 5000;

    /// <summary>Bytes of one request at most, before compression. 1,024 to 67,108,864, default 4,194,304.</summary>
    [Range(1024, 64 << 20)] public int MaxRequestBytes { get; set; } = 4 << 20;

    /// <summary>Longest time for one request with its answer. 100 ms to 10 min, default 30 s.</summary>
    [Range(typeof(TimeSpan), "00:00:00.1", "00:10:00")] public TimeSpan Timeout { get; set; } = TimeSpan.FromSeconds(30);

    /// <summary>First pause after a failure; doubled with each further one, with jitter. 10 ms to 10 min, default 1 s.</summary>
    [Range(typeof(TimeSpan), "00:00:00.01", "00:10:00")] public TimeSpan MinBackoff { get; set; } = TimeSpan.FromSeconds(1);

    /// <summary>Longest pause after a failure. 10 ms to 1 h, default 1 min.</summary>
    [Range(typeof(TimeSpan), "00:00:00.01", "01:00:00")] public TimeSpan MaxBackoff { get; set; } = TimeSpan.FromMinutes(1);

    /// <summary>Longest pause that a target may ask for with <c>Retry-After</c>; a longer one is cut. 1 s to 1 day, default 5 min.</summary>
    [Range(typeof(TimeSpan), "00:00:01", "1.00:00:00")] public TimeSpan RetryAfterLimit { get; set; } = TimeSpan.FromMinutes(5);

    /// <summary>Pause when somebody must act: wrong credentials, receiver off, redirected, everything refused. 100 ms to 1 day, default 5 min.</summary>
    [Range(typeof(TimeSpan), "00:00:00.1", "1.00:00:00")] public TimeSpan RefusalPause { get; set; } = TimeSpan.FromMinutes(5);

    /// <summary>
    /// The format in which Prometheus scrapes this service, <c>openmetrics</c> or <c>text</c>: names of counters and bounds of buckets are written as a
    /// scrape in that format has them. Default <c>openmetrics</c>, which Prometheus prefers unless told otherwise.
    /// </summary>
    public ExpositionFormat Format { get; set; } = ExpositionFormat.OpenMetrics;

    /// <summary>As <c>honor_labels</c> of the job that scrapes <c>/prom/metrics</c>: whether a label of the series' own stays when an external one has its
    /// name. Default false.</summary>
    public bool HonorLabels { get; set; }

    /// <summary>The same for pushed series, <c>/prom/deamon/metrics</c>. Default true.</summary>
    public bool PushedHonorLabels { get; set; } = true;

    /// <summary>
    /// Labels given to each series, <c>ExternalLabels:&lt;name&gt;</c>. A scrape adds <c>job</c> and <c>instance</c>; the same two with the same values are
    /// needed here, or what is written becomes series of their own beside the scraped ones.
    /// </summary>
    public IDictionary<string, string> ExternalLabels { get; } = new Dictionary<string, string>(StringComparer.Ordinal);

    /// <summary>Labels of pushed series that differ from <see cref="ExternalLabels"/>, <c>PushedLabels:&lt;name&gt;</c>: usually <c>job</c>.</summary>
    public IDictionary<string, string> PushedLabels { get; } = new Dictionary<string, string>(StringComparer.Ordinal);

    /// <summary>The targets, <c>Targets:&lt;n&gt;</c>.</summary>
    public IList<RemoteWriteTargetOptions> Targets { get; } = [];

    /// <summary>The mode in force.</summary>
    public RemoteWriteMode EffectiveMode => Mode ?? (Urls.Length + Targets.Count > 0 ? RemoteWriteMode.Undeliverable : RemoteWriteMode.Off);

    /// <summary>All targets, those of <see cref="Urls"/> first.</summary>
    public IReadOnlyList<RemoteWriteTargetOptions> AllTargets => [.. Urls.Select(url => new RemoteWriteTargetOptions { Url = url }), .. Targets];

    /// <summary>Labels that pushed series are given.</summary>
    internal IEnumerable<KeyValuePair<string, string>> AllPushedLabels =>
        ExternalLabels.Where(label => !PushedLabels.ContainsKey(label.Key)).Concat(PushedLabels);

    /// <inheritdoc/>
    public IEnumerable<ValidationResult> Validate(ValidationContext validationContext)
    {
        foreach (var url in Urls)
        {
            if (RemoteWriteTargetOptions.UrlRule(url) is { } rule) yield return new ValidationResult(rule, [nameof(Urls)]);
        }

        if (MaxBackoff < MinBackoff) yield return new ValidationResult($"must not be below {nameof(MinBackoff)}", [nameof(MaxBackoff)]);
    }

    /// <summary>Faults that show only when targets and labels have been filled in: key below the section, and the rule.</summary>
    public IEnumerable<(string Key, string Rule)> CheckWhole()
    {
        var targets = AllTargets;
        if (EffectiveMode != RemoteWriteMode.Off && targets.Count == 0) yield return (nameof(Mode), "needs a target in Urls or Targets");
        if (targets.Count > MaxTargets) yield return (nameof(Targets), $"must be at most {MaxTargets}, those of Urls included");
        foreach (var twice in targets.GroupBy(target => target.EffectiveName, StringComparer.Ordinal).Where(group => group.Count() > 1))
            yield return (nameof(Targets), $"must have different names; '{twice.Key}' stands twice (give them a Name)");
        foreach (var name in ExternalLabels.Keys.Where(name => !IsExternalLabel(name))) yield return ($"{nameof(ExternalLabels)}:{name}", LabelRule);
        foreach (var name in PushedLabels.Keys.Where(name => !IsExternalLabel(name))) yield return ($"{nameof(PushedLabels)}:{name}", LabelRule);
    }

    private const string LabelRule = "must be a label name, letters, digits and _, not beginning with a digit or __, and neither le nor quantile";

    private static bool IsExternalLabel(string name) => MetricNames.IsLabelName(name) && name is not ("le" or "quantile");
}
