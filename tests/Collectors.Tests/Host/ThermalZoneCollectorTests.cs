using Gateway.Collectors.Host;
using Gateway.TestKit;
using Xunit;

namespace Gateway.Collectors.Tests.Host;

public sealed class ThermalZoneCollectorTests
{
    [Fact]
    public Task Exposes_zones_and_cooling_devices() => GoldenText.AssertAsync("thermal_zone", new ThermalZoneCollector(FixtureRoot.HostPaths));

    [Theory]
    [InlineData("word", "hot\n")]
    [InlineData("empty", "\n")]
    [InlineData("fraction", "27.5\n")]
    public async Task A_zone_whose_temperature_is_no_integer_costs_only_itself_and_is_reported(string @case, string content)
    {
        using var tree = new ScratchHost();
        tree.Write("sys/class/thermal/thermal_zone0/type", "a\n").Write("sys/class/thermal/thermal_zone0/temp", content)
            .Write("sys/class/thermal/thermal_zone1/type", "b\n").Write("sys/class/thermal/thermal_zone1/temp", "27500\n");
        var sink = new MetricSink();
        var text = await Exposed.TextAsync(new ThermalZoneCollector(tree.Paths), sink);
        Assert.EndsWith("node_thermal_zone_temp{type=\"b\",zone=\"1\"} 27.5\n", text, StringComparison.Ordinal);
        Assert.True(sink.Faults.Single().EndsWith("thermal_zone0/temp: expected an integer.", StringComparison.Ordinal), @case);
    }

    [Fact]
    public async Task A_zone_without_a_value_just_now_is_left_out()
    {
        using var tree = new ScratchHost();
        tree.Write("sys/class/thermal/thermal_zone0/type", "iwlwifi_1\n").Write("sys/class/thermal/cooling_device0/type", "Fan\n")
            .Write("sys/class/thermal/cooling_device0/max_state", "3\n");
        var sink = new MetricSink();
        Assert.Equal(
            "# HELP node_cooling_device_max_state How far the cooling device can throttle.\n# TYPE node_cooling_device_max_state gauge\n"
            + "node_cooling_device_max_state{name=\"0\",type=\"Fan\"} 3\n",
            await Exposed.TextAsync(new ThermalZoneCollector(tree.Paths), sink));
        Assert.Empty(sink.Faults);
    }

    [Fact]
    public async Task Says_that_there_is_no_data_without_zones()
    {
        using var tree = new ScratchHost();
        await Assert.ThrowsAsync<NoDataException>(() => Exposed.TextAsync(new ThermalZoneCollector(tree.Paths)));
        Directory.CreateDirectory(tree.Paths.Sys("class/thermal/thermal_zone"));
        await Assert.ThrowsAsync<NoDataException>(() => Exposed.TextAsync(new ThermalZoneCollector(tree.Paths)));
    }
}
