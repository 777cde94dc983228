using System.Net.Sockets;
using System.Text;
using Gateway.EndToEnd.Parts;
using Xunit;

namespace Gateway.EndToEnd;

/// <summary>Clients that send slowly, come in thousands or do not read harm nobody but themselves.</summary>
public sealed class MisbehavingClientTests : IDisposable
{
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

    public void Dispose() => _folder.Dispose();

    private static bool IsClosed(Socket connection) => connection.Poll(0, SelectMode.SelectRead);
}
