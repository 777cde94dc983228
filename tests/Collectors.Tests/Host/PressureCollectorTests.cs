using System.Text;
using Gateway.Collectors.Host;
using Gateway.TestKit;
using Xunit;

namespace Gateway.Collectors.Tests.Host;

public sealed class PressureCollectorTests
{
    public static TheoryData<string, string, string> Malformed => new() // case, content, message
    {
        { "empty file", "", "pressure/io: expected a line 'some' or 'full'." },
        { "no known line", "most total=1\n", "pressure/io: expected a line 'some' or 'full'." },
        { "no total", "some avg10=0.00 avg60=0.00 avg300=0.00\n", "pressure/io, line 1: expected 'total=' and microseconds." },
        { "empty total", "some total=1\nfull total=\n", "pressure/io, line 2: expected 'total=' and microseconds." },
        { "a word for a total", "some avg10=0.00 total=long\n", "pressure/io, line 1: expected 'total=' and microseconds." },
    };

    [Fact]
    public async Task Exposes_time_lost_per_resource() => Assert.Equal(
        """
        # HELP node_pressure_cpu_waiting_seconds_total Seconds in which at least one task was ready and waited for a CPU.
        # TYPE node_pressure_cpu_waiting_seconds_total counter
        node_pressure_cpu_waiting_seconds_total 14.036781
        # HELP node_pressure_io_waiting_seconds_total Seconds in which at least one task waited for I/O.
        # TYPE node_pressure_io_waiting_seconds_total counter
        node_pressure_io_waiting_seconds_total 10.906781
        # HELP node_pressure_io_stalled_seconds_total Seconds in which all tasks with work to do waited for I/O.
        # TYPE node_pressure_io_stalled_seconds_total counter
        node_pressure_io_stalled_seconds_total 10.352309
        # HELP node_pressure_memory_waiting_seconds_total Seconds in which at least one task waited for memory.
        # TYPE node_pressure_memory_waiting_seconds_total counter
        node_pressure_memory_waiting_seconds_total 0.00025
        # HELP node_pressure_memory_stalled_seconds_total Seconds in which all tasks with work to do waited for memory.
        # TYPE node_pressure_memory_stalled_seconds_total counter
        node_pressure_memory_stalled_seconds_total 0.000125
        # HELP node_pressure_irq_stalled_seconds_total Seconds in which interrupts kept all tasks with work to do from running.
        # TYPE node_pressure_irq_stalled_seconds_total counter
        node_pressure_irq_stalled_seconds_total 4.711

        """,
        await Exposed.TextAsync(new PressureCollector(FixtureRoot.HostPaths)));

    [Fact]
    public async Task Has_no_data_when_the_kernel_keeps_none()
    {
        using var host = new ScratchHost();
        await Assert.ThrowsAsync<NoDataException>(() => Exposed.TextAsync(new PressureCollector(host.Paths)));
    }

    [Fact]
    public async Task Exposes_what_an_older_kernel_has()
    {
        using var host = new ScratchHost();
        host.Write("proc/pressure/cpu", "some avg10=0.00 avg60=0.00 avg300=0.00 total=2500000\n");
        Assert.EndsWith("node_pressure_cpu_waiting_seconds_total 2.5\n", await Exposed.TextAsync(new PressureCollector(host.Paths)), StringComparison.Ordinal);
    }

    [Theory, MemberData(nameof(Malformed))]
    public void Says_what_is_wrong_with_a_file(string @case, string content, string message)
    {
        var fault = Assert.Throws<FormatException>(() => PressureCollector.Parse(Encoding.UTF8.GetBytes(content), "pressure/io"));
        Assert.True(fault.Message == message, $"{@case}: {fault.Message}");
    }
}
