using System.Text;
using Gateway.Collectors.Host;
using Gateway.TestKit;
using Xunit;

namespace Gateway.Collectors.Tests.Host;

public sealed class ConnectionTrackingCollectorTests
{
    public static TheoryData<string, string, string> Malformed => new() // case, content, message
    {
        { "empty file", "", "nf_conntrack: expected a line of names, the file is empty." },
        { "a number is missing", "entries found drop\n1 2\n", "nf_conntrack, line 2: expected 3 hexadecimal numbers." },
        { "a number too many", "entries found\n1 2\n1 2 3\n", "nf_conntrack, line 3: expected 2 hexadecimal numbers." },
        { "no hexadecimal number", "entries found\n1 x\n", "nf_conntrack, line 2: expected 2 hexadecimal numbers." },
        { "too many names", string.Concat(Enumerable.Repeat("name ", 65)) + "\n", "nf_conntrack, line 1: expected at most 64 names." },
    };

    [Fact]
    public async Task Exposes_entries_and_events_of_all_CPUs_together() => Assert.Equal(
        """
        # HELP node_nf_conntrack_entries Connections in the table.
        # TYPE node_nf_conntrack_entries gauge
        node_nf_conntrack_entries 123
        # HELP node_nf_conntrack_entries_limit Connections the table may hold.
        # TYPE node_nf_conntrack_entries_limit gauge
        node_nf_conntrack_entries_limit 65536
        # HELP node_nf_conntrack_stat_found Look-ups that found a connection.
        # TYPE node_nf_conntrack_stat_found gauge
        node_nf_conntrack_stat_found 30
        # HELP node_nf_conntrack_stat_invalid Packets that could not be tracked.
        # TYPE node_nf_conntrack_stat_invalid gauge
        node_nf_conntrack_stat_invalid 15
        # HELP node_nf_conntrack_stat_ignore Packets that belonged to a connection already.
        # TYPE node_nf_conntrack_stat_ignore gauge
        node_nf_conntrack_stat_ignore 767
        # HELP node_nf_conntrack_stat_insert Connections put into the table.
        # TYPE node_nf_conntrack_stat_insert gauge
        node_nf_conntrack_stat_insert 3
        # HELP node_nf_conntrack_stat_insert_failed Connections that could not be put into the table.
        # TYPE node_nf_conntrack_stat_insert_failed gauge
        node_nf_conntrack_stat_insert_failed 1
        # HELP node_nf_conntrack_stat_drop Packets dropped because tracking failed.
        # TYPE node_nf_conntrack_stat_drop gauge
        node_nf_conntrack_stat_drop 4
        # HELP node_nf_conntrack_stat_early_drop Connections dropped from a full table to make room.
        # TYPE node_nf_conntrack_stat_early_drop gauge
        node_nf_conntrack_stat_early_drop 6
        # HELP node_nf_conntrack_stat_search_restart Look-ups started again because the table was being resized.
        # TYPE node_nf_conntrack_stat_search_restart gauge
        node_nf_conntrack_stat_search_restart 10

        """,
        await Exposed.TextAsync(new ConnectionTrackingCollector(FixtureRoot.HostPaths)));

    [Fact]
    public async Task Has_no_data_when_connections_are_not_tracked()
    {
        using var host = new ScratchHost();
        await Assert.ThrowsAsync<NoDataException>(() => Exposed.TextAsync(new ConnectionTrackingCollector(host.Paths)));
    }

    [Fact]
    public async Task Exposes_the_entries_alone_when_the_kernel_counts_no_events()
    {
        using var host = new ScratchHost();
        host.Write("proc/sys/net/netfilter/nf_conntrack_count", "1\n");
        host.Write("proc/sys/net/netfilter/nf_conntrack_max", "2\n");
        var text = await Exposed.TextAsync(new ConnectionTrackingCollector(host.Paths));
        Assert.Contains("node_nf_conntrack_entries 1\n", text, StringComparison.Ordinal);
        Assert.DoesNotContain("_stat_", text, StringComparison.Ordinal);
    }

    [Fact]
    public void Leaves_out_events_that_the_kernel_has_no_column_for()
    {
        Span<ulong?> sums = stackalloc ulong?[8];
        ConnectionTrackingCollector.Sum("drop entries\nff 1\n1 1\n"u8, sums);
        Assert.Equal([null, null, null, null, null, 256UL, null, null], sums.ToArray());
    }

    [Theory, MemberData(nameof(Malformed))]
    public void Says_what_is_wrong_with_a_file(string @case, string content, string message)
    {
        var fault = Assert.Throws<FormatException>(() => ConnectionTrackingCollector.Sum(Encoding.UTF8.GetBytes(content), new ulong?[8]));
        Assert.True(fault.Message == message, $"{@case}: {fault.Message}");
    }
}
