using System.Globalization;
using System.Net;
using Gateway.EndToEnd.Parts;
using Gateway.TestKit;
using Xunit;

namespace Gateway.EndToEnd;

/// <summary>Sockets handed over by systemd, as <c>systemd-socket-activate</c> does it: it listens, and at the first connection becomes the service.</summary>
public sealed class SocketActivationTests : IDisposable
{
    /// <summary>Bit of open(2) in <c>/proc/{pid}/fdinfo</c>, octal there.</summary>
    private const int CloseOnExec = 0x80000;

    /// <summary>The first descriptor handed over, sd_listen_fds(3).</summary>
    private const int FirstDescriptor = 3;

    private readonly TempFolder _folder = new();

    [RequiresToolFact("systemd-socket-activate")]
    public async Task Serves_a_Unix_socket_of_systemd_and_leaves_its_file_in_place()
    {
        var socket = _folder["activated.sock"];
        await using var process = await ActivateAsync(socket);
        await Poll.UntilAsync("systemd-socket-activate listens", () => File.Exists(socket), evidence: () => process.Errors);
        using var client = Http.Unix(socket, Http.Scraper);
        Assert.Contains("\nnode_load1 ", await client.GetStringAsync("/prom/metrics"), StringComparison.Ordinal);
        Assert.False(File.Exists(_folder["state/gateway.sock"]), "a socket of its own was made beside that of systemd");

        var fields = await File.ReadAllLinesAsync($"/proc/{process.Id}/fdinfo/{FirstDescriptor}");
        var flags = Convert.ToInt32(fields.Single(line => line.StartsWith("flags:", StringComparison.Ordinal))["flags:".Length..].Trim(), 8);
        Assert.True((flags & CloseOnExec) != 0, "a child would inherit the socket");

        await process.EndAsync(RunningProcess.Terminate, TimeSpan.FromSeconds(2));
        Assert.Equal(0, process.ExitCode);
        Assert.True(File.Exists(socket), "the socket belongs to systemd and was removed");
    }

    [RequiresToolFact("systemd-socket-activate")]
    public async Task Serves_a_TCP_socket_of_systemd()
    {
        var port = FreePort.Take();
        await using var process = await ActivateAsync(string.Create(CultureInfo.InvariantCulture, $"127.0.0.1:{port}"));
        using var client = Http.Tcp(port, Http.Checker);
        await Poll.UntilAsync("the activated service answers", async () =>
        {
            using var answer = await client.GetAsync("/prom/status");
            return answer.StatusCode == HttpStatusCode.OK;
        }, evidence: () => process.Output + process.Errors);
        await process.EndAsync(RunningProcess.Terminate, TimeSpan.FromSeconds(2));
        Assert.Equal(0, process.ExitCode);
    }

    [RequiresToolFact("systemd-socket-activate")]
    public async Task Refuses_a_TCP_socket_of_systemd_that_other_machines_reach()
    {
        var port = FreePort.Take();
        await using var process = await ActivateAsync(string.Create(CultureInfo.InvariantCulture, $"0.0.0.0:{port}"));
        using var client = Http.Tcp(port, Http.Checker);
        await Poll.UntilAsync("the connection starts the service", async () =>
        {
            try
            {
                using var answer = await client.GetAsync("/prom/status");
                Assert.Fail($"It was answered: {answer.StatusCode}");
            }
            catch (HttpRequestException)
            {
                // Closed, or not listening yet.
            }

            return process.HasExited;
        }, evidence: () => process.Output + process.Errors);
        await process.ExitedAsync();
        Assert.Equal(1, process.ExitCode);
        Assert.Contains($"listens on 0.0.0.0:{port}; it must be a Unix socket or a loopback address", process.Errors, StringComparison.Ordinal);
    }

    public void Dispose() => _folder.Dispose();

    private async Task<RunningProcess> ActivateAsync(string address)
    {
        // It starts the program with an empty environment, but for what is named.
        var runtime = Environment.GetEnvironmentVariable("DOTNET_ROOT") is { Length: > 0 } root ? new[] { "-E", $"DOTNET_ROOT={root}" } : [];
        return RunningProcess.Start(
            ToolPath.Find("systemd-socket-activate"), ["-l", address, .. runtime, await Product.ProgramAsync(), .. GatewayProcess.Options(_folder)], _folder.Path);
    }
}
