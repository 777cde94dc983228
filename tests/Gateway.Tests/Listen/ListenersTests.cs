using System.Net;
using System.Net.Sockets;
using Gateway.Listen;
using Gateway.TestKit;
using Gateway.Tests.Support;
using Microsoft.Extensions.DependencyInjection;
using Xunit;

namespace Gateway.Tests.Listen;

public sealed class ListenersTests
{
    [Fact]
    public async Task Listens_on_tcp_beside_the_socket_and_tells_the_port()
    {
        await using var gateway = await TestGateway.StartAsync("Gateway:Listen:Tcp=127.0.0.1:0");
        var listeners = gateway.Services.GetRequiredService<Listeners>();
        Assert.NotEqual(0, listeners.Tcp!.Port);
        Assert.Equal([$"unix:{gateway.SocketPath}", $"tcp:{listeners.Tcp}"], listeners.Addresses.OrderDescending());
        using var client = new HttpClient();
        Assert.Equal("ready\n", await client.GetStringAsync($"http://{listeners.Tcp}/-/ready").InTime());
    }

    [Fact]
    public async Task A_port_in_use_is_a_sentence_and_leaves_no_socket()
    {
        using var taken = new TcpListener(IPAddress.Loopback, 0);
        taken.Start();
        using var folder = new TempFolder();
        var (code, _, errors) = await RunningProgram.RunAsync(null, "--Gateway:StateDirectory=" + folder.Path, $"--Gateway:Listen:Tcp={taken.LocalEndpoint}");
        Assert.Equal(1, code);
        Assert.Equal($"Cannot listen on {taken.LocalEndpoint}: Address already in use. Choose another Gateway:Listen:Tcp.\n", errors);
        Assert.False(File.Exists(folder["gateway.sock"]));
    }

    [Fact]
    public async Task A_client_that_sends_nothing_is_closed_when_its_time_is_over_and_not_before()
    {
        var time = new ManualTimeProvider();
        await using var gateway = await TestGateway.StartAsync(new Setup { Time = time }, "Gateway:Listen:HeaderTimeout=10s");
        var timers = time.WaitingTimers;
        using var silent = await gateway.ConnectAsync(CancellationToken.None);
        await Eventually.TrueAsync(() => time.WaitingTimers > timers, "the connection is waited for");
        time.Advance(TimeSpan.FromSeconds(9));
        Assert.Equal(0, silent.Available);
        Assert.True(silent.Poll(0, SelectMode.SelectWrite));
        var end = silent.ReceiveAsync(new byte[1]);
        Assert.False(end.IsCompleted);
        time.Advance(TimeSpan.FromSeconds(2));
        Assert.Equal(0, await EndOf(end).InTime());
    }

    [Fact]
    public async Task A_silent_client_does_not_hold_up_a_stop()
    {
        await using var gateway = await TestGateway.StartAsync("Gateway:StopTimeout=1m");
        using var silent = await gateway.ConnectAsync(CancellationToken.None);
        await gateway.StopAsync().InTime();
    }

    [Fact]
    public async Task A_request_that_comes_byte_by_byte_is_answered()
    {
        await using var gateway = await TestGateway.StartAsync();
        using var slow = await gateway.ConnectAsync(CancellationToken.None);
        foreach (var letter in "GET /-/ready HTTP/1.1\r\nHost: g\r\nConnection: close\r\n\r\n") await slow.SendAsync(new[] { (byte)letter });
        using var reader = new StreamReader(new NetworkStream(slow));
        Assert.StartsWith("HTTP/1.1 200 OK\r\n", await reader.ReadToEndAsync().InTime(), StringComparison.Ordinal);
    }

    [Fact]
    public void Sockets_meant_for_another_process_are_not_taken_and_the_variables_are_gone()
    {
        Environment.SetEnvironmentVariable("LISTEN_PID", "1");
        Environment.SetEnvironmentVariable("LISTEN_FDS", "1");
        Assert.Empty(SocketActivation.Take());
        Assert.Null(Environment.GetEnvironmentVariable("LISTEN_PID"));
        Assert.Null(Environment.GetEnvironmentVariable("LISTEN_FDS"));
        Assert.Empty(SocketActivation.Take());
    }

    [Theory]
    [InlineData("0")]
    [InlineData("-1")]
    [InlineData("x")]
    [InlineData("")]
    public void A_number_of_sockets_that_is_none_is_none(string count)
    {
        Environment.SetEnvironmentVariable("LISTEN_PID", $"{Environment.ProcessId}");
        Environment.SetEnvironmentVariable("LISTEN_FDS", count);
        Assert.Empty(SocketActivation.Take());
    }

    /// <summary>An aborted connection may end with a reset as well as with an end of stream.</summary>
    private static async Task<int> EndOf(Task<int> receive)
    {
        try
        {
            return await receive;
        }
        catch (SocketException)
        {
            return 0;
        }
    }
}
