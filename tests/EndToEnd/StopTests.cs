using System.Net.Sockets;
using System.Text;
using Gateway.EndToEnd.Parts;
using Gateway.TestKit;
using Xunit;

namespace Gateway.EndToEnd;

/// <summary>SIGTERM ends the service within two seconds, whatever its clients do, with exit code 0 and its socket removed.</summary>
public sealed class StopTests : IDisposable
{
    private static readonly TimeSpan Bound = TimeSpan.FromSeconds(2);

    private readonly TempFolder _folder = new();

    [Theory, InlineData(RunningProcess.Terminate), InlineData(RunningProcess.Interrupt)]
    public async Task Stops_when_idle(int signal)
    {
        await using var gateway = await GatewayProcess.StartAsync(_folder);
        await StopAsync(gateway, signal);
    }

    [RequiresToolFact("mkfifo")]
    public async Task Answers_a_scrape_under_way_before_it_stops()
    {
        // A collector that hangs: reading a pipe into which nobody writes blocks, and no cancellation ends it.
        Directory.CreateDirectory(_folder["proc"]);
        await RunningProcess.RunAsync(ToolPath.Find("mkfifo"), [_folder["proc/loadavg"]]);
        await using var gateway = await GatewayProcess.StartAsync(_folder, $"--Gateway:Host:ProcPath={_folder["proc"]}", "--Gateway:Collectors:loadavg:Timeout=30s");
        using var client = gateway.Client(Http.Scraper);
        client.DefaultRequestHeaders.Add("X-Prometheus-Scrape-Timeout-Seconds", "30");
        var scrape = client.GetStringAsync("/prom/metrics");
        // Opening the other end waits until the collector has opened its own.
        await using var hold = await Task.Run(() => new FileStream(_folder["proc/loadavg"], FileMode.Open, FileAccess.Write, FileShare.ReadWrite)).WaitAsync(Poll.Patience, TimeProvider.System);

        await StopAsync(gateway);
        var answer = await scrape;
        // With the time of a first scrape ever.
        Assert.Matches("(?m)^gateway_collector_success\\{collector=\"loadavg\"\\} 0 \\d+$", answer);
    }

    [Fact]
    public async Task Stops_with_kept_alive_connections()
    {
        await using var gateway = await GatewayProcess.StartAsync(_folder);
        using var client = gateway.Client(Http.Scraper);
        await Task.WhenAll(Enumerable.Range(0, 8).Select(_ => client.GetStringAsync("/prom/metrics")));
        await StopAsync(gateway);
    }

    [Fact]
    public async Task Stops_with_two_hundred_silent_connections()
    {
        await using var gateway = await GatewayProcess.StartAsync(_folder);
        var connections = new List<Socket>();
        for (var i = 0; i < 200; i++) connections.Add(await Http.ConnectAsync(gateway.Socket));
        await StopAsync(gateway);
        foreach (var connection in connections) connection.Dispose();
    }

    [Fact]
    public async Task Stops_while_a_client_is_in_the_middle_of_its_request()
    {
        await using var gateway = await GatewayProcess.StartAsync(_folder);
        using var connection = await Http.ConnectAsync(gateway.Socket);
        await connection.SendAsync(Encoding.ASCII.GetBytes("GET /prom/metrics HTTP/1.1\r\nHost:"));
        await StopAsync(gateway);
    }

    [Fact]
    public async Task A_socket_left_by_a_killed_service_is_replaced_by_the_next_start()
    {
        await using (var killed = await GatewayProcess.StartAsync(_folder))
        {
            await killed.Process.EndAsync(RunningProcess.Kill);
            Assert.True(File.Exists(killed.Socket), "kill -9 leaves the file, or this test shows nothing");
        }

        await using var gateway = await GatewayProcess.StartAsync(_folder);
        Assert.Contains("\nnode_load1 ", await gateway.ScrapeAsync(), StringComparison.Ordinal);
        await StopAsync(gateway);
    }

    public void Dispose() => _folder.Dispose();

    private static async Task StopAsync(GatewayProcess gateway, int signal = RunningProcess.Terminate)
    {
        var took = await gateway.Process.EndAsync(signal);
        Assert.True(took < Bound, $"it took {took.TotalSeconds:0.00} s\n{gateway.Log}");
        Assert.True(gateway.Process.ExitCode == 0, $"exit code {gateway.Process.ExitCode}\n{gateway.Log}");
        Assert.False(File.Exists(gateway.Socket), "the socket is still there");
    }
}
