using System.Net.Sockets;
using System.Text;
using Gateway.Exposition;
using Gateway.Scrape;
using Gateway.TestKit;
using Gateway.Tests.Support;
using Microsoft.Extensions.Logging;
using Xunit;

namespace Gateway.Tests.Listen;

public sealed class StopTests
{
    private static readonly TimeSpan Patient = TimeSpan.FromMinutes(1);

    [Fact]
    public async Task A_stop_finishes_a_scrape_under_way_and_removes_the_socket()
    {
        await using var gateway = await TestGateway.StartAsync("Gateway:StopTimeout=1m");
        var slow = new GatedCollector(obeys: true, sink => sink.Add(MetricFamily.Gauge("slow", "Slow."), 1));
        gateway.Registry.Register(new CollectorRegistration("slow", slow) { Timeout = Patient });
        var scrape = gateway.ScrapeAsync("X-Prometheus-Scrape-Timeout-Seconds: 60");
        await slow.Entered.InTime();
        var stop = gateway.StopAsync();
        slow.Release();
        using var response = await scrape;
        Assert.Contains("\nslow 1\n", await response.Content.ReadAsStringAsync(), StringComparison.Ordinal);
        await stop.InTime();
        Assert.False(File.Exists(gateway.SocketPath));
    }

    [Fact]
    public async Task A_collector_that_obeys_costs_a_stop_its_samples_only()
    {
        await using var gateway = await TestGateway.StartAsync("Gateway:StopTimeout=2s");
        var slow = new GatedCollector(obeys: true);
        gateway.Registry.Register(new CollectorRegistration("slow", slow) { Timeout = Patient });
        gateway.Register("good", new ScriptedCollector(sink => sink.Add(MetricFamily.Gauge("good", "Good."), 1)));
        var scrape = gateway.ScrapeAsync("X-Prometheus-Scrape-Timeout-Seconds: 60");
        await slow.Entered.InTime();
        var stop = gateway.StopAsync();
        using var response = await scrape;
        Assert.Contains("\ngood 1\n", await response.Content.ReadAsStringAsync(), StringComparison.Ordinal);
        await stop.InTime();
        Assert.Empty(gateway.Log.From(LogLevel.Warning));
    }

    [Fact]
    public async Task A_collector_that_hangs_for_ever_does_not_hold_up_a_stop()
    {
        await using var gateway = await TestGateway.StartAsync("Gateway:StopTimeout=200ms");
        var hanging = new GatedCollector(obeys: false);
        gateway.Registry.Register(new CollectorRegistration("hang", hanging) { Timeout = Patient });
        var scrape = gateway.ScrapeAsync("X-Prometheus-Scrape-Timeout-Seconds: 60");
        await hanging.Entered.InTime();
        await gateway.StopAsync().InTime(); // the scrape alone would take a minute
        Assert.False(File.Exists(gateway.SocketPath));
        await Assert.ThrowsAnyAsync<Exception>(() => scrape);
        hanging.Release();
    }

    [Fact]
    public async Task Sigterm_ends_the_program_with_code_0_and_systemd_hears_of_its_beginning_and_end()
    {
        using var folder = new TempFolder();
        using var systemd = new Socket(AddressFamily.Unix, SocketType.Dgram, ProtocolType.Unspecified);
        systemd.Bind(new UnixDomainSocketEndPoint(folder["notify"]));
        using var program = RunningProgram.Start(
            new Dictionary<string, string>(StringComparer.Ordinal) { ["NOTIFY_SOCKET"] = folder["notify"] }, "--Gateway:StateDirectory=" + folder["state"], "--Gateway:Log:Format=journald");
        var output = program.StandardOutput.ReadToEndAsync();
        var errors = program.StandardError.ReadToEndAsync();
        try
        {
            await HearAsync(systemd, "READY=1\n");
            Assert.True(FileOwner(folder["state/gateway.sock"]));
            using var kill = System.Diagnostics.Process.Start(new System.Diagnostics.ProcessStartInfo("kill", ["-TERM", $"{program.Id}"]) { UseShellExecute = false });
            await HearAsync(systemd, "STOPPING=1\n");
        }
        finally
        {
            await RunningProgram.EndAsync(program);
        }

        Assert.Equal((0, ""), (program.ExitCode, await errors));
        Assert.False(File.Exists(folder["state/gateway.sock"]));
        Assert.Contains($"<6>Lifecycle: Gateway {Gateway.Status.Build.Version} listens on unix:{folder["state/gateway.sock"]}; state in {folder["state"]}\n", await output, StringComparison.Ordinal);

        static bool FileOwner(string path) => Gateway.Listen.FileOwner.IsSocket(path);
    }

    private static async Task HearAsync(Socket systemd, string beginning)
    {
        var buffer = new byte[1000];
        string heard;
        do heard = Encoding.UTF8.GetString(buffer, 0, await systemd.ReceiveAsync(buffer).InTime());
        while (!heard.StartsWith(beginning, StringComparison.Ordinal));
    }
}
