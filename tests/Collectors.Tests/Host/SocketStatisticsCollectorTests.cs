using System.Text;
using Gateway.Collectors.Host;
using Gateway.TestKit;
using Xunit;

namespace Gateway.Collectors.Tests.Host;

public sealed class SocketStatisticsCollectorTests
{
    [Fact]
    public async Task Exposes_both_protocol_families()
    {
        // The page size is the machine's; the recorded text has that of x86-64.
        var expected = await File.ReadAllTextAsync(FixtureRoot.PathOf("exposed/sockstat.txt"));
        expected = expected.Replace("mem_bytes 20480", $"mem_bytes {5 * Environment.SystemPageSize}", StringComparison.Ordinal)
            .Replace("mem_bytes 12288", $"mem_bytes {3 * Environment.SystemPageSize}", StringComparison.Ordinal);
        Assert.Equal(expected, await Exposed.TextAsync(new SocketStatisticsCollector(FixtureRoot.HostPaths)));
    }

    [Theory]
    [InlineData("no colon", "TCP inuse 1")]
    [InlineData("no protocol", ": inuse 1")]
    [InlineData("name without a value", "TCP: inuse")]
    [InlineData("value is a word", "TCP: inuse many")]
    [InlineData("value runs into a word", "TCP: inuse 1x")]
    public async Task Refuses_a_broken_line(string @case, string line)
    {
        using var tree = new ScratchHost();
        tree.Write("proc/net/sockstat", line + "\n");
        var fault = await Assert.ThrowsAsync<FormatException>(() => Exposed.TextAsync(new SocketStatisticsCollector(tree.Paths)));
        Assert.True(fault.Message.StartsWith("sockstat: expected", StringComparison.Ordinal), @case);
    }

    [Fact]
    public async Task Passes_over_values_it_does_not_know()
    {
        using var tree = new ScratchHost();
        tree.Write("proc/net/sockstat6", Encoding.UTF8.GetString("TCP6: inuse 2 later 7\n"u8));
        Assert.Equal(
            "# HELP node_sockstat_TCP6_inuse Figure inuse of the kernel for TCP6 sockets.\n# TYPE node_sockstat_TCP6_inuse gauge\nnode_sockstat_TCP6_inuse 2\n",
            await Exposed.TextAsync(new SocketStatisticsCollector(tree.Paths)));
    }

    [Fact]
    public async Task Says_that_there_is_no_data_without_both_files()
    {
        using var tree = new ScratchHost();
        await Assert.ThrowsAsync<NoDataException>(() => Exposed.TextAsync(new SocketStatisticsCollector(tree.Paths)));
    }
}
