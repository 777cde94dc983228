using System.ComponentModel.DataAnnotations;
using Gateway.Collectors.Host.Kernel;
using Gateway.Exposition;

namespace Gateway.Collectors.Host;

/// <summary>
/// The devices on each LAN of this machine as its kernel knows them: the neighbour tables of IPv4 and IPv6 through rtnetlink(7), or <c>/proc/net/arp</c>
/// when netlink is refused or another procfs than <c>/proc</c> is configured. A LAN is an Ethernet device that is up and resolves addresses (not loopback).
/// The kernel knows whom this machine talked with lately; silent devices are not seen, nothing is probed.
/// </summary>
[Collector("lan", Summary = "Devices seen on each LAN, from the kernel's neighbour table", Options = typeof(LanOptions))]
internal sealed class LanCollector : ICollector
{
    private const int EthernetHardware = 1; // ARPHRD_ETHER
    private const uint InterfaceUp = 0x1; // IFF_UP
    private const uint InterfaceLoopback = 0x8; // IFF_LOOPBACK
    private const uint InterfaceNoArp = 0x80; // IFF_NOARP

    /// <summary>Attempts to read a neighbour table that changes while it is read; the last one counts as it is.</summary>
    private const int MaxAttempts = 3;

    /// <summary>USER_HZ, in which the kernel shows ages to programs: 100 on every Linux port that .NET runs on.</summary>
    private const double TicksPerSecond = 100;

    private static readonly MetricFamily Devices = MetricFamily.Gauge(
        "node_lan_devices", "Devices (distinct hardware addresses) of the LAN in a usable state of the neighbour table.", "device");

    private static readonly MetricFamily Neighbours = MetricFamily.Gauge(
        "node_lan_neighbours", "Entries of the neighbour table by address family and state.", "device", "family", "state");

    private static readonly MetricFamily DeviceInfo = MetricFamily.Create(
        "node_lan_device_info", MetricType.Info, "A usable neighbour on the LAN, value is always 1.", "", "address", "device", "family", "mac");

    private static readonly MetricFamily Confirmed = MetricFamily.Create(
        "node_lan_device_confirmed_seconds", MetricType.Gauge, "Time since the neighbour was last confirmed to be reachable.", "seconds", "address", "device");

    private static readonly MetricFamily Truncated = MetricFamily.Gauge(
        "node_lan_devices_truncated", "Usable neighbours left out of node_lan_device_info because there are more than MaxDevices.");

    private static readonly (NeighbourState State, string Text)[] NetlinkStates =
    [
        (NeighbourState.Incomplete, "incomplete"), (NeighbourState.Reachable, "reachable"), (NeighbourState.Stale, "stale"), (NeighbourState.Delay, "delay"),
        (NeighbourState.Probe, "probe"), (NeighbourState.Failed, "failed"), (NeighbourState.NoArp, "noarp"), (NeighbourState.Permanent, "permanent"),
    ];

    private readonly LanOptions _options;
    private readonly NameFilter _filter;
    private readonly LanTable _table = new();
    private readonly LanArpSource _arp;
    private readonly NeighbourText _text = new();
    private readonly IRouteNetlink? _netlink;
    private readonly RouteNetlink.MessageHandler _addLink;
    private readonly RouteNetlink.MessageHandler _addNeighbour;
    private MetricSink? _sink;
    private bool _refused;

    public LanCollector(HostPaths paths, LanOptions options)
        : this(paths, options, paths.ProcRoot == "/proc" ? new RouteNetlinkSocket() : null)
    {
    }

    internal LanCollector(HostPaths paths, LanOptions options, IRouteNetlink? netlink)
    {
        _options = options;
        _filter = new NameFilter(options.Include, options.Exclude);
        _arp = new LanArpSource(paths, _filter);
        _netlink = netlink;
        _addLink = AddLink;
        _addNeighbour = AddNeighbour;
    }

    public ValueTask CollectAsync(MetricSink sink, CancellationToken cancellationToken)
    {
        _sink = sink;
        _table.Clear();
        var complete = TryNetlink(cancellationToken);
        if (!complete) _arp.Fill(_table, sink);
        _table.Sort();
        foreach (var lan in _table.Lans) Add(sink, lan, complete);
        if (_options.PerDevice) AddDevices(sink);
        _text.EndRun();
        return ValueTask.CompletedTask;
    }

