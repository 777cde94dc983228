using System.Text;
using Gateway.Collectors.Host;
using Gateway.Collectors.Host.Kernel;
using Gateway.Exposition;
using Gateway.TestKit;
using Xunit;

namespace Gateway.Collectors.Tests.Host;

public sealed class MemoryInfoCollectorTests
{
    public static TheoryData<string, string> Malformed => new() // case, line
    {
        { "no colon", "MemTotal 12 kB" },
        { "no name", ": 12 kB" },
        { "no number", "MemTotal:" },
        { "a word for a number", "MemTotal: much kB" },
        { "negative", "MemTotal: -1 kB" },
        { "another unit", "MemTotal: 12 MB" },
        { "a field too many", "MemTotal: 12 kB 3" },
    };

    public static TheoryData<string, bool, string> Names => new() // field, in kilobytes, family
    {
        { "MemTotal", true, "node_memory_MemTotal_bytes" },
        { "Active(anon)", true, "node_memory_Active_anon_bytes" },
        { "HugePages_Total", false, "node_memory_HugePages_Total" },
        { "Odd-Name.2", true, "node_memory_Odd_Name_2_bytes" },
    };

    [Fact]
    public async Task Exposes_each_line_as_a_gauge() => Assert.Equal(
        """
        # HELP node_memory_MemTotal_bytes Field MemTotal of /proc/meminfo, in bytes.
        # TYPE node_memory_MemTotal_bytes gauge
        node_memory_MemTotal_bytes 8238841856
        # HELP node_memory_MemFree_bytes Field MemFree of /proc/meminfo, in bytes.
        # TYPE node_memory_MemFree_bytes gauge
        node_memory_MemFree_bytes 309760000
        # HELP node_memory_MemAvailable_bytes Field MemAvailable of /proc/meminfo, in bytes.
        # TYPE node_memory_MemAvailable_bytes gauge
        node_memory_MemAvailable_bytes 5344284672
        # HELP node_memory_Buffers_bytes Field Buffers of /proc/meminfo, in bytes.
        # TYPE node_memory_Buffers_bytes gauge
        node_memory_Buffers_bytes 155156480
        # HELP node_memory_Cached_bytes Field Cached of /proc/meminfo, in bytes.
        # TYPE node_memory_Cached_bytes gauge
        node_memory_Cached_bytes 4719079424
        # HELP node_memory_SwapCached_bytes Field SwapCached of /proc/meminfo, in bytes.
        # TYPE node_memory_SwapCached_bytes gauge
        node_memory_SwapCached_bytes 12288
        # HELP node_memory_Active_bytes Field Active of /proc/meminfo, in bytes.
        # TYPE node_memory_Active_bytes gauge
        node_memory_Active_bytes 3079847936
        # HELP node_memory_Inactive_bytes Field Inactive of /proc/meminfo, in bytes.
        # TYPE node_memory_Inactive_bytes gauge
        node_memory_Inactive_bytes 4081299456
        # HELP node_memory_Active_anon_bytes Field Active(anon) of /proc/meminfo, in bytes.
        # TYPE node_memory_Active_anon_bytes gauge
        node_memory_Active_anon_bytes 821424128
        # HELP node_memory_Inactive_anon_bytes Field Inactive(anon) of /proc/meminfo, in bytes.
        # TYPE node_memory_Inactive_anon_bytes gauge
        node_memory_Inactive_anon_bytes 1503232000
        # HELP node_memory_Active_file_bytes Field Active(file) of /proc/meminfo, in bytes.
        # TYPE node_memory_Active_file_bytes gauge
        node_memory_Active_file_bytes 2258423808
        # HELP node_memory_Inactive_file_bytes Field Inactive(file) of /proc/meminfo, in bytes.
        # TYPE node_memory_Inactive_file_bytes gauge
        node_memory_Inactive_file_bytes 2578067456
        # HELP node_memory_Unevictable_bytes Field Unevictable of /proc/meminfo, in bytes.
        # TYPE node_memory_Unevictable_bytes gauge
        node_memory_Unevictable_bytes 3145728
        # HELP node_memory_Mlocked_bytes Field Mlocked of /proc/meminfo, in bytes.
        # TYPE node_memory_Mlocked_bytes gauge
        node_memory_Mlocked_bytes 49152
        # HELP node_memory_SwapTotal_bytes Field SwapTotal of /proc/meminfo, in bytes.
        # TYPE node_memory_SwapTotal_bytes gauge
        node_memory_SwapTotal_bytes 1023406080
        # HELP node_memory_SwapFree_bytes Field SwapFree of /proc/meminfo, in bytes.
        # TYPE node_memory_SwapFree_bytes gauge
        node_memory_SwapFree_bytes 1022619648
        # HELP node_memory_Dirty_bytes Field Dirty of /proc/meminfo, in bytes.
        # TYPE node_memory_Dirty_bytes gauge
        node_memory_Dirty_bytes 733184
        # HELP node_memory_Writeback_bytes Field Writeback of /proc/meminfo, in bytes.
        # TYPE node_memory_Writeback_bytes gauge
        node_memory_Writeback_bytes 0
        # HELP node_memory_AnonPages_bytes Field AnonPages of /proc/meminfo, in bytes.
        # TYPE node_memory_AnonPages_bytes gauge
        node_memory_AnonPages_bytes 2248192000
        # HELP node_memory_Committed_AS_bytes Field Committed_AS of /proc/meminfo, in bytes.
        # TYPE node_memory_Committed_AS_bytes gauge
        node_memory_Committed_AS_bytes 5462478848
        # HELP node_memory_VmallocTotal_bytes Field VmallocTotal of /proc/meminfo, in bytes.
        # TYPE node_memory_VmallocTotal_bytes gauge
        node_memory_VmallocTotal_bytes 35184372087808
        # HELP node_memory_HardwareCorrupted_bytes Field HardwareCorrupted of /proc/meminfo, in bytes.
        # TYPE node_memory_HardwareCorrupted_bytes gauge
        node_memory_HardwareCorrupted_bytes 0
        # HELP node_memory_HugePages_Total Field HugePages_Total of /proc/meminfo.
        # TYPE node_memory_HugePages_Total gauge
        node_memory_HugePages_Total 2
        # HELP node_memory_HugePages_Free Field HugePages_Free of /proc/meminfo.
        # TYPE node_memory_HugePages_Free gauge
        node_memory_HugePages_Free 1
        # HELP node_memory_HugePages_Rsvd Field HugePages_Rsvd of /proc/meminfo.
        # TYPE node_memory_HugePages_Rsvd gauge
        node_memory_HugePages_Rsvd 0
        # HELP node_memory_HugePages_Surp Field HugePages_Surp of /proc/meminfo.
        # TYPE node_memory_HugePages_Surp gauge
        node_memory_HugePages_Surp 0
        # HELP node_memory_Hugepagesize_bytes Field Hugepagesize of /proc/meminfo, in bytes.
        # TYPE node_memory_Hugepagesize_bytes gauge
        node_memory_Hugepagesize_bytes 2097152
        # HELP node_memory_DirectMap4k_bytes Field DirectMap4k of /proc/meminfo, in bytes.
        # TYPE node_memory_DirectMap4k_bytes gauge
        node_memory_DirectMap4k_bytes 226336768
        # HELP node_memory_DirectMap1G_bytes Field DirectMap1G of /proc/meminfo, in bytes.
        # TYPE node_memory_DirectMap1G_bytes gauge
        node_memory_DirectMap1G_bytes 2147483648

        """,
        await Exposed.TextAsync(new MemoryInfoCollector(FixtureRoot.HostPaths)));

