using System.Text;
using Gateway.Collectors.Host;
using Gateway.Collectors.Host.Kernel;
using Gateway.TestKit;
using Xunit;

namespace Gateway.Collectors.Tests.Host;

public sealed class SoftnetCollectorTests
{
    public static TheoryData<string, string, string> Malformed => new() // case, line, part of the message
    {
        { "two columns", "1 2", "three hexadecimal numbers" },
        { "no hexadecimal number", "1 2 xyz 4", "three hexadecimal numbers" },
        { "negative", "1 -2 3", "three hexadecimal numbers" },
        { "number of the CPU is none", "1 2 3 0 0 0 0 0 0 0 0 0 zz", "the number of a CPU" },
        { "number of the CPU too large", "1 2 3 0 0 0 0 0 0 0 0 0 10000", "the number of a CPU" },
    };

    [Fact]
    public async Task Exposes_packets_per_CPU() => Assert.Equal(
        """
        # HELP node_softnet_processed_total Packets taken in by a CPU.
        # TYPE node_softnet_processed_total counter
        node_softnet_processed_total{cpu="0"} 89203
        node_softnet_processed_total{cpu="1"} 91709
        node_softnet_processed_total{cpu="3"} 36472
        # HELP node_softnet_dropped_total Packets dropped because the queue of the CPU was full.
        # TYPE node_softnet_dropped_total counter
        node_softnet_dropped_total{cpu="0"} 2
        node_softnet_dropped_total{cpu="1"} 0
        node_softnet_dropped_total{cpu="3"} 1
        # HELP node_softnet_times_squeezed_total Times a CPU had more packets to take in than its time or budget allowed.
        # TYPE node_softnet_times_squeezed_total counter
        node_softnet_times_squeezed_total{cpu="0"} 111
        node_softnet_times_squeezed_total{cpu="1"} 255
        node_softnet_times_squeezed_total{cpu="3"} 5

        """,
        await Exposed.TextAsync(new SoftnetCollector(FixtureRoot.HostPaths)));

    [Fact]
    public async Task Counts_lines_where_the_kernel_does_not_name_the_CPU()
    {
        using var host = new ScratchHost();
        host.Write("proc/net/softnet_stat", "a 0 0 0 0 0 0 0 0\nb 0 0 0 0 0 0 0 0\n");
        var text = await Exposed.TextAsync(new SoftnetCollector(host.Paths));
        Assert.Contains("node_softnet_processed_total{cpu=\"0\"} 10\n", text, StringComparison.Ordinal);
        Assert.Contains("node_softnet_processed_total{cpu=\"1\"} 11\n", text, StringComparison.Ordinal);
    }

    [Theory, MemberData(nameof(Malformed))]
    public void Says_which_line_is_wrong(string @case, string content, string message)
    {
        var fault = Assert.Throws<FormatException>(() => Parse(content));
        Assert.True(fault.Message.StartsWith("softnet_stat, line 2: expected " + message, StringComparison.Ordinal), $"{@case}: {fault.Message}");
    }

    private static void Parse(string content)
    {
        var lines = new LineReader(Encoding.UTF8.GetBytes("1 2 3\n" + content), "softnet_stat");
        while (lines.TryNext(out var line)) SoftnetCollector.Parse(lines, line);
    }
}