    /// <summary>True for a device that is a LAN by its ARPHRD_ type and IFF_ flags.</summary>
    internal static bool IsLan(int hardwareType, uint flags) =>
        hardwareType == EthernetHardware && (flags & (InterfaceUp | InterfaceLoopback | InterfaceNoArp)) == InterfaceUp;

    private bool TryNetlink(CancellationToken cancellationToken)
    {
        if (_netlink is null || _refused) return false;
        try
        {
            _netlink.Dump(RouteNetlink.GetLink, _addLink, cancellationToken);
            for (var attempt = 1; !_netlink.Dump(RouteNetlink.GetNeighbour, _addNeighbour, cancellationToken) && attempt < MaxAttempts; attempt++)
                _table.ClearNeighbours();
            return true;
        }
        catch (NetlinkException e) when (e.IsRefusal)
        {
            _refused = true; // a right that this process will not get any more
            _table.Clear();
            return false;
        }
    }

    private void AddLink(NetlinkMessage message)
    {
        if (message.Type != RouteNetlink.NewLink) return;
        var link = RouteNetlink.ReadLink(message.Payload);
        if (!IsLan(link.HardwareType, link.Flags) || link.Name.IsEmpty || _table.Find(link.Index) is not null) return;
        var name = _sink!.Text(link.Name); // set at the start of the run
        if (_filter.Takes(name)) _table.AddLan(name, link.Index);
    }

    private void AddNeighbour(NetlinkMessage message)
    {
        if (message.Type != RouteNetlink.NewNeighbour) return;
        var entry = RouteNetlink.ReadNeighbour(message.Payload);
        if (_table.Find(entry.Device) is not { } lan || !NeighbourText.IsAddress(entry.Family, entry.Address)) return;
        var isIPv6 = entry.Family == NeighbourMessage.IPv6;
        _table.Add(new Neighbour(
            lan, isIPv6, NeighbourText.Number(entry.Address), _text.Address(entry.Address), NeighbourText.HardwareAddress(entry.HardwareAddress),
            entry.State, entry.ConfirmedTicks));
    }

    private static void Add(MetricSink sink, Lan lan, bool complete)
    {
        sink.Add(Devices, [lan.Name], lan.Devices.Count);
        if (!complete)
        {
            foreach (var (state, text) in LanArpSource.States) sink.Add(Neighbours, [lan.Name, "ipv4", text], lan.CountOf(isIPv6: false, state));
            return;
        }

        foreach (var (state, text) in NetlinkStates)
        {
            sink.Add(Neighbours, [lan.Name, "ipv4", text], lan.CountOf(isIPv6: false, state));
            sink.Add(Neighbours, [lan.Name, "ipv6", text], lan.CountOf(isIPv6: true, state));
        }
    }

    private void AddDevices(MetricSink sink)
    {
        var neighbours = _table.Neighbours;
        var listed = Math.Min(neighbours.Count, _options.MaxDevices);
        for (var i = 0; i < listed; i++)
        {
            var neighbour = neighbours[i];
            var device = neighbour.Lan.Name;
            sink.Add(DeviceInfo, [neighbour.Address, device, neighbour.IsIPv6 ? "ipv6" : "ipv4", _text.Mac(neighbour.HardwareAddress)], 1);
            if (neighbour.ConfirmedTicks is { } ticks && neighbour.State != NeighbourState.Permanent)
                sink.Add(Confirmed, [neighbour.Address, device], ticks / TicksPerSecond);
        }

        sink.Add(Truncated, neighbours.Count - listed + _table.NotListed);
    }
}

/// <summary>Settings of <c>lan</c>; section <c>Gateway:Collectors:lan</c>.</summary>
internal sealed class LanOptions : IValidatableObject
{
    /// <summary>Regular expression of the LANs to report, matched anywhere in the name of the device; empty, the default, takes all.</summary>
    public string Include { get; set; } = "";

    /// <summary>Regular expression of the LANs to leave out; empty, the default, leaves out none.</summary>
    public string Exclude { get; set; } = "";

    /// <summary>True, the default, reports each neighbour by itself; false only counts.</summary>
    public bool PerDevice { get; set; } = true;

    /// <summary>Neighbours reported by themselves, over all LANs; the rest are counted. 0 to 65536, default 1024.</summary>
    [Range(0, 65536)]
    public int MaxDevices { get; set; } = 1024;

    public IEnumerable<ValidationResult> Validate(ValidationContext validationContext) =>
        [.. NamePattern.Check(Include, nameof(Include)), .. NamePattern.Check(Exclude, nameof(Exclude))];
}
