using System.Text;
using Gateway.Collectors.Host;
using Gateway.Collectors.Host.Kernel;
using Gateway.TestKit;
using Xunit;

namespace Gateway.Collectors.Tests.Host;

public sealed class CpuCollectorTests
{
    public static TheoryData<string, string> Malformed => new() // case, line
    {
        { "no number of the CPU", "cpux 1 2 3 4" },
        { "number of the CPU too large", "cpu65536 1 2 3 4" },
        { "no times", "cpu0" },
        { "three times", "cpu0 1 2 3" },
        { "a word among the times", "cpu0 1 2 three 4" },
        { "negative time", "cpu0 1 2 3 -4" },
        { "a word behind the fourth", "cpu0 1 2 3 4 5 x" },
    };

    public static TheoryData<string, ulong[], ulong[], ulong[]> Steps => new() // case, exposed, read, exposed afterwards; columns user, idle, iowait
    {
        { "forward", [10, 1000, 50], [11, 1001, 52], [11, 1001, 52] },
        { "idle steps back a little", [10, 1000, 50], [11, 999, 50], [11, 1000, 50] },
        { "idle steps back by less than three seconds", [10, 1000, 50], [11, 701, 50], [11, 1000, 50] },
        { "idle falls by three seconds: a new life", [10, 1000, 50], [4, 700, 2], [4, 700, 2] },
        { "iowait falls far, idle does not", [10, 1000, 5000], [11, 1001, 1], [11, 1001, 5000] },
        { "user steps back", [10, 1000, 50], [9, 1001, 50], [10, 1001, 50] },
    };

    [Fact]
    public async Task Exposes_times_isolation_and_throttling_of_each_CPU() => Assert.Equal(
        """
        # HELP node_cpu_seconds_total Seconds a CPU spent in a mode; time in guests counts as user and nice as well.
        # TYPE node_cpu_seconds_total counter
        node_cpu_seconds_total{cpu="0",mode="user"} 4444.9
        node_cpu_seconds_total{cpu="0",mode="nice"} 19.09
        node_cpu_seconds_total{cpu="0",mode="system"} 1100
        node_cpu_seconds_total{cpu="0",mode="idle"} 344115
        node_cpu_seconds_total{cpu="0",mode="iowait"} 72
        node_cpu_seconds_total{cpu="0",mode="irq"} 0
        node_cpu_seconds_total{cpu="0",mode="softirq"} 50.01
        node_cpu_seconds_total{cpu="0",mode="steal"} 5
        node_cpu_seconds_total{cpu="1",mode="user"} 4308
        node_cpu_seconds_total{cpu="1",mode="nice"} 22.14
        node_cpu_seconds_total{cpu="1",mode="system"} 1112.13
        node_cpu_seconds_total{cpu="1",mode="idle"} 344200.21
        node_cpu_seconds_total{cpu="1",mode="iowait"} 71
        node_cpu_seconds_total{cpu="1",mode="irq"} 0
        node_cpu_seconds_total{cpu="1",mode="softirq"} 17.34
        node_cpu_seconds_total{cpu="1",mode="steal"} 4.5
        node_cpu_seconds_total{cpu="3",mode="user"} 4265.64
        node_cpu_seconds_total{cpu="3",mode="nice"} 21.78
        node_cpu_seconds_total{cpu="3",mode="system"} 1102
        node_cpu_seconds_total{cpu="3",mode="idle"} 344346.07
        node_cpu_seconds_total{cpu="3",mode="iowait"} 72.08
        node_cpu_seconds_total{cpu="3",mode="irq"} 0
        node_cpu_seconds_total{cpu="3",mode="softirq"} 17.28
        node_cpu_seconds_total{cpu="3",mode="steal"} 5
        # HELP node_cpu_guest_seconds_total Seconds a CPU ran virtual machines, at normal and at low priority.
        # TYPE node_cpu_guest_seconds_total counter
        node_cpu_guest_seconds_total{cpu="0",mode="user"} 605
        node_cpu_guest_seconds_total{cpu="0",mode="nice"} 20
        node_cpu_guest_seconds_total{cpu="1",mode="user"} 300
        node_cpu_guest_seconds_total{cpu="1",mode="nice"} 10
        node_cpu_guest_seconds_total{cpu="3",mode="user"} 0
        node_cpu_guest_seconds_total{cpu="3",mode="nice"} 0
        # HELP node_cpu_isolated 1 for each CPU kept out of general scheduling (isolcpus).
        # TYPE node_cpu_isolated gauge
        node_cpu_isolated{cpu="3"} 1
        # HELP node_cpu_core_throttles_total Times a core was slowed down because of heat.
        # TYPE node_cpu_core_throttles_total counter
        node_cpu_core_throttles_total{core="0",package="0"} 5
        node_cpu_core_throttles_total{core="0",package="1"} 0
        # HELP node_cpu_package_throttles_total Times a package was slowed down because of heat.
        # TYPE node_cpu_package_throttles_total counter
        node_cpu_package_throttles_total{package="0"} 30
        node_cpu_package_throttles_total{package="1"} 6

        """,
        await Exposed.TextAsync(new CpuCollector(FixtureRoot.HostPaths)));

