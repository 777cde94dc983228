namespace Gateway.Collectors.Host.Kernel;

/// <summary>
/// Steps through <c>/proc/net/arp</c> (proc(5), net/ipv4/arp.c): a title line, then address, hardware type, flags, hardware address, mask and device.
/// </summary>
internal ref struct ArpTableReader(ReadOnlySpan<byte> content)
{
    private const int Columns = 6;

    private ReadOnlySpan<byte> _rest = content;
    private int _line;

    /// <summary>The next entry; false at the end.</summary>
    /// <exception cref="FormatException">A line has too few columns, or its type or flags are no hexadecimal number; carries the line number.</exception>
    public bool TryRead(out ArpEntry entry)
    {
        while (!_rest.IsEmpty)
        {
            var end = _rest.IndexOf((byte)'\n');
            var line = end < 0 ? _rest : _rest[..end];
            _rest = end < 0 ? default : _rest[(end + 1)..];
            _line++;
            if (line.IsEmpty || line.StartsWith("IP address"u8)) continue;
            entry = Parse(line, _line);
            return true;
        }

        entry = default;
        return false;
    }

    private static ArpEntry Parse(ReadOnlySpan<byte> line, int number)
    {
        var fields = new FieldReader(line);
        var address = fields.Next();
        var type = fields.Next();
        var flags = fields.Next();
        var hardwareAddress = fields.Next();
        fields.Next(); // mask, always *
        var device = fields.Next();
        if (device.IsEmpty) throw new FormatException($"net/arp line {number}: expected {Columns} columns.");
        if (!KernelNumber.TrySigned(type, out var typeValue) || !KernelNumber.TrySigned(flags, out var flagsValue))
            throw new FormatException($"net/arp line {number}: expected hexadecimal numbers in the columns of type and flags.");
        return new ArpEntry(address, (int)typeValue, (int)flagsValue, hardwareAddress, device);
    }
}

/// <summary>One line of <c>/proc/net/arp</c>; the texts are slices of the file.</summary>
internal readonly ref struct ArpEntry(ReadOnlySpan<byte> address, int type, int flags, ReadOnlySpan<byte> hardwareAddress, ReadOnlySpan<byte> device)
{
    /// <summary>IPv4 address as text.</summary>
    public ReadOnlySpan<byte> Address { get; } = address;

    /// <summary>ARPHRD_ value of the device; 1 is Ethernet.</summary>
    public int Type { get; } = type;

    /// <summary>ATF_ flags (linux/if_arp.h): 2 resolved, 4 permanent.</summary>
    public int Flags { get; } = flags;

    /// <summary>Hardware address as text, zeros when not resolved.</summary>
    public ReadOnlySpan<byte> HardwareAddress { get; } = hardwareAddress;

    /// <summary>Name of the device.</summary>
    public ReadOnlySpan<byte> Device { get; } = device;
}
