using Gateway.Collectors.Host;
using Gateway.TestKit;
using Xunit;

namespace Gateway.Collectors.Tests.Host;

public sealed class HardwareMonitorCollectorTests
{
    public static TheoryData<string, string?> Names => new() // file, value 2000000 exposed as; null when it is no attribute of a sensor
    {
        { "temp1_input", "node_hwmon_temp_celsius{chip=\"c\",sensor=\"temp1\"} 2000" },
        { "temp01_input", "node_hwmon_temp_celsius{chip=\"c\",sensor=\"temp1\"} 2000" },
        { "temp1_crit_alarm", "node_hwmon_temp_crit_alarm_celsius{chip=\"c\",sensor=\"temp1\"} 2000" },
        { "temp1_type", "node_hwmon_temp_type{chip=\"c\",sensor=\"temp1\"} 2e+06" },
        { "temp1_fault", "node_hwmon_temp_fault{chip=\"c\",sensor=\"temp1\"} 2e+06" },
        { "temp", "node_hwmon_temp_celsius{chip=\"c\",sensor=\"temp0\"} 2000" },
        { "in3_min", "node_hwmon_in_min_volts{chip=\"c\",sensor=\"in3\"} 2000" },
        { "cpu0_vid", "node_hwmon_cpu_vid_volts{chip=\"c\",sensor=\"cpu0\"} 2000" },
        { "fan1_input", "node_hwmon_fan_rpm{chip=\"c\",sensor=\"fan1\"} 2e+06" },
        { "fan1_target", "node_hwmon_fan_target_rpm{chip=\"c\",sensor=\"fan1\"} 2e+06" },
        { "fan1_beep", "node_hwmon_fan_beep_enabled{chip=\"c\",sensor=\"fan1\"} 2e+06" },
        { "pwm1", "node_hwmon_pwm{chip=\"c\",sensor=\"pwm1\"} 2e+06" },
        { "pwm1_auto_point1_temp", "node_hwmon_pwm_auto_point1_temp{chip=\"c\",sensor=\"pwm1\"} 2e+06" },
        { "curr1_lcrit", "node_hwmon_curr_lcrit_amps{chip=\"c\",sensor=\"curr1\"} 2000" },
        { "power1_input", "node_hwmon_power_watt{chip=\"c\",sensor=\"power1\"} 2" },
        { "power1_accuracy", "node_hwmon_power_accuracy{chip=\"c\",sensor=\"power1\"} 2" },
        { "power1_average_interval_max", "node_hwmon_power_average_interval_max_seconds{chip=\"c\",sensor=\"power1\"} 2000" },
        { "energy1_input", "node_hwmon_energy_joule_total{chip=\"c\",sensor=\"energy1\"} 2" },
        { "humidity1_input", "node_hwmon_humidity{chip=\"c\",sensor=\"humidity1\"} 2" },
        { "beep_enable", "node_hwmon_beep_enabled{chip=\"c\",sensor=\"beep_enable0\"} 0" },
        { "vrm", "node_hwmon_voltage_regulator_version{chip=\"c\",sensor=\"vrm0\"} 2e+06" },
        { "update_interval", "node_hwmon_update_interval_seconds{chip=\"c\",sensor=\"update_interval0\"} 2000" },
        { "temp1_Odd-Name", "node_hwmon_temp_odd_name_celsius{chip=\"c\",sensor=\"temp1\"} 2000" },
        { "temp1input", null },
        { "temp1_", null },
        { "temp99999999999_input", null },
        { "temperature1_input", null },
        { "uevent", null },
        { "beep_enable1_x", null },
    };

    [Fact]
    public Task Exposes_the_chips_of_the_fixture() => GoldenText.AssertAsync("hwmon", new HardwareMonitorCollector(FixtureRoot.HostPaths));

