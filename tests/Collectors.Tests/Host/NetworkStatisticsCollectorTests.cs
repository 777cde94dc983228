using System.Text;
using Gateway.Collectors.Host;
using Gateway.Collectors.Host.Kernel;
using Gateway.Exposition;
using Gateway.TestKit;
using Xunit;

namespace Gateway.Collectors.Tests.Host;

public sealed class NetworkStatisticsCollectorTests
{
    public static TheoryData<string, string, string> MalformedPairs => new() // case, content, part of the message
    {
        { "names without values", "Tcp: A B\n", "no line of values" },
        { "fewer values", "Tcp: A B\nTcp: 1\n", "as many fields" },
        { "more values", "Tcp: A\nTcp: 1 2\n", "as many fields" },
        { "another protocol", "Tcp: A\nUdp: 1\n", "same protocol" },
        { "no colon", "Tcp A\nTcp 1\n", "same protocol" },
        { "blanks only", "   \n   \n", "same protocol" },
        { "value is a word", "Tcp: A\nTcp: many\n", "node_netstat_Tcp_A is not a number" },
    };

    [Fact]
    public Task Exposes_the_default_fields() =>
        GoldenText.AssertAsync("netstat", new NetworkStatisticsCollector(FixtureRoot.HostPaths, new NetworkStatisticsOptions()));

    [Fact]
    public async Task Exposes_other_fields_when_asked_for()
    {
        var text = await Exposed.TextAsync(new NetworkStatisticsCollector(FixtureRoot.HostPaths, new NetworkStatisticsOptions { Fields = "^Tcp_MaxConn$" }));
        Assert.Equal("# HELP node_netstat_Tcp_MaxConn Counter MaxConn of the kernel for Tcp.\n# TYPE node_netstat_Tcp_MaxConn untyped\nnode_netstat_Tcp_MaxConn -1\n", text);
    }

    [Theory, MemberData(nameof(MalformedPairs))]
    public void Refuses_pairs_of_lines_that_do_not_fit(string @case, string content, string message)
    {
        var fault = Assert.Throws<FormatException>(() => Pairs(NewColumns(), content));
        Assert.True(fault.Message.StartsWith("net/snmp: ", StringComparison.Ordinal) && fault.Message.Contains(message, StringComparison.Ordinal), @case + ": " + fault.Message);
    }

    [Fact]
    public void Columns_that_change_between_runs_are_read_anew()
    {
        var columns = NewColumns();
        Assert.Equal("node_netstat_Tcp_A 1\nnode_netstat_Tcp_B 2\n", Samples(Pairs(columns, "Tcp: A B\nTcp: 1 2\n")));
        Assert.Equal("node_netstat_Tcp_B 3\nnode_netstat_Udp_A 4\n", Samples(Pairs(columns, "Tcp: B\nTcp: 3\nUdp: A\nUdp: 4\n")));
    }

    [Fact]
    public void Refuses_more_fields_than_any_kernel_has()
    {
        var names = string.Concat(Enumerable.Range(0, NetworkStatisticsCollector.MaxColumns + 1).Select(i => $" F{i}"));
        var values = string.Concat(Enumerable.Repeat(" 1", NetworkStatisticsCollector.MaxColumns + 1));
        Assert.Contains("more than", Assert.Throws<FormatException>(() => Pairs(NewColumns(), $"Tcp:{names}\nTcp:{values}\n")).Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("spaces and tabs", "Ip6InOctets   \t 17\n", "node_netstat_Ip6_InOctets 17\n")]
    [InlineData("no 6 in the name", "InOctets 17\n", "")]
    [InlineData("no value", "Ip6InOctets\n", "")]
    [InlineData("blank line", "\n\nUdp6NoPorts 2\n", "node_netstat_Udp6_NoPorts 2\n")]
    public void Reads_lines_of_name_and_value(string @case, string content, string expected)
    {
        var samples = Samples(Lines(content));
        Assert.True(expected == samples, @case + ": " + samples);
    }

    [Fact]
    public void Refuses_a_line_whose_value_is_no_number() =>
        Assert.Contains("not a number", Assert.Throws<FormatException>(() => Lines("Ip6InOctets 1x\n")).Message, StringComparison.Ordinal);

    [Fact]
    public async Task Works_without_IPv6()
    {
        using var tree = new ScratchHost();
        tree.Write("proc/net/snmp", "Ip: Forwarding\nIp: 1\n").Write("proc/net/netstat", "IpExt: InOctets\nIpExt: 5\n");
        var text = await Exposed.TextAsync(new NetworkStatisticsCollector(tree.Paths, new NetworkStatisticsOptions()));
        Assert.Equal("node_netstat_IpExt_InOctets 5\nnode_netstat_Ip_Forwarding 1\n", Samples(text));
    }

    private static NetworkStatisticsCollector.Columns NewColumns() => new("net/snmp", new NameFilter("", ""), new Dictionary<string, MetricFamily>(StringComparer.Ordinal));

    private static string Pairs(NetworkStatisticsCollector.Columns columns, string content)
    {
        var sink = new MetricSink();
        NetworkStatisticsCollector.AddPairs(sink, Encoding.UTF8.GetBytes(content), columns);
        return Exposed.Text(sink.Batch);
    }

    private static string Lines(string content)
    {
        var sink = new MetricSink();
        NetworkStatisticsCollector.AddLines(sink, Encoding.UTF8.GetBytes(content), NewColumns());
        return Exposed.Text(sink.Batch);
    }

    private static string Samples(string text) =>
        string.Concat(text.Split('\n').Where(line => line.Length > 0 && line[0] != '#').Select(line => line + "\n"));
}
