using System.Text;
using Gateway.Collectors.Host;
using Gateway.TestKit;
using Xunit;

namespace Gateway.Collectors.Tests.Host;

public sealed class StatCollectorTests
{
    private const string Complete = "intr 7 1 2\nctxt 1\nbtime 2\nprocesses 3\nprocs_running 4\nprocs_blocked 5\n";

    public static TheoryData<string, string, string> Malformed => new() // case, content, part of the message
    {
        { "empty file", "", "expected a line 'intr'" },
        { "a line is missing", Complete.Replace("processes 3\n", "", StringComparison.Ordinal), "expected a line 'processes'" },
        { "no number", Complete.Replace("ctxt 1", "ctxt", StringComparison.Ordinal), "line 2: expected an unsigned integer" },
        { "a word for a number", Complete.Replace("ctxt 1", "ctxt many", StringComparison.Ordinal), "line 2: expected an unsigned integer" },
        { "negative", Complete.Replace("procs_blocked 5", "procs_blocked -5", StringComparison.Ordinal), "line 6: expected an unsigned integer" },
        { "more than 64 bits", Complete.Replace("intr 7", "intr 18446744073709551616", StringComparison.Ordinal), "line 1: expected an unsigned integer" },
        { "fraction", Complete.Replace("btime 2", "btime 2.5", StringComparison.Ordinal), "line 3: expected an unsigned integer" },
    };

    [Fact]
    public async Task Exposes_what_the_kernel_did_since_boot() => Assert.Equal(
        """
        # HELP node_intr_total Interrupts serviced since boot, all sources together.
        # TYPE node_intr_total counter
        node_intr_total 8885917
        # HELP node_context_switches_total Context switches since boot, all CPUs.
        # TYPE node_context_switches_total counter
        node_context_switches_total 38014093
        # HELP node_forks_total Processes and threads created since boot.
        # TYPE node_forks_total counter
        node_forks_total 26442
        # HELP node_boot_time_seconds Time of boot, Unix seconds.
        # TYPE node_boot_time_seconds gauge
        node_boot_time_seconds 1767225600
        # HELP node_procs_running Threads running or ready to run.
        # TYPE node_procs_running gauge
        node_procs_running 2
        # HELP node_procs_blocked Threads waiting for I/O to end.
        # TYPE node_procs_blocked gauge
        node_procs_blocked 1

        """,
        await Exposed.TextAsync(new StatCollector(FixtureRoot.HostPaths)));

    [Fact]
    public void Reads_the_largest_counters()
    {
        var content = Complete.Replace("ctxt 1", $"ctxt {ulong.MaxValue}", StringComparison.Ordinal);
        Assert.Equal(ulong.MaxValue, StatCollector.Parse(Encoding.UTF8.GetBytes(content)).ContextSwitches);
    }

    [Theory, MemberData(nameof(Malformed))]
    public void Says_what_is_wrong_with_a_file(string @case, string content, string message)
    {
        var fault = Assert.Throws<FormatException>(() => StatCollector.Parse(Encoding.UTF8.GetBytes(content)));
        Assert.StartsWith("stat", fault.Message, StringComparison.Ordinal);
        Assert.True(fault.Message.Contains(message, StringComparison.Ordinal), $"{@case}: {fault.Message}");
    }
}
