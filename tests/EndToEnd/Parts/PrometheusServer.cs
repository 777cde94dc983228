using System.Globalization;
using System.Text.Json;
using Gateway.TestKit;

namespace Gateway.EndToEnd.Parts;

/// <summary>A throw-away Prometheus of the Debian package, asked by its HTTP API.</summary>
internal sealed class PrometheusServer : IAsyncDisposable
{
    private readonly RunningProcess _process;
    private readonly HttpClient _client;

    private PrometheusServer(RunningProcess process, HttpClient client) => (_process, _client) = (process, client);

    /// <summary>Starts it with a configuration and waits until it is ready.</summary>
    public static async Task<PrometheusServer> StartAsync(string configuration, TempFolder folder)
    {
        var port = FreePort.Take();
        var process = RunningProcess.Start(
            ToolPath.Find("prometheus"),
            [
                $"--config.file={folder.Write("prometheus.yml", configuration)}", $"--storage.tsdb.path={folder["prometheus"]}",
                $"--web.listen-address=127.0.0.1:{port}",
            ]);
        var client = new HttpClient { BaseAddress = new Uri($"http://127.0.0.1:{port}"), Timeout = Poll.Patience };
        var server = new PrometheusServer(process, client);
        await Poll.UntilAsync("Prometheus is ready", async () =>
        {
            using var answer = await client.GetAsync("/-/ready");
            return answer.IsSuccessStatusCode;
        }, evidence: () => process.Errors);
        return server;
    }

    /// <summary>Its log.</summary>
    public string Log => _process.Errors;

    /// <summary>Result of an instant query: label sets and values.</summary>
    public async Task<IReadOnlyList<(IReadOnlyDictionary<string, string> Labels, double Value)>> QueryAsync(string expression)
    {
        using var document = JsonDocument.Parse(await _client.GetStringAsync($"/api/v1/query?query={Uri.EscapeDataString(expression)}"));
        return
        [
            .. document.RootElement.GetProperty("data").GetProperty("result").EnumerateArray().Select(series => (
                (IReadOnlyDictionary<string, string>)series.GetProperty("metric").EnumerateObject()
                    .ToDictionary(label => label.Name, label => label.Value.GetString() ?? "", StringComparer.Ordinal),
                ParseValue(series.GetProperty("value")[1].GetString() ?? ""))),
        ];
    }

    /// <summary>The active targets: address, job, health, last error.</summary>
    public async Task<IReadOnlyList<(string Job, string Address, string Health, string LastError)>> TargetsAsync()
    {
        using var document = JsonDocument.Parse(await _client.GetStringAsync("/api/v1/targets?state=active"));
        return
        [
            .. document.RootElement.GetProperty("data").GetProperty("activeTargets").EnumerateArray().Select(target => (
                target.GetProperty("scrapePool").GetString() ?? "",
                target.GetProperty("discoveredLabels").GetProperty("__address__").GetString() ?? "",
                target.GetProperty("health").GetString() ?? "",
                target.GetProperty("lastError").GetString() ?? "")),
        ];
    }

    public async ValueTask DisposeAsync()
    {
        _client.Dispose();
        await _process.DisposeAsync();
    }

    private static double ParseValue(string text) => text switch
    {
        "+Inf" => double.PositiveInfinity,
        "-Inf" => double.NegativeInfinity,
        _ => double.Parse(text, CultureInfo.InvariantCulture),
    };
}
