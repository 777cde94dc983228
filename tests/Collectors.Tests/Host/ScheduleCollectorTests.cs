using System.Text;
using Gateway.Collectors.Host;
using Gateway.Collectors.Host.Kernel;
using Gateway.TestKit;
using Xunit;

namespace Gateway.Collectors.Tests.Host;

public sealed class ScheduleCollectorTests
{
    public static TheoryData<string, string> Malformed => new() // case, line
    {
        { "no number of the CPU", "cpux 0 0 0 0 0 0 1 2 3" },
        { "number of the CPU too large", "cpu65536 0 0 0 0 0 0 1 2 3" },
        { "eight numbers", "cpu0 0 0 0 0 0 0 1 2" },
        { "a word among the numbers", "cpu0 0 0 0 0 0 0 1 two 3" },
    };

    [Fact]
    public async Task Exposes_running_and_waiting_time_per_CPU() => Assert.Equal(
        """
        # HELP node_schedstat_running_seconds_total Seconds a CPU ran tasks.
        # TYPE node_schedstat_running_seconds_total counter
        node_schedstat_running_seconds_total{cpu="0"} 2045936.778163039
        node_schedstat_running_seconds_total{cpu="1"} 1904686.152592476
        # HELP node_schedstat_waiting_seconds_total Seconds tasks waited for a CPU, summed over the tasks.
        # TYPE node_schedstat_waiting_seconds_total counter
        node_schedstat_waiting_seconds_total{cpu="0"} 343796.328169361
        node_schedstat_waiting_seconds_total{cpu="1"} 364107.263788241
        # HELP node_schedstat_timeslices_total Time slices a CPU has given out.
        # TYPE node_schedstat_timeslices_total counter
        node_schedstat_timeslices_total{cpu="0"} 4767485306
        node_schedstat_timeslices_total{cpu="1"} 5145567945

        """,
        await Exposed.TextAsync(new ScheduleCollector(FixtureRoot.HostPaths)));

    [Fact]
    public async Task Has_no_data_when_the_kernel_keeps_none()
    {
        using var host = new ScratchHost();
        await Assert.ThrowsAsync<NoDataException>(() => Exposed.TextAsync(new ScheduleCollector(host.Paths)));
    }

    [Theory, MemberData(nameof(Malformed))]
    public void Says_which_line_is_wrong(string @case, string content)
    {
        var fault = Assert.Throws<FormatException>(() => Parse(content));
        Assert.True(fault.Message.StartsWith("schedstat, line 2: expected a CPU", StringComparison.Ordinal), $"{@case}: {fault.Message}");
    }

    private static void Parse(string content)
    {
        var lines = new LineReader(Encoding.UTF8.GetBytes("version 15\n" + content), "schedstat");
        while (lines.TryNext(out var line)) _ = ScheduleCollector.TryParse(lines, line, out _);
    }
}
