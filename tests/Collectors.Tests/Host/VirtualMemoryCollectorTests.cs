using System.Text;
using Gateway.Collectors.Host;
using Gateway.Collectors.Host.Kernel;
using Gateway.TestKit;
using Xunit;

namespace Gateway.Collectors.Tests.Host;

public sealed class VirtualMemoryCollectorTests
{
    public static TheoryData<string, string> Malformed => new() // case, line
    {
        { "no number", "pgfault" },
        { "a word for a number", "pgfault many" },
        { "negative", "pgfault -1" },
        { "a field too many", "pgfault 1 2" },
    };

    [Fact]
    public async Task Exposes_paging_swapping_faults_and_kills() => Assert.Equal(
        """
        # HELP node_vmstat_pgpgin Field pgpgin of /proc/vmstat.
        # TYPE node_vmstat_pgpgin untyped
        node_vmstat_pgpgin 12003251
        # HELP node_vmstat_pgpgout Field pgpgout of /proc/vmstat.
        # TYPE node_vmstat_pgpgout untyped
        node_vmstat_pgpgout 48712233
        # HELP node_vmstat_pswpin Field pswpin of /proc/vmstat.
        # TYPE node_vmstat_pswpin untyped
        node_vmstat_pswpin 3
        # HELP node_vmstat_pswpout Field pswpout of /proc/vmstat.
        # TYPE node_vmstat_pswpout untyped
        node_vmstat_pswpout 192
        # HELP node_vmstat_pgfault Field pgfault of /proc/vmstat.
        # TYPE node_vmstat_pgfault untyped
        node_vmstat_pgfault 180553232
        # HELP node_vmstat_pgmajfault Field pgmajfault of /proc/vmstat.
        # TYPE node_vmstat_pgmajfault untyped
        node_vmstat_pgmajfault 5212
        # HELP node_vmstat_oom_kill Field oom_kill of /proc/vmstat.
        # TYPE node_vmstat_oom_kill untyped
        node_vmstat_oom_kill 1

        """,
        await Exposed.TextAsync(new VirtualMemoryCollector(FixtureRoot.HostPaths, new VirtualMemoryOptions())));

    [Fact]
    public async Task Exposes_the_fields_that_are_asked_for() => Assert.Equal(
        """
        # HELP node_vmstat_thp_fault_alloc Field thp_fault_alloc of /proc/vmstat.
        # TYPE node_vmstat_thp_fault_alloc untyped
        node_vmstat_thp_fault_alloc 881

        """,
        await Exposed.TextAsync(new VirtualMemoryCollector(FixtureRoot.HostPaths, new VirtualMemoryOptions { Fields = "^thp_" })));

    [Fact]
    public async Task Refuses_an_empty_file()
    {
        using var host = new ScratchHost();
        host.Write("proc/vmstat", "");
        await Assert.ThrowsAsync<FormatException>(() => Exposed.TextAsync(new VirtualMemoryCollector(host.Paths, new VirtualMemoryOptions())));
    }

    [Theory, MemberData(nameof(Malformed))]
    public void Says_which_line_is_wrong(string @case, string content)
    {
        var fault = Assert.Throws<FormatException>(() => Parse(content));
        Assert.True(fault.Message.StartsWith("vmstat, line 2: expected 'name number'", StringComparison.Ordinal), $"{@case}: {fault.Message}");
    }

    private static void Parse(string content)
    {
        var lines = new LineReader(Encoding.UTF8.GetBytes("nr_dirtied 1\n" + content), "vmstat");
        while (lines.TryNext(out var line)) VirtualMemoryCollector.Parse(lines, line, out _);
    }
}