    [Fact]
    public async Task Takes_up_fields_that_appear_later()
    {
        using var host = new ScratchHost();
        var collector = new MemoryInfoCollector(host.Paths);
        host.Write("proc/meminfo", "MemTotal: 1 kB\n");
        await Exposed.TextAsync(collector);
        host.Write("proc/meminfo", "Zswap: 2 kB\n\nMemTotal: 1 kB\n");
        var text = await Exposed.TextAsync(collector);
        Assert.Contains("node_memory_Zswap_bytes 2048\n", text, StringComparison.Ordinal);
        Assert.Contains("node_memory_MemTotal_bytes 1024\n", text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Refuses_an_empty_file()
    {
        using var host = new ScratchHost();
        host.Write("proc/meminfo", "");
        var fault = await Assert.ThrowsAsync<FormatException>(() => Exposed.TextAsync(new MemoryInfoCollector(host.Paths)));
        Assert.Contains("the file is empty", fault.Message, StringComparison.Ordinal);
    }

    [Theory, MemberData(nameof(Names))]
    public void Makes_a_legal_family_name(string field, bool isKilobytes, string expected)
    {
        var name = MemoryInfoCollector.FamilyName(Encoding.UTF8.GetBytes(field), isKilobytes);
        Assert.Equal(expected, name);
        Assert.True(MetricNames.IsMetricName(name));
    }

    [Theory, MemberData(nameof(Malformed))]
    public void Says_which_line_is_wrong(string @case, string content)
    {
        var fault = Assert.Throws<FormatException>(() => Parse(content));
        Assert.True(fault.Message.StartsWith("meminfo, line 2: expected 'Name: number kB'", StringComparison.Ordinal), $"{@case}: {fault.Message}");
    }

    private static void Parse(string content)
    {
        var lines = new LineReader(Encoding.UTF8.GetBytes("MemFree: 1 kB\n" + content), "meminfo");
        while (lines.TryNext(out var line)) _ = MemoryInfoCollector.Parse(lines, line);
    }
}
