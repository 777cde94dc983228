using System.Net.Sockets;
using System.Text;
using Gateway.Status;
using Gateway.TestKit;
using Gateway.Tests.Support;
using Microsoft.Extensions.Logging;
using Xunit;

namespace Gateway.Tests.Status;

/// <summary>What systemd hears, on a datagram socket as it opens one.</summary>
public sealed class SystemdTests : IDisposable
{
    private readonly TempFolder _folder = new();
    private readonly Socket _systemd = new(AddressFamily.Unix, SocketType.Dgram, ProtocolType.Unspecified);
    private readonly Dictionary<string, string> _environment = new(StringComparer.Ordinal);

    public void Dispose()
    {
        _systemd.Dispose();
        _folder.Dispose();
    }

    [Fact]
    public async Task Hears_each_message_as_one_datagram()
    {
        Listen(_folder["notify"], _folder["notify"]);
        var notifier = Notifier();
        Assert.True(notifier.IsActive);
        notifier.Ready("3 collectors\nREADY=0\r\nevil");
        Assert.Equal("READY=1\nSTATUS=3 collectors READY=0 evil", await HearAsync());
        notifier.Status("fine");
        Assert.Equal("STATUS=fine", await HearAsync());
        notifier.Watchdog("fine");
        Assert.Equal("WATCHDOG=1\nSTATUS=fine", await HearAsync());
        notifier.Stopping();
        Assert.Equal("STOPPING=1\nSTATUS=stopping", await HearAsync());
    }

    [Fact]
    public async Task An_abstract_address_begins_with_an_at_sign()
    {
        var name = "gateway-test-" + Guid.NewGuid();
        Listen("\0" + name, "@" + name);
        Notifier().Status("x");
        Assert.Equal("STATUS=x", await HearAsync());
    }

    [Theory]
    [InlineData(null)]
    [InlineData("")]
    [InlineData("/nowhere/at/all")]
    [InlineData("vsock:2:1234")]
    [InlineData("/a/path/that/is/much/too/long/for/a/socket/address/aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa")]
    public void Nobody_who_listens_is_no_fault(string? address)
    {
        if (address is not null) _environment["NOTIFY_SOCKET"] = address;
        Notifier().Ready("x");
    }

    [Theory]
    [InlineData("30000000", null, 30)]
    [InlineData("30000000", "mine", 30)]
    [InlineData("30000000", "1", null)]
    [InlineData("0", null, null)]
    [InlineData("-5", null, null)]
    [InlineData("x", null, null)]
    [InlineData(null, null, null)]
    public void The_watchdog_is_for_this_process_or_not_at_all(string? microseconds, string? pid, int? seconds)
    {
        _environment["NOTIFY_SOCKET"] = "/x";
        if (microseconds is not null) _environment["WATCHDOG_USEC"] = microseconds;
        if (pid is not null) _environment["WATCHDOG_PID"] = pid == "mine" ? $"{Environment.ProcessId}" : pid;
        Assert.Equal(seconds is { } s ? TimeSpan.FromSeconds(s) : null, Notifier().WatchdogInterval);
    }

    [Fact]
    public async Task The_watchdog_is_fed_at_half_its_interval_and_only_while_the_probe_answers()
    {
        Listen(_folder["notify"], _folder["notify"]);
        _environment["WATCHDOG_USEC"] = "30000000";
        var time = new ManualTimeProvider();
        var log = new LogLines();
        var answers = new Queue<Func<Task<bool>>>(
            [() => Task.FromResult(true), () => Task.FromResult(false), () => Task.FromException<bool>(new IOException("no")), () => Task.FromResult(true)]);
        var turns = 0;
        using var service = new WatchdogService(
            Notifier(), _ => answers.Dequeue()(), () => $"turn {++turns}", time, log.For<WatchdogService>());
        await service.StartAsync(CancellationToken.None);
        Assert.Equal("WATCHDOG=1\nSTATUS=turn 1", await HearAsync());
        for (var i = 0; i < 3; i++)
        {
            await Eventually.TrueAsync(() => time.WaitingTimers == 1, "it rests");
            time.Advance(TimeSpan.FromSeconds(14));
            Assert.Equal(3 - i, answers.Count);
            time.Advance(TimeSpan.FromSeconds(1));
        }

        Assert.Equal("WATCHDOG=1\nSTATUS=turn 2", await HearAsync());
        Assert.Equal(
            [
                "Error WatchdogService: The scrape pipeline did not answer its probe; systemd's watchdog is not fed",
                "Error WatchdogService: The probe of the scrape pipeline failed; systemd's watchdog is not fed | IOException",
            ],
            log.From(LogLevel.Warning));
        await service.StopAsync(CancellationToken.None).InTime();
    }

    [Fact]
    public async Task Without_systemd_there_is_no_watchdog()
    {
        using var service = new WatchdogService(
            Notifier(), _ => throw new InvalidOperationException("asked"), () => "", new ManualTimeProvider(), new LogLines().For<WatchdogService>());
        await service.StartAsync(CancellationToken.None);
        await (service.ExecuteTask ?? Task.CompletedTask).InTime();
    }

    private SystemdNotifier Notifier() => new(name => _environment.GetValueOrDefault(name));

    private void Listen(string bind, string address)
    {
        _systemd.Bind(new UnixDomainSocketEndPoint(bind));
        _environment["NOTIFY_SOCKET"] = address;
    }

    private async Task<string> HearAsync()
    {
        var buffer = new byte[1000];
        return Encoding.UTF8.GetString(buffer, 0, await _systemd.ReceiveAsync(buffer).InTime());
    }
}
