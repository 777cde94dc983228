using Gateway.Collectors.Host.Kernel;

namespace Gateway.Collectors.Host;

/// <summary>
/// One entry of <c>/sys/class/hwmon</c> with its attributes. Names and paths are kept as long as the entry stands for the same device and lists the same
/// files: the number in <c>hwmonN</c> is given anew when drivers are loaded in another order. Not thread-safe.
/// </summary>
internal sealed class HardwareMonitor
{
    private static readonly Comparer<(string Sensor, string Element)> ByName = Comparer<(string Sensor, string Element)>.Create(static (x, y) =>
    {
        var order = string.CompareOrdinal(x.Sensor, y.Sensor);
        return order != 0 ? order : string.CompareOrdinal(x.Element, y.Element);
    });

    private readonly string _path;
    private readonly string _devicePath;
    private readonly HardwareSensorNames _names;
    private readonly DeviceLink _link;
    private readonly AttributeFile _name;
    private readonly DeviceFolder<string> _files;
    private readonly DeviceFolder<string> _deviceFiles;
    private readonly byte[] _buffer = new byte[AttributeFile.MaxBytes];
    private readonly List<HardwareAttribute> _attributes = [];
    private bool _isKnown;

    public HardwareMonitor(string path, HardwareSensorNames names)
    {
        _path = path;
        _devicePath = Path.Join(path, "device");
        _names = names;
        _link = new DeviceLink(path);
        _name = new AttributeFile(Path.Join(path, "name"));
        _files = Files(path);
        _deviceFiles = Files(_devicePath);
    }

    /// <summary>Name that stays the same from boot to boot: the device's bus and name, else the driver's name, else <c>hwmonN</c>.</summary>
    public string Chip { get; private set; } = "";

    /// <summary>Name that the driver gives; empty for none. Several chips may have the same.</summary>
    public string ChipName { get; private set; } = "";

    /// <summary>The attributes, in order of their file names.</summary>
    public IReadOnlyList<HardwareAttribute> Attributes => _attributes;

    /// <summary>Looks whether the entry is still the same device with the same files; false when it went away.</summary>
    public bool TryRefresh()
    {
        try
        {
            // Drivers of old keep their files in the device's own folder.
            var changed = _link.HasChanged() | _files.Refresh() | (Directory.Exists(_devicePath) && _deviceFiles.Refresh());
            if (changed || !_isKnown) Rebuild();
            return true;
        }
        catch (DirectoryNotFoundException)
        {
            _isKnown = false;
            return false;
        }
    }

    /// <summary>Lower-case letters, digits, underscores and colons; anything else becomes an underscore, none at the ends.</summary>
    internal static string Clean(ReadOnlySpan<char> name) => string.Create(name.Length, name, static (span, name) =>
    {
        for (var i = 0; i < span.Length; i++)
        {
            var lower = char.ToLowerInvariant(name[i]);
            span[i] = char.IsAsciiLetterLower(lower) || char.IsAsciiDigit(lower) || lower is '_' or ':' ? lower : '_';
        }
    }).Trim('_');

    private void Rebuild()
    {
        ChipName = _name.Read(_buffer, out var text) == AttributeState.Present ? Clean(System.Text.Encoding.UTF8.GetString(text)) : "";
        Chip = NameOfDevice();
        if (Chip.Length == 0) Chip = ChipName;
        if (Chip.Length == 0) Chip = Clean(Path.GetFileName(DeviceLink.Resolve(_path) ?? _path));
        _attributes.Clear();
        var paths = new SortedDictionary<(string Sensor, string Element), string>(ByName);
        AddFiles(paths, _path, _files.Items);
        AddFiles(paths, _devicePath, _deviceFiles.Items);
        foreach (var ((sensor, element), path) in paths)
        {
            var file = new AttributeFile(path);
            if (element == "label") _attributes.Add(new HardwareAttribute(file, sensor, null));
            else if (_names.Find(sensor, element, paths.ContainsKey((sensor, ""))) is { } value) _attributes.Add(new HardwareAttribute(file, sensor, value));
        }

        _isKnown = true;
    }

    /// <summary>Bus and name of the device, from the folder its link leads to: <c>platform_coretemp_0</c>; empty without a device.</summary>
    private string NameOfDevice()
    {
        if (DeviceLink.Resolve(_devicePath) is not { } device) return "";
        var name = Clean(Path.GetFileName(device.AsSpan()));
        var bus = Clean(Path.GetFileName(Path.GetDirectoryName(device.AsSpan())));
        return bus.Length > 0 && name.Length > 0 ? $"{bus}_{name}" : name;
    }

    private static void AddFiles(SortedDictionary<(string Sensor, string Element), string> paths, string folder, IReadOnlyList<string> files)
    {
        foreach (var file in files)
        {
            if (HardwareSensorNames.TrySplit(file, out var type, out var number, out var element)) paths[($"{type}{number}", element)] = Path.Join(folder, file);
        }
    }

    private static DeviceFolder<string> Files(string path) =>
        new(path, static (name, isFolder) => !isFolder && HardwareSensorNames.TrySplit(name, out _, out _, out _), static (name, _) => name);
}

/// <summary>A file of a hardware monitor and what it stands for.</summary>
/// <param name="File">Where it is.</param>
/// <param name="Sensor">Label <c>sensor</c>: type and number.</param>
/// <param name="Value">Family and unit; null for the file that names the sensor.</param>
internal sealed record HardwareAttribute(AttributeFile File, string Sensor, HardwareValue? Value);
