using System.Net.Sockets;
using System.Text;
using Gateway.EndToEnd.Parts;
using Gateway.TestKit;
using Xunit;

namespace Gateway.EndToEnd;

/// <summary>What the service tells systemd, heard on a notification socket (sd_notify(3)).</summary>
public sealed class SystemdNotifyTests : IDisposable
{
    /// <summary>Half of it is the pause, the other half what a busy machine may add.</summary>
    private const long WatchdogMicroseconds = 4_000_000;

    private readonly TempFolder _folder = new();

    [Fact]
    public async Task Tells_systemd_of_start_life_and_stop()
    {
        using var systemd = new Socket(AddressFamily.Unix, SocketType.Dgram, ProtocolType.Unspecified);
        systemd.Bind(new UnixDomainSocketEndPoint(_folder["notify"]));
        var environment = new Dictionary<string, string?>(StringComparer.Ordinal)
        {
            ["NOTIFY_SOCKET"] = _folder["notify"],
            ["WATCHDOG_USEC"] = $"{WatchdogMicroseconds}",
        };
        await using var gateway = RunningProcess.Start(await Product.ProgramAsync(), GatewayProcess.Options(_folder), _folder.Path, environment);

        var ready = await UntilAsync(systemd, message => message.StartsWith("READY=1\n", StringComparison.Ordinal));
        Assert.Matches(@"\nSTATUS=\d+ collectors, not scraped yet$", ready[^1]);
        Assert.True(File.Exists(_folder["state/gateway.sock"]), "ready was said before the socket was there");

        var times = new List<long>();
        while (times.Count < 3)
        {
            await UntilAsync(systemd, message => message.StartsWith("WATCHDOG=1\nSTATUS=", StringComparison.Ordinal));
            times.Add(TimeProvider.System.GetTimestamp());
        }

        var pauses = times.Zip(times.Skip(1)).Select(pair => TimeProvider.System.GetElapsedTime(pair.First, pair.Second));
        Assert.All(pauses, pause => Assert.True(pause < TimeSpan.FromMicroseconds(WatchdogMicroseconds), $"systemd would have killed it after a pause of {pause}"));

        gateway.Signal(RunningProcess.Terminate);
        await UntilAsync(systemd, message => message.StartsWith("STOPPING=1", StringComparison.Ordinal));
        await gateway.ExitedAsync();
    }

    public void Dispose() => _folder.Dispose();

    /// <summary>Receives messages until one fits; returns all of them.</summary>
    private static async Task<IReadOnlyList<string>> UntilAsync(Socket systemd, Func<string, bool> fits)
    {
        var buffer = new byte[4096];
        var messages = new List<string>();
        var deadline = Poll.Deadline();
        do
        {
            var length = await systemd.ReceiveAsync(buffer, deadline);
            messages.Add(Encoding.UTF8.GetString(buffer, 0, length));
        }
        while (!fits(messages[^1]));
        return messages;
    }
}
