using System.ComponentModel.DataAnnotations;
using Gateway.Collectors.Host.Kernel;
using Gateway.Exposition;

namespace Gateway.Collectors.Host;

/// <summary>
/// State and properties of network devices, from <c>/sys/class/net</c> (Documentation/ABI/testing/sysfs-class-net). Many attributes have no value while the
/// link is down or the device has no such thing; those series are absent then.
/// </summary>
[Collector("netclass", Summary = "State and properties of network devices, from /sys/class/net", Options = typeof(NetworkClassOptions))]
internal sealed class NetworkClassCollector : ICollector
{
    /// <summary>Bytes per second in one megabit per second, the unit of the kernel.</summary>
    private const long BytesPerMegabit = 1_000_000 / 8;

    private static readonly MetricFamily Up = MetricFamily.Gauge("node_network_up", "1 when the kernel calls the device operational (operstate up).", "device");

    private static readonly MetricFamily Info = MetricFamily.Gauge(
        "node_network_info",
        "Always 1; the labels hold what the kernel says in words about the device.",
        "address", "broadcast", "device", "duplex", "ifalias", "operstate");

    private static readonly MetricFamily Speed = Gauge("speed_bytes");

    private static readonly (string File, MetricFamily Family)[] Properties =
    [
        ("addr_assign_type", Gauge("address_assign_type")),
        ("carrier", Gauge("carrier")),
        ("carrier_changes", Counter("carrier_changes_total")),
        ("carrier_up_count", Counter("carrier_up_changes_total")),
        ("carrier_down_count", Counter("carrier_down_changes_total")),
        ("dev_id", Gauge("device_id")),
        ("dormant", Gauge("dormant")),
        ("flags", Gauge("flags")),
        ("ifindex", Gauge("iface_id")),
        ("iflink", Gauge("iface_link")),
        ("link_mode", Gauge("iface_link_mode")),
        ("mtu", Gauge("mtu_bytes")),
        ("name_assign_type", Gauge("name_assign_type")),
        ("netdev_group", Gauge("net_dev_group")),
        ("speed", Speed),
        ("tx_queue_len", Gauge("transmit_queue_length")),
        ("type", Gauge("protocol_type")),
    ];

    private readonly bool _ignoreInvalidSpeed;
    private readonly string _folder;
    private readonly NameFilter _filter;
    private readonly DeviceFolder<Device> _devices;
    private readonly byte[] _buffer = new byte[AttributeFile.MaxBytes];

    public NetworkClassCollector(HostPaths paths, NetworkClassOptions options)
    {
        _ignoreInvalidSpeed = options.IgnoreInvalidSpeed;
        _folder = paths.Sys("class/net");
        _filter = new NameFilter(options.Include, options.Exclude);
        _devices = new DeviceFolder<Device>(_folder, static (_, isFolder) => isFolder, static (name, path) => new Device(name, path));
    }

    public ValueTask CollectAsync(MetricSink sink, CancellationToken cancellationToken)
    {
        try
        {
            _devices.Refresh();
        }
        catch (DirectoryNotFoundException)
        {
            throw new NoDataException($"There is no {_folder}.");
        }

        foreach (var device in _devices.Items)
        {
            if (_filter.Takes(device.Name)) Add(sink, device);
        }

        return ValueTask.CompletedTask;
    }

    private void Add(MetricSink sink, Device device)
    {
        var state = Text(sink, device.OperState);
        if (state is null) return; // every device has a state: it went away since the folder was listed
        sink.Add(Up, [device.Name], state == "up" ? 1 : 0);
        sink.Add(
            Info,
            [
                Text(sink, device.Address) ?? "", Text(sink, device.Broadcast) ?? "", device.Name, Text(sink, device.Duplex) ?? "",
                Text(sink, device.Alias) ?? "", state,
            ],
            1);
        for (var i = 0; i < Properties.Length; i++) AddProperty(sink, device, device.Properties[i], Properties[i].Family);
    }

    private void AddProperty(MetricSink sink, Device device, AttributeFile file, MetricFamily family)
    {
        var read = file.Read(_buffer, out var text);
        if (read == AttributeState.Failed) sink.Fault($"{file.Path} cannot be read: error {file.LastError}.");
        if (read != AttributeState.Present) return;
        if (!KernelNumber.TrySigned(text, out var value))
        {
            sink.Fault($"{file.Path}: expected an integer.");
            return;
        }

        if (family == Speed)
        {
            if (value < 0 && _ignoreInvalidSpeed) return;
            value *= BytesPerMegabit;
        }

        sink.Add(family, [device.Name], value);
    }

    private string? Text(MetricSink sink, AttributeFile file) =>
        file.Read(_buffer, out var text) == AttributeState.Present ? sink.Text(text) : null;

    private static MetricFamily Gauge(string name) => MetricFamily.Gauge("node_network_" + name, $"Attribute {name} of the network device.", "device");

    private static MetricFamily Counter(string name) => MetricFamily.Counter("node_network_" + name, $"Attribute {name} of the network device.", "device");

    /// <summary>The attribute files of one device.</summary>
    private sealed class Device(string name, string path)
    {
        public string Name { get; } = name;

        public AttributeFile OperState { get; } = new(Path.Join(path, "operstate"));

        public AttributeFile Address { get; } = new(Path.Join(path, "address"));

        public AttributeFile Broadcast { get; } = new(Path.Join(path, "broadcast"));

        public AttributeFile Duplex { get; } = new(Path.Join(path, "duplex"));

        public AttributeFile Alias { get; } = new(Path.Join(path, "ifalias"));

        public AttributeFile[] Properties { get; } =
            Array.ConvertAll(NetworkClassCollector.Properties, property => new AttributeFile(Path.Join(path, property.File)));
    }
}

/// <summary>Settings of <c>netclass</c>; section <c>Gateway:Collectors:netclass</c>.</summary>
internal sealed class NetworkClassOptions : IValidatableObject
{
    /// <summary>Regular expression of the devices to report, matched anywhere in the name; empty, the default, takes all.</summary>
    public string Include { get; set; } = "";

    /// <summary>Regular expression of the devices to leave out; empty, the default, leaves out none.</summary>
    public string Exclude { get; set; } = "";

    /// <summary>True leaves out the speed of devices that say -1 (unknown); false, the default, reports it as -125000, as node_exporter does.</summary>
    public bool IgnoreInvalidSpeed { get; set; }

    public IEnumerable<ValidationResult> Validate(ValidationContext validationContext) =>
        [.. NamePattern.Check(Include, nameof(Include)), .. NamePattern.Check(Exclude, nameof(Exclude))];
}
