using System.Globalization;
using Gateway.TestKit;

namespace Gateway.EndToEnd.Parts;

/// <summary>The Debian package's prometheus-node-exporter with its default collectors, whose names and series ours follow.</summary>
internal sealed class NodeExporter : IAsyncDisposable
{
    private readonly RunningProcess _process;
    private readonly HttpClient _client;

    private NodeExporter(RunningProcess process, HttpClient client) => (_process, _client) = (process, client);

    public static async Task<NodeExporter> StartAsync(params string[] options)
    {
        var port = FreePort.Take();
        var process = RunningProcess.Start(
            ToolPath.Find("prometheus-node-exporter"),
            [string.Create(CultureInfo.InvariantCulture, $"--web.listen-address=127.0.0.1:{port}"), "--web.disable-exporter-metrics", .. options]);
        await Poll.UntilAsync("node_exporter listens", () => FreePort.IsOpen(port), evidence: () => process.Errors);
        return new NodeExporter(process, Http.Tcp(port, Http.Scraper));
    }

    public Task<string> ScrapeAsync() => _client.GetStringAsync("/metrics");

    public async ValueTask DisposeAsync()
    {
        _client.Dispose();
        await _process.DisposeAsync();
    }
}
