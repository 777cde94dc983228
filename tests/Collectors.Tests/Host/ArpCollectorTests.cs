using Gateway.Collectors.Host;
using Gateway.TestKit;
using Xunit;

namespace Gateway.Collectors.Tests.Host;

public sealed class ArpCollectorTests
{
    [Fact]
    public Task Counts_entries_per_device() => GoldenText.AssertAsync("arp", new ArpCollector(FixtureRoot.HostPaths, new ArpOptions()));

    [Fact]
    public async Task Takes_only_devices_that_the_options_ask_for() => Assert.Equal(
        "# HELP node_arp_entries Entries of the ARP table, by device.\n# TYPE node_arp_entries gauge\nnode_arp_entries{device=\"br0\"} 2\n",
        await Exposed.TextAsync(new ArpCollector(FixtureRoot.HostPaths, new ArpOptions { Include = "0$", Exclude = "^(eth|tun)" })));

    [Theory]
    [InlineData("five columns", "10.0.0.1 0x1 0x2 00:11:22:33:44:55 *", "expected 6 columns")]
    [InlineData("type is a word", "10.0.0.1 ether 0x2 00:11:22:33:44:55 * eth0", "hexadecimal")]
    [InlineData("flags are a word", "10.0.0.1 0x1 C 00:11:22:33:44:55 * eth0", "hexadecimal")]
    public async Task Refuses_a_broken_line_with_its_number(string @case, string line, string message)
    {
        using var tree = new ScratchHost();
        tree.Write("proc/net/arp", "IP address       HW type     Flags       HW address            Mask     Device\n" + line + "\n");
        var fault = await Assert.ThrowsAsync<FormatException>(() => Exposed.TextAsync(new ArpCollector(tree.Paths, new ArpOptions())));
        Assert.True(fault.Message.StartsWith("net/arp line 2: ", StringComparison.Ordinal) && fault.Message.Contains(message, StringComparison.Ordinal), @case);
    }

    [Fact]
    public async Task An_empty_table_gives_nothing()
    {
        using var tree = new ScratchHost();
        tree.Write("proc/net/arp", "IP address       HW type     Flags       HW address            Mask     Device\n");
        Assert.Equal("", await Exposed.TextAsync(new ArpCollector(tree.Paths, new ArpOptions())));
    }

    [Fact]
    public async Task Says_that_there_is_no_data_without_the_table()
    {
        using var tree = new ScratchHost();
        await Assert.ThrowsAsync<NoDataException>(() => Exposed.TextAsync(new ArpCollector(tree.Paths, new ArpOptions())));
    }
}
