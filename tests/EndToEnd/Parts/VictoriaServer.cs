using System.Globalization;
using System.Net;
using System.Text.Json;
using Gateway.TestKit;

namespace Gateway.EndToEnd.Parts;

/// <summary>A throw-away VictoriaMetrics, single node: that of the Debian package, or <c>VICTORIA_BIN</c>. It keeps what it is given for 100 years.</summary>
internal sealed class VictoriaServer : PeerServer
{
    /// <summary>Last time that an export asks for: 2 days from now, the farthest that the server takes.</summary>
    private const long Future = 2L * 86_400_000;

    /// <summary>It keeps decimal numbers: of a double without a short decimal form, 12 digits remain (measured with thirds, 1.79).</summary>
    private const double Precision = 1e-12;

    private readonly IReadOnlyList<string> _flags;

    private VictoriaServer(string dataFolder, IReadOnlyList<string> flags)
        : base("victoria-metrics", "VICTORIA_BIN", dataFolder) => _flags = flags;

    /// <summary>Takes remote write 1.0.</summary>
    public string RemoteWriteUrl => $"http://127.0.0.1:{Port}/api/v1/write";

    protected override string ReadyPath => "/health";

    /// <summary>Starts it and waits until it is ready.</summary>
    /// <param name="folder">Of the test.</param>
    /// <param name="name">Unique in the folder: names its data folder.</param>
    /// <param name="deduplicate">What is delivered twice is shown once (<c>-dedup.minScrapeInterval=1ms</c>); without it both are kept and shown.</param>
    /// <param name="flags">Of the command line, behind ours.</param>
    public static async Task<VictoriaServer> StartAsync(TempFolder folder, string name = "victoria", bool deduplicate = false, params string[] flags)
    {
        var server = new VictoriaServer(folder[name], deduplicate ? ["-dedup.minScrapeInterval=1ms", .. flags] : flags);
        await server.StartAsync();
        return server;
    }

    /// <summary>Gives it samples in the text format, timestamps in milliseconds.</summary>
    public async Task ImportAsync(string text)
    {
        using var content = new StringContent(text);
        using var answer = await Client.PostAsync("/api/v1/import/prometheus", content);
        if (answer.StatusCode != HttpStatusCode.NoContent)
            throw new InvalidOperationException($"Import: {(int)answer.StatusCode} {await answer.Content.ReadAsStringAsync()}");
    }

    /// <summary>
    /// All samples of a selector, each series in the order of time, what it took just now included. Stale markers are not among them, nor is NaN,
    /// which cannot be told from them.
    /// </summary>
    /// <param name="selector">Such as <c>{__name__=~"record_.+"}</c>.</param>
    /// <param name="from">First time, Unix milliseconds.</param>
    /// <param name="to">Last time; null for all.</param>
    public async Task<StoredSamples> RawSamplesAsync(string selector, long from = 0, long? to = null)
    {
        await FlushAsync();
        var stored = new StoredSamples { Precision = Precision };
        var (start, end) = (Seconds(Math.Max(from, 1)), Seconds(to ?? Clock.Now + Future));
        var url = string.Create(CultureInfo.InvariantCulture, $"/api/v1/export?match[]={Uri.EscapeDataString(selector)}&start={start}&end={end}");
        await using var body = await Client.GetStreamAsync(url);
        using var reader = new StreamReader(body);
        while (await reader.ReadLineAsync() is { } line)
        {
            using var document = JsonDocument.Parse(WithQuotedInfinities(line));
            var samples = stored.Of(document.RootElement.GetProperty("metric"));
            var times = document.RootElement.GetProperty("timestamps");
            var values = document.RootElement.GetProperty("values");
            for (var i = 0; i < values.GetArrayLength(); i++)
            {
                if (Value(values[i]) is { } value) samples.Add(new Sample(times[i].GetInt64(), value));
            }
        }

        stored.RemoveEmpty();
        return stored;
    }

    /// <summary>Makes what it took searchable.</summary>
    public async Task FlushAsync() => await Client.GetStringAsync("/internal/force_flush");

    /// <summary>Merges all parts into one per month, so that its size can be compared, and waits for the end.</summary>
    public async Task MergeAsync()
    {
        await FlushAsync();
        // One forced merge takes 15 parts at most, and begins only after it was answered: what shows the end is the number of parts.
        await Poll.UntilAsync("VictoriaMetrics has merged", async () =>
        {
            if (await OwnMetricAsync("vm_active_force_merges") > 0 || await OwnMetricAsync("vm_active_merges") > 0) return false;
            if (await OwnMetricAsync("vm_parts", "type=storage/") <= Months()) return true;
            await Client.GetStringAsync("/internal/force_merge");
            return false;
        });
    }

    /// <summary>Bytes on disk: of values and times, and of the index.</summary>
    public (long Data, long Index) DiskBytes() => (Bytes("data"), Bytes("indexdb"));

    protected override IEnumerable<string> Arguments() =>
    [
        string.Create(CultureInfo.InvariantCulture, $"-httpListenAddr=127.0.0.1:{Port}"), $"-storageDataPath={DataFolder}", "-retentionPeriod=100y", .. _flags,
    ];

    private int Months() => Directory.EnumerateDirectories(Path.Join(DataFolder, "data", "small"), "????_??").Count();

    private long Bytes(string part) =>
        new DirectoryInfo(Path.Join(DataFolder, part)).EnumerateFiles("*", SearchOption.AllDirectories).Sum(file => file.Length);

    private static decimal Seconds(long milliseconds) => milliseconds / 1000m;

    /// <summary>1.79 writes infinities without quotes, which is no JSON. The values come last but one, so a label that looks like them is not touched.</summary>
    private static string WithQuotedInfinities(string line)
    {
        var end = line.LastIndexOf("],\"timestamps\":[", StringComparison.Ordinal);
        var start = end < 0 ? -1 : line.LastIndexOf("\"values\":[", end, StringComparison.Ordinal);
        if (start < 0) return line;
        var given = line.AsSpan(start, end - start);
        if (!given.Contains("Inf", StringComparison.Ordinal) || given.Contains("Infinity", StringComparison.Ordinal)) return line;
        var values = line[start..end].Replace("+Inf", "\"+Inf\"", StringComparison.Ordinal).Replace("-Inf", "\"-Inf\"", StringComparison.Ordinal);
        return $"{line[..start]}{values}{line[end..]}";
    }

    /// <summary>Infinities are text, a stale marker is null.</summary>
    private static double? Value(JsonElement element) => element.ValueKind switch
    {
        JsonValueKind.Null => null,
        JsonValueKind.Number => element.GetDouble(),
        _ => element.GetString() switch
        {
            "Infinity" or "+Inf" => double.PositiveInfinity,
            "-Infinity" or "-Inf" => double.NegativeInfinity,
            { } other => throw new FormatException($"value {other}"),
            null => null,
        },
    };
}
