using System.Text;
using Gateway.Collectors.Host;
using Gateway.TestKit;
using Xunit;

namespace Gateway.Collectors.Tests.Host;

public sealed class NetworkDeviceCollectorTests
{
    private const string Zeros = " 0 0 0 0 0 0 0 0 0 0 0 0 0 0 0";

    public static TheoryData<string, string, string> Malformed => new() // case, line, part of the message
    {
        { "no colon", "eth0 1 2 3", "device name and a colon" },
        { "no name", "  : 1" + Zeros, "device name and a colon" },
        { "no counters", "eth0:", "number 1 is none" },
        { "one counter too few", "eth0:" + Zeros, "number 16 is none" },
        { "a word", "eth0: x" + Zeros, "number 1 is none" },
        { "negative", "eth0: -1" + Zeros, "number 1 is none" },
        { "larger than 64 bits", "eth0: 18446744073709551616" + Zeros, "number 1 is none" },
        { "number runs into a word", "eth0: 1x" + Zeros, "number 1 is none" },
    };

    public static TheoryData<string, string, string, ulong> Valid => new() // case, line, name, first counter
    {
        { "padded", "  eth0:   17" + Zeros, "eth0", 17 },
        { "wide counter touches the colon", "eth0:123456789012" + Zeros, "eth0", 123456789012 },
        { "alias with a colon of its own", "eth0:1: 5" + Zeros, "eth0:1", 5 },
        { "vlan", "eth0.100: 5" + Zeros, "eth0.100", 5 },
        { "largest counter", "eth0: 18446744073709551615" + Zeros, "eth0", ulong.MaxValue },
        { "columns of a later kernel", "eth0: 5" + Zeros + " 7 8", "eth0", 5 },
    };

    [Fact]
    public Task Exposes_all_counters_of_all_devices_but_loopback() =>
        GoldenText.AssertAsync("netdev", new NetworkDeviceCollector(FixtureRoot.HostPaths, new NetworkDeviceOptions()));

    [Fact]
    public async Task Takes_only_devices_that_the_options_ask_for()
    {
        var options = new NetworkDeviceOptions { Include = "^(eth|br)", Exclude = @"\." };
        var text = await Exposed.TextAsync(new NetworkDeviceCollector(FixtureRoot.HostPaths, options));
        var devices = text.Split('\n').Where(line => line.StartsWith("node_network_receive_bytes_total{", StringComparison.Ordinal)).Select(line => line.Split('"')[1]);
        Assert.Equal("eth0 br0", string.Join(' ', devices));
    }

    [Theory, MemberData(nameof(Valid))]
    public void Reads_a_line(string @case, string line, string name, ulong first)
    {
        var counters = NetworkDeviceCollector.ParseLine(Encoding.UTF8.GetBytes(line), 3, out var found);
        Assert.True(Encoding.UTF8.GetString(found) == name && counters[0] == first, @case);
    }

    [Theory, MemberData(nameof(Malformed))]
    public void Refuses_a_broken_line_with_its_number(string @case, string line, string message)
    {
        var fault = Assert.Throws<FormatException>(() => NetworkDeviceCollector.ParseLine(Encoding.UTF8.GetBytes(line), 7, out _));
        Assert.True(fault.Message.StartsWith("net/dev line 7: ", StringComparison.Ordinal) && fault.Message.Contains(message, StringComparison.Ordinal), @case);
    }

    [Fact]
    public async Task A_device_without_the_sysfs_counter_has_all_others()
    {
        using var tree = new ScratchHost();
        tree.Write("proc/net/dev", "titles\ntitles\n  eth0: 17" + Zeros + "\n");
        var text = await Exposed.TextAsync(new NetworkDeviceCollector(tree.Paths, new NetworkDeviceOptions()));
        Assert.Contains("node_network_receive_bytes_total{device=\"eth0\"} 17\n", text, StringComparison.Ordinal);
        Assert.DoesNotContain("nohandler", text, StringComparison.Ordinal);
    }
}
