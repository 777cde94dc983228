using System.Globalization;
using System.Text.Json;
using Gateway.TestKit;

namespace Gateway.EndToEnd.Parts;

/// <summary>A throw-away Prometheus: that of the Debian package, or <c>PROMETHEUS_BIN</c>.</summary>
internal sealed class PrometheusServer : PeerServer
{
    /// <summary>Span of one query for raw samples: an hour of a thousand series every second is below the limit of 50 million samples per query.</summary>
    private const long MaxQueryMilliseconds = 3_600_000;

    private readonly string _configurationFile;
    private readonly IReadOnlyList<string> _flags;

    private PrometheusServer(string configurationFile, string dataFolder, IReadOnlyList<string> flags)
        : base("prometheus", "PROMETHEUS_BIN", dataFolder) => (_configurationFile, _flags) = (configurationFile, flags);

    /// <summary>Base of its HTTP API.</summary>
    public string Url => $"http://127.0.0.1:{Port}";

    /// <summary>Its remote write receiver; needs the flag <c>--web.enable-remote-write-receiver</c>.</summary>
    public string RemoteWriteUrl => $"{Url}/api/v1/write";

    protected override string ReadyPath => "/-/ready";

    /// <summary>Starts it with a configuration and waits until it is ready.</summary>
    public static Task<PrometheusServer> StartAsync(string configuration, TempFolder folder) => StartAsync(configuration, folder, "prometheus");

    /// <summary>Starts one of several with a configuration and waits until it is ready.</summary>
    /// <param name="configuration">Text of <c>prometheus.yml</c>, as <see cref="PrometheusConfiguration"/> gives it.</param>
    /// <param name="folder">Of the test.</param>
    /// <param name="name">Unique in the folder: names its file and its data folder.</param>
    /// <param name="flags">Of the command line, behind ours.</param>
    public static async Task<PrometheusServer> StartAsync(string configuration, TempFolder folder, string name, params string[] flags)
    {
        var server = new PrometheusServer(folder.Write($"{name}.yml", configuration), folder[name], flags);
        await server.StartAsync();
        return server;
    }

    /// <summary>Writes another configuration, which holds from the next start on.</summary>
    public void Configure(string configuration) => File.WriteAllText(_configurationFile, configuration);

    /// <summary>Waits until a job was scraped with success after a time. After a start the first scrape takes 5 s and up to one interval more.</summary>
    /// <param name="job">Name of the job.</param>
    /// <param name="after">Unix milliseconds.</param>
    /// <param name="limit">Longest wait; null for the usual.</param>
    public Task ScrapedAsync(string job, long after, TimeSpan? limit = null) =>
        Poll.UntilAsync(
            $"Prometheus has scraped {job}",
            async () => (await UpAsync(job, after)).Any(sample => sample.Value == 1),
            limit,
            () => Log);

    /// <summary>The samples of <c>up</c> of a job with one target since a time: one for each scrape, 1 for a good one.</summary>
    public async Task<IReadOnlyList<Sample>> UpAsync(string job, long from) =>
        [.. (await RawSamplesAsync($"up{{job=\"{job}\"}}", from, Clock.Now)).Series.Values.SelectMany(samples => samples)];

    /// <summary>
    /// All raw samples of a selector, each series in the order of time, with the milliseconds and the very values that are stored. Stale markers are
    /// not among them.
    /// </summary>
    /// <param name="selector">Instant vector selector such as <c>{__name__=~"record_.+",job="a"}</c>.</param>
    /// <param name="from">First time, Unix milliseconds, inclusive.</param>
    /// <param name="to">Last time, inclusive.</param>
    public async Task<StoredSamples> RawSamplesAsync(string selector, long from, long to)
    {
        var stored = new StoredSamples();
        for (var start = from; start <= to; start += MaxQueryMilliseconds)
        {
            var end = Math.Min(to, start + MaxQueryMilliseconds - 1);
            // One more than the span: a range is closed on the left up to Prometheus 2 and open from 3 on; what is too much is left out here.
            var range = string.Create(CultureInfo.InvariantCulture, $"{selector}[{end - start + 1}ms]");
            using var document = await AskAsync(range, end);
            foreach (var series in document.RootElement.GetProperty("data").GetProperty("result").EnumerateArray())
            {
                var samples = stored.Of(series.GetProperty("metric"));
                foreach (var pair in series.GetProperty("values").EnumerateArray())
                {
                    var time = (long)(pair[0].GetDecimal() * 1000);
                    if (time >= start && time <= end) samples.Add(new Sample(time, ParseValue(pair[1].GetString() ?? "")));
                }
            }
        }

        stored.RemoveEmpty();
        return stored;
    }

    /// <summary>The active targets: address, job, health, last error.</summary>
    public async Task<IReadOnlyList<(string Job, string Address, string Health, string LastError)>> TargetsAsync()
    {
        using var document = JsonDocument.Parse(await Client.GetStringAsync("/api/v1/targets?state=active"));
        return
        [
            .. document.RootElement.GetProperty("data").GetProperty("activeTargets").EnumerateArray().Select(target => (
                target.GetProperty("scrapePool").GetString() ?? "",
                target.GetProperty("discoveredLabels").GetProperty("__address__").GetString() ?? "",
                target.GetProperty("health").GetString() ?? "",
                target.GetProperty("lastError").GetString() ?? "")),
        ];
    }

    // Times of the tests lie up to weeks back; the default of 15 days would drop them.
    protected override IEnumerable<string> Arguments() =>
    [
        $"--config.file={_configurationFile}", $"--storage.tsdb.path={DataFolder}",
        string.Create(CultureInfo.InvariantCulture, $"--web.listen-address=127.0.0.1:{Port}"), "--storage.tsdb.retention.time=60d", .. _flags,
    ];
}
