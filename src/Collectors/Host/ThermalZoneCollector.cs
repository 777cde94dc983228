using Gateway.Collectors.Host.Kernel;
using Gateway.Exposition;

namespace Gateway.Collectors.Host;

/// <summary>
/// Temperatures and cooling devices, from <c>/sys/class/thermal</c> (Documentation/driver-api/thermal/sysfs-api.rst). A zone or device that has no value
/// just now is left out.
/// </summary>
[Collector("thermal_zone", Summary = "Thermal zones and cooling devices, from /sys/class/thermal")]
internal sealed class ThermalZoneCollector : ICollector
{
    private const string ZonePrefix = "thermal_zone";
    private const string CoolingPrefix = "cooling_device";
    private const double MillidegreesPerDegree = 1000;

    private static readonly MetricFamily Temperature = MetricFamily.Gauge("node_thermal_zone_temp", "Temperature of the zone.", "type", "zone");

    private static readonly MetricFamily CurrentState =
        MetricFamily.Gauge("node_cooling_device_cur_state", "How far the cooling device throttles now.", "name", "type");

    private static readonly MetricFamily MaximumState =
        MetricFamily.Gauge("node_cooling_device_max_state", "How far the cooling device can throttle.", "name", "type");

    private readonly string _folder;
    private readonly DeviceFolder<Device> _zones;
    private readonly DeviceFolder<Device> _coolers;
    private readonly byte[] _buffer = new byte[AttributeFile.MaxBytes];

    public ThermalZoneCollector(HostPaths paths)
    {
        _folder = paths.Sys("class/thermal");
        _zones = Folder(ZonePrefix, "temp", "temp");
        _coolers = Folder(CoolingPrefix, "cur_state", "max_state");
    }

    public ValueTask CollectAsync(MetricSink sink, CancellationToken cancellationToken)
    {
        try
        {
            _zones.Refresh();
            _coolers.Refresh();
        }
        catch (DirectoryNotFoundException)
        {
            throw new NoDataException($"There is no {_folder}.");
        }

        if (_zones.Items.Count + _coolers.Items.Count == 0) throw new NoDataException($"{_folder} holds neither zones nor cooling devices.");
        foreach (var zone in _zones.Items)
        {
            if (TryRead(sink, zone.First, out var value) && Type(sink, zone) is { } type) sink.Add(Temperature, [type, zone.Number], value / MillidegreesPerDegree);
        }

        foreach (var cooler in _coolers.Items)
        {
            if (Type(sink, cooler) is not { } type) continue;
            if (TryRead(sink, cooler.First, out var current)) sink.Add(CurrentState, [cooler.Number, type], current);
            if (TryRead(sink, cooler.Second, out var maximum)) sink.Add(MaximumState, [cooler.Number, type], maximum);
        }

        return ValueTask.CompletedTask;
    }

    private DeviceFolder<Device> Folder(string prefix, string first, string second) => new(
        _folder,
        (name, isFolder) => isFolder && name.StartsWith(prefix, StringComparison.Ordinal) && name.Length > prefix.Length && char.IsAsciiDigit(name[prefix.Length]),
        (name, path) => new Device(name[prefix.Length..], path, first, second));

    private string? Type(MetricSink sink, Device device) =>
        device.Type.Read(_buffer, out var text) == AttributeState.Present ? sink.Text(text) : null;

    private bool TryRead(MetricSink sink, AttributeFile file, out long value)
    {
        value = 0;
        var state = file.Read(_buffer, out var text);
        if (state == AttributeState.Failed) sink.Fault($"{file.Path} cannot be read: error {file.LastError}.");
        if (state != AttributeState.Present) return false;
        if (KernelNumber.TrySigned(text, out value)) return true;
        sink.Fault($"{file.Path}: expected an integer.");
        return false;
    }

    private sealed class Device(string number, string path, string first, string second)
    {
        public string Number { get; } = number;

        public AttributeFile Type { get; } = new(Path.Join(path, "type"));

        public AttributeFile First { get; } = new(Path.Join(path, first));

        public AttributeFile Second { get; } = new(Path.Join(path, second));
    }
}
