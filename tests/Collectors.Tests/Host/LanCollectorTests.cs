using Gateway.Collectors.Host;
using Gateway.Collectors.Host.Kernel;
using Gateway.TestKit;
using Xunit;

namespace Gateway.Collectors.Tests.Host;

public sealed class LanCollectorTests
{
    [Fact]
    public Task Exposes_the_neighbours_that_netlink_lists() =>
        GoldenText.AssertAsync("lan-netlink", new LanCollector(FixtureRoot.HostPaths, new LanOptions(), new FakeRouteNetlink()));

    [Fact]
    public Task Exposes_the_ARP_table_of_another_procfs() => GoldenText.AssertAsync("lan-arp", new LanCollector(FixtureRoot.HostPaths, new LanOptions()));

    [Theory]
    [InlineData("EPERM", 1)]
    [InlineData("EACCES", 13)]
    [InlineData("EPROTONOSUPPORT", 93)]
    [InlineData("EAFNOSUPPORT", 97)]
    public async Task Falls_back_to_the_ARP_table_when_netlink_is_refused_and_does_not_ask_again(string @case, int error)
    {
        var netlink = new FakeRouteNetlink { Fault = new NetlinkException("cannot open a socket", error) };
        var collector = new LanCollector(FixtureRoot.HostPaths, new LanOptions(), netlink);
        await GoldenText.AssertAsync("lan-arp", collector);
        await GoldenText.AssertAsync("lan-arp", collector);
        Assert.True(netlink.Calls == 1, @case);
    }

    [Fact]
    public async Task Fails_when_netlink_fails_otherwise()
    {
        var netlink = new FakeRouteNetlink { Fault = new NetlinkException("no answer", 11) };
        await Assert.ThrowsAsync<NetlinkException>(() => Exposed.TextAsync(new LanCollector(FixtureRoot.HostPaths, new LanOptions(), netlink)));
    }

    [Fact]
    public async Task Reads_the_list_again_when_the_table_changed_meanwhile()
    {
        var netlink = new FakeRouteNetlink { InterruptedLists = 2 };
        await GoldenText.AssertAsync("lan-netlink", new LanCollector(FixtureRoot.HostPaths, new LanOptions(), netlink));
        Assert.Equal(4, netlink.Calls); // the links once, the neighbours three times
    }

    [Fact]
    public async Task Takes_the_third_list_as_it_is()
    {
        var netlink = new FakeRouteNetlink { InterruptedLists = 100 };
        await GoldenText.AssertAsync("lan-netlink", new LanCollector(FixtureRoot.HostPaths, new LanOptions(), netlink));
        Assert.Equal(4, netlink.Calls);
    }

    [Fact]
    public async Task Leaves_out_neighbours_beyond_the_limit_and_says_how_many()
    {
        var text = await Exposed.TextAsync(new LanCollector(FixtureRoot.HostPaths, new LanOptions { MaxDevices = 4 }, new FakeRouteNetlink()));
        Assert.Equal(4, text.Split("node_lan_device_info{").Length - 1);
        Assert.Contains("node_lan_devices_truncated 2\n", text, StringComparison.Ordinal);
        Assert.Contains("node_lan_devices{device=\"lan0\"} 3\n", text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Only_counts_when_asked_to()
    {
        var text = await Exposed.TextAsync(new LanCollector(FixtureRoot.HostPaths, new LanOptions { PerDevice = false }, new FakeRouteNetlink()));
        Assert.DoesNotContain("node_lan_device_", text, StringComparison.Ordinal);
        Assert.DoesNotContain("truncated", text, StringComparison.Ordinal);
        Assert.Contains("node_lan_neighbours{device=\"lan0\",family=\"ipv6\",state=\"reachable\"} 1\n", text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Takes_only_LANs_that_the_options_ask_for()
    {
        var options = new LanOptions { Include = "^lan", Exclude = "0$" };
        var text = await Exposed.TextAsync(new LanCollector(FixtureRoot.HostPaths, options, new FakeRouteNetlink()));
        Assert.Contains("node_lan_devices{device=\"lan1\"} 0\n", text, StringComparison.Ordinal);
        Assert.DoesNotContain("lan0", text, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("Ethernet, up", 1, 0x1003u, true)]
    [InlineData("Ethernet, down", 1, 0x1002u, false)]
    [InlineData("loopback", 772, 0x9u, false)]
    [InlineData("Ethernet type with the loopback flag", 1, 0x9u, false)]
    [InlineData("no address resolution", 1, 0x83u, false)]
    [InlineData("tunnel", 768, 0x1u, false)]
    public void Knows_a_LAN_by_type_and_flags(string @case, int hardwareType, uint flags, bool expected) =>
        Assert.True(LanCollector.IsLan(hardwareType, flags) == expected, @case);

    [Theory]
    [InlineData("address is a name", "router 0x1 0x2 00:11:22:33:44:55 * eth0", "IPv4 address")]
    [InlineData("five numbers", "10.0.0.1.1 0x1 0x2 00:11:22:33:44:55 * eth0", "IPv4 address")]
    [InlineData("number above 255", "10.0.0.256 0x1 0x2 00:11:22:33:44:55 * eth0", "IPv4 address")]
    [InlineData("five pairs", "10.0.0.1 0x1 0x2 00:11:22:33:44 * eth0", "six pairs")]
    [InlineData("no hexadecimal digits", "10.0.0.1 0x1 0x2 00:11:22:33:44:5g * eth0", "six pairs")]
    [InlineData("other separators", "10.0.0.1 0x1 0x2 00-11-22-33-44-55 * eth0", "six pairs")]
    public async Task Refuses_an_ARP_table_it_cannot_read(string @case, string line, string message)
    {
        using var tree = new ScratchHost();
        tree.Write("proc/net/arp", line + "\n").Write("sys/class/net/eth0/type", "1\n").Write("sys/class/net/eth0/flags", "0x1003\n");
        var fault = await Assert.ThrowsAsync<FormatException>(() => Exposed.TextAsync(new LanCollector(tree.Paths, new LanOptions())));
        Assert.True(fault.Message.Contains(message, StringComparison.Ordinal), @case);
    }

    [Fact]
    public async Task Says_that_there_is_no_data_without_any_source()
    {
        using var tree = new ScratchHost();
        await Assert.ThrowsAsync<NoDataException>(() => Exposed.TextAsync(new LanCollector(tree.Paths, new LanOptions())));
    }

    [Fact]
    public async Task Reads_the_table_of_this_machine()
    {
        var collector = new LanCollector(new HostPaths(), new LanOptions { MaxDevices = 65536 });
        Assert.Contains("node_lan_devices_truncated 0\n", await Exposed.TextAsync(collector), StringComparison.Ordinal);
    }
}
