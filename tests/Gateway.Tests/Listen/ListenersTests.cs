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
}
