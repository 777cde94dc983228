using Gateway.EndToEnd.Parts;
using Gateway.TestKit;
using Xunit;

namespace Gateway.EndToEnd;

/// <summary>A second service on the same socket is refused and does the first no harm.</summary>
public sealed class SecondInstanceTests : IDisposable
{
    private readonly TempFolder _folder = new();

    [Fact]
    public async Task A_second_service_on_the_same_socket_ends_with_one_sentence()
    {
        await using var first = await GatewayProcess.StartAsync(_folder);
        var (exitCode, output, errors) = await RunningProcess.RunAsync(
            await Product.ProgramAsync(), [$"--Gateway:StateDirectory={_folder["other"]}", $"--Gateway:Listen:Socket={first.Socket}"], _folder.Path);
        Assert.Equal(1, exitCode);
        Assert.Equal($"{first.Socket} is in use: another process listens there. Stop it or choose another Gateway:Listen:Socket.\n", errors);
        Assert.DoesNotContain("   at ", output, StringComparison.Ordinal);
        Assert.Contains("\nnode_load1 ", await first.ScrapeAsync(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_file_that_is_no_socket_is_not_replaced()
    {
        var file = _folder.Write("state/gateway.sock", "precious");
        await using var gateway = await GatewayProcess.LaunchAsync(_folder);
        await gateway.Process.ExitedAsync();
        Assert.Equal(1, gateway.Process.ExitCode);
        Assert.StartsWith($"{file} exists and is no socket", gateway.Process.Errors, StringComparison.Ordinal);
        Assert.Equal("precious", await File.ReadAllTextAsync(file));
    }

    public void Dispose() => _folder.Dispose();
}
