using System.Net;
using Gateway.TestKit;

namespace Gateway.EndToEnd.Parts;

/// <summary>The published service, running with state and socket in a folder of the test.</summary>
internal sealed class GatewayProcess : IAsyncDisposable
{
    private GatewayProcess(RunningProcess process, string socket) => (Process, Socket) = (process, socket);

    public RunningProcess Process { get; }

    /// <summary>Path of its Unix socket.</summary>
    public string Socket { get; }

    /// <summary>Starts it and waits until it is ready.</summary>
    public static async Task<GatewayProcess> StartAsync(TempFolder folder, params string[] options)
    {
        var gateway = await LaunchAsync(folder, options);
        await gateway.ReadyAsync();
        return gateway;
    }

    /// <summary>Starts it without waiting.</summary>
    public static async Task<GatewayProcess> LaunchAsync(TempFolder folder, params string[] options) =>
        new(RunningProcess.Start(await Product.ProgramAsync(), Options(folder, options), folder.Path), folder["state/gateway.sock"]);

    /// <summary>The arguments of a start whose state is in a folder.</summary>
    public static IEnumerable<string> Options(TempFolder folder, params IEnumerable<string> options) => [$"--Gateway:StateDirectory={folder["state"]}", .. options];

    /// <summary>Waits until <c>/-/ready</c> answers 200.</summary>
    public async Task ReadyAsync()
    {
        await Poll.UntilAsync("the service is ready", async () =>
        {
            if (Process.HasExited) throw new InvalidOperationException($"It ended with exit code {Process.ExitCode}.");
            using var client = Client("any");
            using var answer = await client.GetAsync("/-/ready");
            return answer.StatusCode == HttpStatusCode.OK;
        }, evidence: () => Log);
    }

    public string Log => $"{Process.Output}\n{Process.Errors}";

    public HttpClient Client(string agent, int connections = 64) => Http.Unix(Socket, agent, connections);

    /// <summary>One scrape of a path in the text format, as Prometheus would ask.</summary>
    public async Task<string> ScrapeAsync(string path = "/prom/metrics", string? accept = null)
    {
        using var client = Client(Http.Scraper);
        if (accept is not null) client.DefaultRequestHeaders.TryAddWithoutValidation("Accept", accept);
        return await client.GetStringAsync(path);
    }

    /// <summary>
    /// Scrapes both endpoints until they answer plain samples: before the first scrape ever a consumer counts as absent and is handed over what was buffered.
    /// </summary>
    public async Task BePresentAsync()
    {
        for (var i = 0; i < 2; i++)
        {
            await ScrapeAsync("/prom/metrics");
            await ScrapeAsync("/prom/deamon/metrics");
        }
    }

    public ValueTask DisposeAsync() => Process.DisposeAsync();
}
