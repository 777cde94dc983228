using Gateway.Collectors.Host.Kernel;
using Gateway.Exposition;

namespace Gateway.Collectors.Host;

/// <summary>
/// Hardware monitors, from <c>/sys/class/hwmon</c> (Documentation/hwmon/sysfs-interface.rst): temperatures, fans, voltages, currents, power. What an
/// attribute is called and measured in follows from its file name, see <see cref="HardwareSensorNames"/>; values that are no numbers are passed over.
/// </summary>
[Collector("hwmon", Summary = "Hardware monitors (temperatures, fans, voltages), from /sys/class/hwmon")]
internal sealed class HardwareMonitorCollector : ICollector
{
    private static readonly MetricFamily ChipNames =
        MetricFamily.Gauge("node_hwmon_chip_names", "Always 1; label chip_name is what the driver calls the chip.", "chip", "chip_name");

    private static readonly MetricFamily SensorLabel = MetricFamily.Gauge("node_hwmon_sensor_label", "Always 1; label holds the name of the sensor.", "chip", "label", "sensor");

    private readonly string _folder;
    private readonly HardwareSensorNames _names = new();
    private readonly DeviceFolder<HardwareMonitor> _monitors;
    private readonly byte[] _buffer = new byte[AttributeFile.MaxBytes];

    public HardwareMonitorCollector(HostPaths paths)
    {
        _folder = paths.Sys("class/hwmon");
        _monitors = new DeviceFolder<HardwareMonitor>(_folder, static (_, isFolder) => isFolder, (_, path) => new HardwareMonitor(path, _names));
    }

    public ValueTask CollectAsync(MetricSink sink, CancellationToken cancellationToken)
    {
        try
        {
            _monitors.Refresh();
        }
        catch (DirectoryNotFoundException)
        {
            throw new NoDataException($"There is no {_folder}.");
        }

        if (_monitors.Items.Count == 0) throw new NoDataException($"{_folder} is empty.");
        foreach (var monitor in _monitors.Items)
        {
            cancellationToken.ThrowIfCancellationRequested(); // some sensors sit on slow buses
            if (monitor.TryRefresh()) Add(sink, monitor);
        }

        return ValueTask.CompletedTask;
    }

    private void Add(MetricSink sink, HardwareMonitor monitor)
    {
        if (monitor.ChipName.Length > 0) sink.Add(ChipNames, [monitor.Chip, monitor.ChipName], 1);
        foreach (var attribute in monitor.Attributes)
        {
            var state = attribute.File.Read(_buffer, out var text);
            if (state == AttributeState.Failed) sink.Fault($"{attribute.File.Path} cannot be read: error {attribute.File.LastError}.");
            if (state != AttributeState.Present) continue;
            if (attribute.Value is not { } value) sink.Add(SensorLabel, [monitor.Chip, sink.Text(text), attribute.Sensor], 1);
            else if (KernelNumber.TryFraction(text, out var number)) sink.Add(value.Family, [monitor.Chip, attribute.Sensor], value.Convert(number));
        }
    }
}
