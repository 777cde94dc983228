using System.Text;
using Gateway.Collectors.Host;
using Gateway.TestKit;
using Xunit;

namespace Gateway.Collectors.Tests.Host;

public sealed class CpuFrequencyCollectorTests
{
    public static TheoryData<string, string> Malformed => new() // case, content
    {
        { "empty", "" },
        { "a word", "fast" },
        { "a unit", "800000 kHz" },
        { "negative", "-1" },
    };

    [Fact]
    public async Task Exposes_the_clock_rates_of_each_CPU() => Assert.Equal(
        """
        # HELP node_cpu_frequency_hertz Clock rate the hardware reports.
        # TYPE node_cpu_frequency_hertz gauge
        node_cpu_frequency_hertz{cpu="0"} 1699981000
        # HELP node_cpu_frequency_min_hertz Lowest clock rate of the hardware.
        # TYPE node_cpu_frequency_min_hertz gauge
        node_cpu_frequency_min_hertz{cpu="0"} 800000000
        node_cpu_frequency_min_hertz{cpu="1"} 800000000
        node_cpu_frequency_min_hertz{cpu="3"} 800000000
        # HELP node_cpu_frequency_max_hertz Highest clock rate of the hardware.
        # TYPE node_cpu_frequency_max_hertz gauge
        node_cpu_frequency_max_hertz{cpu="0"} 2400000000
        node_cpu_frequency_max_hertz{cpu="1"} 2400000000
        node_cpu_frequency_max_hertz{cpu="3"} 2400000000
        # HELP node_cpu_scaling_frequency_hertz Clock rate asked for last.
        # TYPE node_cpu_scaling_frequency_hertz gauge
        node_cpu_scaling_frequency_hertz{cpu="0"} 1699981000
        node_cpu_scaling_frequency_hertz{cpu="1"} 800044000
        # HELP node_cpu_scaling_frequency_min_hertz Lowest clock rate that may be asked for.
        # TYPE node_cpu_scaling_frequency_min_hertz gauge
        node_cpu_scaling_frequency_min_hertz{cpu="0"} 800000000
        node_cpu_scaling_frequency_min_hertz{cpu="1"} 800000000
        node_cpu_scaling_frequency_min_hertz{cpu="3"} 800000000
        # HELP node_cpu_scaling_frequency_max_hertz Highest clock rate that may be asked for.
        # TYPE node_cpu_scaling_frequency_max_hertz gauge
        node_cpu_scaling_frequency_max_hertz{cpu="0"} 2200000000
        node_cpu_scaling_frequency_max_hertz{cpu="1"} 2200000000
        node_cpu_scaling_frequency_max_hertz{cpu="3"} 2200000000

        """,
        await Exposed.TextAsync(new CpuFrequencyCollector(FixtureRoot.HostPaths)));

    [Fact]
    public async Task Has_no_data_without_a_driver_and_finds_one_that_is_loaded_later()
    {
        using var host = new ScratchHost();
        var collector = new CpuFrequencyCollector(host.Paths);
        await Assert.ThrowsAsync<NoDataException>(() => Exposed.TextAsync(collector));
        host.Write("sys/devices/system/cpu/online", "0\n");
        await Assert.ThrowsAsync<NoDataException>(() => Exposed.TextAsync(collector));
        host.Write("sys/devices/system/cpu/cpu0/cpufreq/scaling_cur_freq", "1000\n");
        Assert.Contains("node_cpu_scaling_frequency_hertz{cpu=\"0\"} 1000000\n", await Exposed.TextAsync(collector), StringComparison.Ordinal);
    }

    [Theory, MemberData(nameof(Malformed))]
    public void Refuses_what_is_no_clock_rate(string @case, string content)
    {
        var fault = Assert.Throws<FormatException>(() => CpuFrequencyCollector.TryParse(Encoding.UTF8.GetBytes(content), "scaling_cur_freq", out _));
        Assert.True(fault.Message.StartsWith("scaling_cur_freq: expected kilohertz", StringComparison.Ordinal), @case);
    }
}