    [Fact]
    public async Task Does_without_sysfs()
    {
        using var host = new ScratchHost();
        host.Write("proc/stat", "cpu0 100 0 0 200\n");
        var text = await Exposed.TextAsync(new CpuCollector(host.Paths));
        Assert.Contains("node_cpu_seconds_total{cpu=\"0\",mode=\"idle\"} 2\n", text, StringComparison.Ordinal);
        Assert.Contains("node_cpu_seconds_total{cpu=\"0\",mode=\"steal\"} 0\n", text, StringComparison.Ordinal);
        Assert.DoesNotContain("throttles", text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Forgets_a_CPU_that_was_unplugged()
    {
        using var host = new ScratchHost();
        var collector = new CpuCollector(host.Paths);
        host.Write("proc/stat", "cpu0 1 0 0 100\ncpu1 500 0 0 250\n");
        await Exposed.TextAsync(collector);
        host.Write("proc/stat", "cpu0 2 0 0 200\n");
        Assert.DoesNotContain("cpu=\"1\"", await Exposed.TextAsync(collector), StringComparison.Ordinal);
        host.Write("proc/stat", "cpu0 3 0 0 300\ncpu1 100 0 0 200\n");
        Assert.Contains("node_cpu_seconds_total{cpu=\"1\",mode=\"user\"} 1\n", await Exposed.TextAsync(collector), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Looks_for_throttle_counters_again_when_CPUs_come_online()
    {
        using var host = new ScratchHost();
        var collector = new CpuCollector(host.Paths);
        host.Write("proc/stat", "cpu0 1 0 0 100\n");
        host.Write("sys/devices/system/cpu/online", "0\n");
        foreach (var cpu in new[] { 0, 1 })
        {
            host.Write($"sys/devices/system/cpu/cpu{cpu}/topology/physical_package_id", "0\n");
            host.Write($"sys/devices/system/cpu/cpu{cpu}/topology/core_id", $"{cpu}\n");
            host.Write($"sys/devices/system/cpu/cpu{cpu}/thermal_throttle/core_throttle_count", "7\n");
        }

        Assert.DoesNotContain("core=\"1\"", await Exposed.TextAsync(collector), StringComparison.Ordinal);
        host.Write("sys/devices/system/cpu/online", "0-1\n");
        Assert.Contains("node_cpu_core_throttles_total{core=\"1\",package=\"0\"} 7\n", await Exposed.TextAsync(collector), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_throttle_counter_that_is_no_number_costs_only_itself()
    {
        using var host = new ScratchHost();
        host.Write("proc/stat", "cpu0 1 0 0 100\n");
        host.Write("sys/devices/system/cpu/online", "0\n");
        host.Write("sys/devices/system/cpu/cpu0/topology/physical_package_id", "0\n");
        host.Write("sys/devices/system/cpu/cpu0/topology/core_id", "0\n");
        host.Write("sys/devices/system/cpu/cpu0/thermal_throttle/core_throttle_count", "often\n");
        var sink = new MetricSink();
        Assert.Contains("node_cpu_seconds_total", await Exposed.TextAsync(new CpuCollector(host.Paths), sink), StringComparison.Ordinal);
        Assert.Contains("core_throttle_count: expected one unsigned integer", Assert.Single(sink.Faults), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Refuses_a_file_without_a_single_CPU()
    {
        using var host = new ScratchHost();
        host.Write("proc/stat", "cpu 1 2 3 4\nintr 5\n");
        var fault = await Assert.ThrowsAsync<FormatException>(() => Exposed.TextAsync(new CpuCollector(host.Paths)));
        Assert.StartsWith("stat: expected a line 'cpu0'", fault.Message, StringComparison.Ordinal);
    }

    [Theory, MemberData(nameof(Steps))]
    public void No_counter_goes_backwards_within_a_life_of_the_CPU(string @case, ulong[] exposed, ulong[] read, ulong[] expected)
    {
        var ticks = Columns(exposed);
        CpuCollector.Advance(ticks, Columns(read));
        Assert.True(ticks.AsSpan().SequenceEqual(Columns(expected)), @case);
    }

    [Theory, MemberData(nameof(Malformed))]
    public void Says_which_line_is_wrong(string @case, string content)
    {
        var fault = Assert.Throws<FormatException>(() => Parse(content));
        Assert.True(fault.Message.StartsWith("stat, line 2: expected ", StringComparison.Ordinal), $"{@case}: {fault.Message}");
    }

    private static void Parse(string content)
    {
        var lines = new LineReader(Encoding.UTF8.GetBytes("cpu 1 2 3 4\n" + content + "\n"), "stat");
        var ticks = new ulong[CpuCollector.ColumnCount];
        while (lines.TryNext(out var line)) _ = CpuCollector.TryParse(lines, line, out _, ticks);
    }

    private static ulong[] Columns(ulong[] times) => [times[0], 0, 0, times[1], times[2], 0, 0, 0, 0, 0];
}
