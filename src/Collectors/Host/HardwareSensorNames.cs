using Gateway.Exposition;

namespace Gateway.Collectors.Host;

/// <summary>
/// The rule from file names of hwmon to metric families (as node_exporter has it). A file is called type, number, underscore, element: <c>temp1_input</c>.
/// Types and units are those of Documentation/hwmon/sysfs-interface.rst. One object per collector; not thread-safe.
/// </summary>
internal sealed class HardwareSensorNames
{
    /// <summary>Families built at most; drivers have some hundred different elements in all.</summary>
    private const int MaxFamilies = 1024;

    private static readonly HashSet<string> Types = new(StringComparer.Ordinal)
    {
        "vrm", "beep_enable", "update_interval", "in", "cpu", "fan", "pwm", "temp", "curr", "power", "energy", "humidity", "intrusion",
    };

    private static readonly HashSet<string>.AlternateLookup<ReadOnlySpan<char>> TypeLookup = Types.GetAlternateLookup<ReadOnlySpan<char>>();

    private readonly Dictionary<(string Type, string Element, bool HasBareFile), HardwareValue> _values = [];
    private readonly Dictionary<string, MetricFamily> _families = new(StringComparer.Ordinal);

    /// <summary>Takes a file name apart; false when it is no attribute of a sensor. The number is 0 where there is none.</summary>
    public static bool TrySplit(ReadOnlySpan<char> file, out string type, out int number, out string element)
    {
        (type, number, element) = ("", 0, "");
        var digit = file.IndexOfAnyInRange('0', '9');
        var head = digit < 0 ? file : file[..digit];
        if (!TypeLookup.TryGetValue(head, out var known)) return false;
        type = known;
        if (digit < 0) return true;
        var rest = file[digit..];
        var end = rest.IndexOfAnyExceptInRange('0', '9');
        var digits = end < 0 ? rest : rest[..end];
        if (!int.TryParse(digits, System.Globalization.NumberStyles.None, System.Globalization.CultureInfo.InvariantCulture, out number)) return false;
        if (end < 0) return true;
        if (rest[end] != '_' || rest.Length == end + 1) return false;
        element = rest[(end + 1)..].ToString();
        return true;
    }

    /// <summary>Family and unit of an element; null when its name cannot be one of a metric, or there are too many.</summary>
    /// <param name="sensor">Type and number.</param>
    /// <param name="element">What stands behind the number; empty for a file without.</param>
    /// <param name="hasBareFile">True when the sensor has a file without an element too, which then is its value.</param>
    public HardwareValue? Find(string sensor, string element, bool hasBareFile)
    {
        var type = sensor.TrimEnd("0123456789").ToString();
        var key = (type, element, hasBareFile);
        if (_values.TryGetValue(key, out var known)) return known;
        if (_values.Count >= MaxFamilies || Describe(type, element, Name(type, element, hasBareFile)) is not { } value) return null;
        if (!_families.TryAdd(value.Family.Name, value.Family)) value = value with { Family = _families[value.Family.Name] };
        return _values[key] = value;
    }

    private static string Name(string type, string element, bool hasBareFile)
    {
        var name = "node_hwmon_" + type;
        if (element == "input") return hasBareFile ? name + "_input" : name;
        return element.Length == 0 ? name : $"{name}_{HardwareMonitor.Clean(element)}";
    }

    private static HardwareValue? Describe(string type, string element, string name) => (type, element) switch
    {
        ("beep_enable", "") => Gauge("node_hwmon_beep_enabled", "1 when the chip may beep.", HardwareUnit.OneOrZero),
        ("vrm", "") => Gauge("node_hwmon_voltage_regulator_version", "Version of the voltage regulator module.", HardwareUnit.Plain),
        ("update_interval", "") => Gauge("node_hwmon_update_interval_seconds", "Pause between two measurements of the chip.", HardwareUnit.Thousandth),
        ("beep_enable" or "vrm" or "update_interval", _) => null,
        (_, "fault" or "alarm") => Gauge(name, $"1 when the driver reports {element} for the sensor ({type}).", HardwareUnit.Plain),
        (_, "beep") => Gauge(name + "_enabled", "1 when the sensor may beep.", HardwareUnit.Plain),
        ("in" or "cpu", _) => Gauge(name + "_volts", $"Voltage at the sensor ({element}).", HardwareUnit.Thousandth),
        ("temp", not "type") => Gauge(
            name + "_celsius", $"Temperature at the sensor ({(element.Length == 0 ? "input" : element)}).", HardwareUnit.Thousandth),
        ("curr", _) => Gauge(name + "_amps", $"Current at the sensor ({element}).", HardwareUnit.Thousandth),
        ("energy", _) => Counter(name + "_joule_total", $"Energy that went through the sensor ({element})."),
        ("power", "accuracy") => Gauge(name, "Accuracy of the power meter.", HardwareUnit.Millionth),
        ("power", "average_interval" or "average_interval_min" or "average_interval_max") => Gauge(
            name + "_seconds", $"Time over which power is averaged ({element}).", HardwareUnit.Thousandth),
        ("power", _) => Gauge(name + "_watt", $"Power at the sensor ({element}).", HardwareUnit.Millionth),
        ("humidity", _) => Gauge(
            name, $"Humidity at the sensor, 1 is saturated air ({element}).", HardwareUnit.Millionth),
        ("fan", "input" or "min" or "max" or "target") => Gauge(
            name + "_rpm", $"Turns of the fan per minute ({element}).", HardwareUnit.Plain),
        _ => Gauge(name, $"Reading {(element.Length == 0 ? "input" : element)} of a {type} sensor.", HardwareUnit.Plain),
    };

    private static HardwareValue? Gauge(string name, string help, HardwareUnit unit) =>
        MetricNames.IsMetricName(name) ? new HardwareValue(MetricFamily.Gauge(name, help, "chip", "sensor"), unit) : null;

    private static HardwareValue? Counter(string name, string help) =>
        MetricNames.IsMetricName(name) ? new HardwareValue(MetricFamily.Counter(name, help, "chip", "sensor"), HardwareUnit.Millionth) : null;
}

/// <summary>The family of an attribute and how its number becomes the value.</summary>
internal sealed record HardwareValue(MetricFamily Family, HardwareUnit Unit)
{
    /// <summary>From the unit of the kernel to that of the family.</summary>
    public double Convert(double number) => Unit switch
    {
        HardwareUnit.Thousandth => number * 0.001,
        HardwareUnit.Millionth => number / 1_000_000,
        HardwareUnit.OneOrZero => number == 1 ? 1 : 0,
        _ => number,
    };
}

/// <summary>What the kernel counts an attribute in, relative to the unit of the family.</summary>
internal enum HardwareUnit
{
    Plain,
    Thousandth,
    Millionth,

    /// <summary>1 for 1, 0 for anything else.</summary>
    OneOrZero,
}