    [Theory, MemberData(nameof(Names))]
    public async Task Names_and_converts_an_attribute_by_its_file(string file, string? expected)
    {
        using var tree = new ScratchHost();
        tree.Write("sys/class/hwmon/hwmon0/name", "c\n").Write($"sys/class/hwmon/hwmon0/{file}", "2000000\n");
        var text = await Exposed.TextAsync(new HardwareMonitorCollector(tree.Paths));
        var samples = text.Split('\n').Where(line => line.Length > 0 && line[0] != '#' && !line.StartsWith("node_hwmon_chip_names", StringComparison.Ordinal));
        Assert.Equal(expected ?? "", string.Join(' ', samples).Replace("2000000", "2e+06", StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_chip_is_called_after_the_device_that_its_link_leads_to()
    {
        using var tree = new ScratchHost();
        AddChip(tree, "hwmon0", "devices/platform/coretemp.0", "coretemp", 45000);
        AddChip(tree, "hwmon1", "devices/pci0000:00/0000:00:18.3", "k10temp", 27800);
        var text = await Exposed.TextAsync(new HardwareMonitorCollector(tree.Paths));
        Assert.Contains("node_hwmon_temp_celsius{chip=\"platform_coretemp_0\",sensor=\"temp1\"} 45\n", text, StringComparison.Ordinal);
        Assert.Contains("node_hwmon_temp_celsius{chip=\"pci0000:00_0000:00:18_3\",sensor=\"temp1\"} 27.8\n", text, StringComparison.Ordinal);
        Assert.Contains("node_hwmon_chip_names{chip=\"pci0000:00_0000:00:18_3\",chip_name=\"k10temp\"} 1\n", text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_chip_without_device_and_name_is_called_after_its_entry()
    {
        using var tree = new ScratchHost();
        tree.Write("sys/class/hwmon/hwmon6/temp1_input", "1000\n");
        var text = await Exposed.TextAsync(new HardwareMonitorCollector(tree.Paths));
        Assert.Equal(
            "# HELP node_hwmon_temp_celsius Temperature at the sensor (input).\n# TYPE node_hwmon_temp_celsius gauge\n"
            + "node_hwmon_temp_celsius{chip=\"hwmon6\",sensor=\"temp1\"} 1\n",
            text);
    }

    [Fact]
    public async Task An_entry_that_stands_for_another_device_is_read_anew()
    {
        using var tree = new ScratchHost();
        AddChip(tree, "hwmon0", "devices/platform/coretemp.0", "coretemp", 45000);
        var collector = new HardwareMonitorCollector(tree.Paths);
        Assert.Contains("platform_coretemp_0", await Exposed.TextAsync(collector), StringComparison.Ordinal);
        tree.Delete("sys/class/hwmon/hwmon0");
        AddChip(tree, "hwmon0", "devices/platform/other.7", "other", 30000);
        var text = await Exposed.TextAsync(collector);
        Assert.Contains("node_hwmon_temp_celsius{chip=\"platform_other_7\",sensor=\"temp1\"} 30\n", text, StringComparison.Ordinal);
        Assert.DoesNotContain("coretemp", text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Sensors_come_and_go_between_runs()
    {
        using var tree = new ScratchHost();
        tree.Write("sys/class/hwmon/hwmon0/name", "c\n").Write("sys/class/hwmon/hwmon0/temp1_input", "1000\n");
        var collector = new HardwareMonitorCollector(tree.Paths);
        await Exposed.TextAsync(collector);
        tree.Delete("sys/class/hwmon/hwmon0/temp1_input");
        tree.Write("sys/class/hwmon/hwmon0/temp2_input", "2000\n");
        var text = await Exposed.TextAsync(collector);
        Assert.DoesNotContain("temp1", text, StringComparison.Ordinal);
        Assert.Contains("node_hwmon_temp_celsius{chip=\"c\",sensor=\"temp2\"} 2\n", text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Files_in_the_folder_of_the_device_belong_to_the_chip()
    {
        using var tree = new ScratchHost();
        tree.Write("sys/devices/platform/old.1/temp1_input", "55000\n").Write("sys/devices/platform/old.1/power/control", "auto\n")
            .Write("sys/devices/platform/old.1/hwmon/hwmon0/uevent", "")
            .Link("sys/devices/platform/old.1/hwmon/hwmon0/device", "../../../old.1")
            .Link("sys/class/hwmon/hwmon0", "../../devices/platform/old.1/hwmon/hwmon0");
        var text = await Exposed.TextAsync(new HardwareMonitorCollector(tree.Paths));
        Assert.Contains("node_hwmon_temp_celsius{chip=\"platform_old_1\",sensor=\"temp1\"} 55\n", text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_bare_file_and_an_input_of_one_sensor_keep_apart()
    {
        using var tree = new ScratchHost();
        tree.Write("sys/class/hwmon/hwmon0/name", "c\n").Write("sys/class/hwmon/hwmon0/fan1", "2\n").Write("sys/class/hwmon/hwmon0/fan1_input", "900\n")
            .Write("sys/class/hwmon/hwmon0/fan2_input", "800\n");
        var text = await Exposed.TextAsync(new HardwareMonitorCollector(tree.Paths));
        Assert.Contains("node_hwmon_fan{chip=\"c\",sensor=\"fan1\"} 2\n", text, StringComparison.Ordinal);
        Assert.Contains("node_hwmon_fan_input_rpm{chip=\"c\",sensor=\"fan1\"} 900\n", text, StringComparison.Ordinal);
        Assert.Contains("node_hwmon_fan_rpm{chip=\"c\",sensor=\"fan2\"} 800\n", text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_broken_sensor_costs_only_itself_and_is_reported()
    {
        using var tree = new ScratchHost();
        tree.Write("sys/class/hwmon/hwmon0/name", "c\n").Write("sys/class/hwmon/hwmon0/temp2_input", "2000\n")
            .Link("sys/class/hwmon/hwmon0/temp1_input", "/proc/self/mem"); // reading it gives EIO
        var sink = new MetricSink();
        var text = await Exposed.TextAsync(new HardwareMonitorCollector(tree.Paths), sink);
        Assert.Contains("node_hwmon_temp_celsius{chip=\"c\",sensor=\"temp2\"} 2\n", text, StringComparison.Ordinal);
        Assert.EndsWith("hwmon0/temp1_input cannot be read: error 5.", sink.Faults.Single(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Says_that_there_is_no_data_without_chips()
    {
        using var tree = new ScratchHost();
        await Assert.ThrowsAsync<NoDataException>(() => Exposed.TextAsync(new HardwareMonitorCollector(tree.Paths)));
        Directory.CreateDirectory(tree.Paths.Sys("class/hwmon"));
        await Assert.ThrowsAsync<NoDataException>(() => Exposed.TextAsync(new HardwareMonitorCollector(tree.Paths)));
    }

    [Theory]
    [InlineData("coretemp", "coretemp")]
    [InlineData("Power Meter", "power_meter")]
    [InlineData("0000:00:18.3", "0000:00:18_3")]
    [InlineData("_x-", "x")]
    [InlineData("--", "")]
    public void Cleans_names(string name, string expected) => Assert.Equal(expected, HardwareMonitor.Clean(name));

    private static void AddChip(ScratchHost tree, string entry, string device, string name, int temperature) => tree
        .Write($"sys/{device}/hwmon/{entry}/name", name + "\n")
        .Write($"sys/{device}/hwmon/{entry}/temp1_input", temperature + "\n")
        .Link($"sys/{device}/hwmon/{entry}/device", "../../../" + Path.GetFileName(device))
        .Link($"sys/class/hwmon/{entry}", $"../../{device}/hwmon/{entry}");
}
