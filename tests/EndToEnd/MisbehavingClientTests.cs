using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Text;
using Gateway.EndToEnd.Parts;
using Gateway.TestKit;
using Xunit;

namespace Gateway.EndToEnd;

/// <summary>Clients that send slowly, come in thousands or do not read harm nobody but themselves.</summary>
public sealed class MisbehavingClientTests : IDisposable
{
    private const int LargeSeries = 40_000;
    private const string LastOfLarge = "\nlarge{number=\"40000\"} 40000\n";

    private readonly TempFolder _folder = new();

    [Fact]
    public async Task A_client_that_sends_its_headers_slowly_is_closed()
    {
        var limit = TimeSpan.FromSeconds(1);
        await using var gateway = await GatewayProcess.StartAsync(_folder, "--Gateway:Listen:HeaderTimeout=1s");
        using var connection = await Http.ConnectAsync(gateway.Socket);
        await connection.SendAsync(Encoding.ASCII.GetBytes("GET /prom/metrics HTTP/1.1\r\nHost: box\r\nX-Slow: "));
        var start = TimeProvider.System.GetTimestamp();
        // A byte with each turn of the wait, as such clients do.
        await Poll.UntilAsync("the service closes the connection", async () =>
        {
            try
            {
                if (connection.Available > 0 || connection.Poll(0, SelectMode.SelectRead)) return true;
                await connection.SendAsync("a"u8.ToArray());
                return false;
            }
            catch (SocketException)
            {
                return true;
            }
        });
        var took = TimeProvider.System.GetElapsedTime(start);
        // The web server looks at its timeouts once a second.
        Assert.InRange(took, limit / 2, limit + TimeSpan.FromSeconds(3));
    }

    [Fact]
    public async Task Two_thousand_connections_at_once_are_bounded_and_the_service_answers_afterwards()
    {
        const int Connections = 2_000;
        const int MaxConnections = 512;
        const long MostGrowth = 48L << 20;
        await using var gateway = await GatewayProcess.StartAsync(_folder);
        await gateway.ScrapeAsync();
        var before = gateway.Process.ResidentBytes();

        var connections = new List<Socket>();
        // The queue of connections not yet accepted is bounded as well: a full one refuses for a moment.
        for (var i = 0; i < Connections; i++)
            await Poll.UntilAsync("the kernel takes one more connection", async () => { connections.Add(await Http.ConnectAsync(gateway.Socket)); return true; });
        await Poll.UntilAsync("all but the allowed number are closed", () => connections.Count(IsClosed) >= Connections - MaxConnections);
        var grown = gateway.Process.ResidentBytes() - before;
        Assert.True(grown < MostGrowth, $"memory grew by {grown >> 20} MiB");
        foreach (var connection in connections) connection.Dispose();

        await Poll.UntilAsync("it answers again", async () => (await gateway.ScrapeAsync()).Contains("\nnode_load1 ", StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_client_that_does_not_read_its_answer_blocks_no_other()
    {
        await using var gateway = await StartWithLargeExpositionAsync();
        await gateway.BePresentAsync();
        using var stalled = await StallAsync(gateway);
        for (var i = 0; i < 5; i++) Assert.Contains(LastOfLarge, await gateway.ScrapeAsync(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Clients_that_do_not_read_lose_their_places_to_others()
    {
        const int MaxConcurrent = 4;
        await using var gateway = await StartWithLargeExpositionAsync($"--Gateway:Scrape:MaxConcurrent={MaxConcurrent}", "--Gateway:Scrape:Timeout=2s");
        var stalled = new List<Socket>();
        for (var i = 0; i < MaxConcurrent; i++) stalled.Add(await StallAsync(gateway));
        using (var client = gateway.Client(Http.Scraper))
        using (var refused = await client.GetAsync("/prom/metrics"))
        {
            Assert.Equal(HttpStatusCode.ServiceUnavailable, refused.StatusCode);
            Assert.Contains("scrapes are under way already", await refused.Content.ReadAsStringAsync(), StringComparison.Ordinal);
        }

        await Poll.UntilAsync("a place is free again", async () => (await gateway.ScrapeAsync()).Contains(LastOfLarge, StringComparison.Ordinal), evidence: () => gateway.Log);
        await Poll.UntilAsync("all of them are counted", async () =>
            (await gateway.ScrapeAsync()).Contains($"\ngateway_scrapes_total{{endpoint=\"/prom/metrics\",code=\"aborted\"}} {MaxConcurrent}\n", StringComparison.Ordinal));
        foreach (var connection in stalled) connection.Dispose();
    }

    public void Dispose() => _folder.Dispose();

    /// <summary>The service with an exposition far larger than all buffers between it and a client.</summary>
    private Task<GatewayProcess> StartWithLargeExpositionAsync(params string[] options)
    {
        var text = new StringBuilder("# HELP large Many samples.\n# TYPE large gauge\n");
        for (var i = 0; i <= LargeSeries; i++) text.Append(CultureInfo.InvariantCulture, $"large{{number=\"{i}\"}} {i}\n");
        _folder.Write("text/large.prom", text.ToString());
        return GatewayProcess.StartAsync(_folder, [$"--Gateway:Collectors:textfile:Directory={_folder["text"]}", .. options]);
    }

    /// <summary>A client that asks, sees the beginning of the answer and reads no further.</summary>
    private static async Task<Socket> StallAsync(GatewayProcess gateway)
    {
        var connection = await Http.ConnectAsync(gateway.Socket);
        await connection.SendAsync(Encoding.ASCII.GetBytes($"GET /prom/metrics HTTP/1.1\r\nHost: box\r\nUser-Agent: {Http.Scraper}\r\n\r\n"));
        var begin = new byte[12];
        await connection.ReceiveAsync(begin, Poll.Deadline());
        Assert.Equal("HTTP/1.1 200", Encoding.ASCII.GetString(begin));
        return connection;
    }

    private static bool IsClosed(Socket connection) => connection.Poll(0, SelectMode.SelectRead);
}
