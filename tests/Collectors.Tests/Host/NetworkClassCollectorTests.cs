using Gateway.Collectors.Host;
using Gateway.TestKit;
using Xunit;

namespace Gateway.Collectors.Tests.Host;

public sealed class NetworkClassCollectorTests
{
    [Fact]
    public Task Exposes_the_state_of_all_kinds_of_devices() =>
        GoldenText.AssertAsync("netclass", new NetworkClassCollector(FixtureRoot.HostPaths, new NetworkClassOptions()));

    [Fact]
    public async Task An_unknown_speed_can_be_left_out()
    {
        var text = await Exposed.TextAsync(new NetworkClassCollector(FixtureRoot.HostPaths, new NetworkClassOptions { IgnoreInvalidSpeed = true }));
        Assert.DoesNotContain("node_network_speed_bytes{device=\"br0\"}", text, StringComparison.Ordinal);
        Assert.Contains("node_network_speed_bytes{device=\"bond0\"} 250000000\n", text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Takes_only_devices_that_the_options_ask_for()
    {
        var text = await Exposed.TextAsync(new NetworkClassCollector(FixtureRoot.HostPaths, new NetworkClassOptions { Include = "^e", Exclude = "^enp" }));
        var devices = text.Split('\n').Where(line => line.StartsWith("node_network_up{", StringComparison.Ordinal)).Select(line => line.Split('"')[1]);
        Assert.Equal("eth0 eth0.100", string.Join(' ', devices));
    }

    [Fact]
    public async Task Attributes_that_answer_EINVAL_are_absent()
    {
        // The loopback device of every Linux has the attribute speed, and reading it fails with EINVAL.
        var sink = new MetricSink();
        var text = await Exposed.TextAsync(new NetworkClassCollector(new HostPaths(), new NetworkClassOptions { Include = "^lo$" }), sink);
        Assert.Contains("node_network_mtu_bytes{device=\"lo\"}", text, StringComparison.Ordinal);
        Assert.DoesNotContain("node_network_speed_bytes", text, StringComparison.Ordinal);
        Assert.Empty(sink.Faults);
    }

    [Theory]
    [InlineData("word", "many\n")]
    [InlineData("empty", "\n")]
    [InlineData("fraction", "1.5\n")]
    [InlineData("hexadecimal without digits", "0x\n")]
    [InlineData("beyond 64 bits", "0xffffffffffffffffff\n")]
    public async Task A_property_that_is_no_integer_costs_only_itself_and_is_reported(string @case, string content)
    {
        using var tree = new ScratchHost();
        tree.Write("sys/class/net/eth0/operstate", "up\n").Write("sys/class/net/eth0/mtu", content).Write("sys/class/net/eth0/flags", "0x1003\n");
        var sink = new MetricSink();
        var text = await Exposed.TextAsync(new NetworkClassCollector(tree.Paths, new NetworkClassOptions()), sink);
        Assert.Contains("node_network_flags{device=\"eth0\"} 4099\n", text, StringComparison.Ordinal);
        Assert.DoesNotContain("mtu", text, StringComparison.Ordinal);
        Assert.True(sink.Faults.Single().EndsWith("class/net/eth0/mtu: expected an integer.", StringComparison.Ordinal), @case);
    }

    [Fact]
    public async Task Devices_come_and_go_between_runs()
    {
        using var tree = new ScratchHost();
        tree.Write("sys/class/net/eth0/operstate", "up\n").Write("sys/class/net/eth1/operstate", "down\n");
        var collector = new NetworkClassCollector(tree.Paths, new NetworkClassOptions());
        var sink = new MetricSink();
        Assert.Contains("node_network_up{device=\"eth1\"} 0\n", await Exposed.TextAsync(collector, sink), StringComparison.Ordinal);
        tree.Delete("sys/class/net/eth1");
        tree.Write("sys/class/net/eth2/operstate", "up\n");
        var text = await Exposed.TextAsync(collector, sink);
        Assert.DoesNotContain("eth1", text, StringComparison.Ordinal);
        Assert.Contains("node_network_up{device=\"eth0\"} 1\nnode_network_up{device=\"eth2\"} 1\n", text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Says_that_there_is_no_data_without_the_folder()
    {
        using var tree = new ScratchHost();
        await Assert.ThrowsAsync<NoDataException>(() => Exposed.TextAsync(new NetworkClassCollector(tree.Paths, new NetworkClassOptions())));
    }
}
