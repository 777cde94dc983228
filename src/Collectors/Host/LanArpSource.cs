using Gateway.Collectors.Host.Kernel;

namespace Gateway.Collectors.Host;

/// <summary>
/// LANs from <c>/sys/class/net</c> and their IPv4 neighbours from <c>/proc/net/arp</c>: what remains when netlink cannot be asked. That file tells resolved
/// entries from others, but not how fresh they are.
/// </summary>
internal sealed class LanArpSource
{
    private const int Resolved = 2; // ATF_COM of linux/if_arp.h
    private const int Permanent = 4; // ATF_PERM

    /// <summary>States that the file can tell. A resolved entry may be reachable, stale or being probed.</summary>
    public static readonly (NeighbourState State, string Text)[] States =
        [(NeighbourState.Incomplete, "incomplete"), (NeighbourState.Reachable, "complete"), (NeighbourState.Permanent, "permanent")];

    private readonly string _arpPath;
    private readonly NameFilter _filter;
    private readonly KernelFile _file = new();
    private readonly DeviceFolder<Device> _devices;
    private readonly byte[] _buffer = new byte[AttributeFile.MaxBytes];

    public LanArpSource(HostPaths paths, NameFilter filter)
    {
        _arpPath = paths.Proc("net/arp");
        _filter = filter;
        _devices = new DeviceFolder<Device>(paths.Sys("class/net"), static (_, isFolder) => isFolder, static (name, path) => new Device(name, path));
    }

    /// <summary>Fills the table.</summary>
    /// <exception cref="NoDataException">There is no such file.</exception>
    /// <exception cref="FormatException">A line of the file cannot be read.</exception>
    public void Fill(LanTable table, MetricSink sink)
    {
        if (!File.Exists(_arpPath)) throw new NoDataException($"There is no {_arpPath}, and netlink cannot be asked.");
        AddLans(table);
        var reader = new ArpTableReader(_file.Read(_arpPath));
        while (reader.TryRead(out var entry))
        {
            var name = sink.Text(entry.Device);
            if (table.Find(name) is { } lan) table.Add(Neighbour(lan, entry, sink));
        }
    }

    private static Neighbour Neighbour(Lan lan, ArpEntry entry, MetricSink sink)
    {
        if (!NeighbourText.TryParseIPv4(entry.Address, out var number)) throw new FormatException("net/arp: expected an IPv4 address in the first column.");
        if (!NeighbourText.TryParseHardwareAddress(entry.HardwareAddress, out var mac))
            throw new FormatException("net/arp: expected six pairs of hexadecimal digits as the hardware address of an Ethernet device.");
        var state = (entry.Flags & Permanent) != 0 ? NeighbourState.Permanent
            : (entry.Flags & Resolved) != 0 ? NeighbourState.Reachable
            : NeighbourState.Incomplete;
        return new Neighbour(lan, IsIPv6: false, number, sink.Text(entry.Address), mac, state, ConfirmedTicks: null);
    }

    private void AddLans(LanTable table)
    {
        try
        {
            _devices.Refresh();
        }
        catch (DirectoryNotFoundException e)
        {
            throw new NoDataException(e.Message);
        }

        foreach (var device in _devices.Items)
        {
            if (TryRead(device.HardwareType, out var type) && TryRead(device.Flags, out var flags) && LanCollector.IsLan((int)type, (uint)flags)
                && _filter.Takes(device.Name))
            {
                table.AddLan(device.Name);
            }
        }
    }

    private bool TryRead(AttributeFile file, out long value)
    {
        value = 0;
        return file.Read(_buffer, out var text) == AttributeState.Present && KernelNumber.TrySigned(text, out value);
    }

    private sealed class Device(string name, string path)
    {
        public string Name { get; } = name;

        public AttributeFile HardwareType { get; } = new(Path.Join(path, "type"));

        public AttributeFile Flags { get; } = new(Path.Join(path, "flags"));
    }
}
