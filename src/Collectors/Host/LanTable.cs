using Gateway.Collectors.Host.Kernel;

namespace Gateway.Collectors.Host;

/// <summary>
/// The LANs of this machine and the neighbours seen on them, gathered anew in each run from one of two sources. Objects and collections stay from run to
/// run. Not thread-safe.
/// </summary>
internal sealed class LanTable
{
    /// <summary>Neighbours listed one by one; more are counted only. The kernel keeps at most 1024 per address family unless it is told otherwise.</summary>
    private const int MaxNeighbours = 1 << 16;

    private const NeighbourState Usable =
        NeighbourState.Reachable | NeighbourState.Stale | NeighbourState.Delay | NeighbourState.Probe | NeighbourState.Permanent;

    private static readonly Comparison<Lan> ByName = static (x, y) => string.CompareOrdinal(x.Name, y.Name);
    private static readonly Comparison<Neighbour> ByAddress = static (x, y) =>
    {
        var order = string.CompareOrdinal(x.Lan.Name, y.Lan.Name);
        if (order != 0) return order;
        order = x.IsIPv6.CompareTo(y.IsIPv6);
        return order != 0 ? order : x.Number.CompareTo(y.Number);
    };

    private readonly Dictionary<string, Lan> _known = new(StringComparer.Ordinal);
    private readonly Dictionary<int, Lan> _byIndex = [];
    private readonly List<Lan> _lans = [];
    private readonly List<Neighbour> _neighbours = [];

    /// <summary>LANs of this run, in ordinal order of their names after <see cref="Sort"/>.</summary>
    public IReadOnlyList<Lan> Lans => _lans;

    /// <summary>Usable neighbours of this run, in order of LAN, family and address after <see cref="Sort"/>.</summary>
    public IReadOnlyList<Neighbour> Neighbours => _neighbours;

    /// <summary>Usable neighbours that <see cref="Neighbours"/> does not hold.</summary>
    public int NotListed { get; private set; }

    /// <summary>Empties the table.</summary>
    public void Clear()
    {
        if (_known.Count > 2 * _lans.Count) _known.Clear();
        _byIndex.Clear();
        _lans.Clear();
        ClearNeighbours();
    }

    /// <summary>Empties the table but for the LANs.</summary>
    public void ClearNeighbours()
    {
        foreach (var lan in _lans) lan.Clear();
        _neighbours.Clear();
        NotListed = 0;
    }

    /// <summary>Adds a LAN.</summary>
    /// <param name="name">Name of the device.</param>
    /// <param name="index">Number of the device; 0 when the source does not say.</param>
    public Lan AddLan(string name, int index = 0)
    {
        if (!_known.TryGetValue(name, out var lan)) _known[name] = lan = new Lan(name);
        lan.Clear();
        _lans.Add(lan);
        if (index != 0) _byIndex[index] = lan;
        return lan;
    }

    /// <summary>The LAN on a device; null when the device is none.</summary>
    public Lan? Find(int index) => _byIndex.GetValueOrDefault(index);

    /// <summary>The LAN on a device; null when the device is none.</summary>
    public Lan? Find(string name)
    {
        foreach (var lan in _lans)
        {
            if (lan.Name == name) return lan;
        }

        return null;
    }

    /// <summary>Counts a neighbour, and lists it when it is usable.</summary>
    public void Add(Neighbour neighbour)
    {
        neighbour.Lan.Count(neighbour.IsIPv6, neighbour.State);
        if ((neighbour.State & Usable) == NeighbourState.None || neighbour.HardwareAddress == 0) return;
        neighbour.Lan.Devices.Add(neighbour.HardwareAddress);
        if (_neighbours.Count < MaxNeighbours) _neighbours.Add(neighbour);
        else NotListed++;
    }

    /// <summary>Puts LANs and neighbours into their order, so that the same ones are left out in each run when there are too many.</summary>
    public void Sort()
    {
        _lans.Sort(ByName);
        _neighbours.Sort(ByAddress);
    }
}

/// <summary>A network device with neighbours.</summary>
internal sealed class Lan(string name)
{
    /// <summary>Bits of <see cref="NeighbourState"/>.</summary>
    private const int StateCount = 8;

    private readonly int[] _counts = new int[2 * StateCount];

    public string Name { get; } = name;

    /// <summary>Distinct hardware addresses of usable neighbours.</summary>
    public HashSet<ulong> Devices { get; } = [];

    /// <summary>Neighbours in a state.</summary>
    public int CountOf(bool isIPv6, NeighbourState state) => _counts[Slot(isIPv6, state)];

    internal void Count(bool isIPv6, NeighbourState state)
    {
        if (System.Numerics.BitOperations.IsPow2((int)state) && (int)state < 1 << StateCount) _counts[Slot(isIPv6, state)]++;
    }

    internal void Clear()
    {
        Array.Clear(_counts);
        Devices.Clear();
    }

    private static int Slot(bool isIPv6, NeighbourState state) => (isIPv6 ? StateCount : 0) + System.Numerics.BitOperations.Log2((uint)state);
}

/// <summary>A neighbour on a LAN.</summary>
/// <param name="Lan">Where it was seen.</param>
/// <param name="IsIPv6">Family of its address.</param>
/// <param name="Number">Its address as a number, for the order.</param>
/// <param name="Address">Its address as text.</param>
/// <param name="HardwareAddress">Its 48-bit hardware address; 0 when not known.</param>
/// <param name="State">Its state.</param>
/// <param name="ConfirmedTicks">Clock ticks since it was last confirmed; null when not known.</param>
internal readonly record struct Neighbour(
    Lan Lan, bool IsIPv6, UInt128 Number, string Address, ulong HardwareAddress, NeighbourState State, uint? ConfirmedTicks);
