using System.Runtime.InteropServices;

namespace Gateway.Collectors.Host.Kernel;

/// <summary>
/// Messages of NETLINK_ROUTE (netlink(7), rtnetlink(7), linux/rtnetlink.h, linux/neighbour.h) that list links and neighbours. Pure functions on bytes;
/// numbers are in the byte order of the machine, everything is aligned to four bytes.
/// </summary>
internal static class RouteNetlink
{
    public const ushort Error = 2;
    public const ushort Done = 3;
    public const ushort NewLink = 16;
    public const ushort GetLink = 18;
    public const ushort NewNeighbour = 28;
    public const ushort GetNeighbour = 30;

    /// <summary>Length of nlmsghdr: length, type, flags, sequence, port.</summary>
    public const int HeaderBytes = 16;

    /// <summary>Room a request needs.</summary>
    public const int MaxRequestBytes = HeaderBytes + LinkBytes + ExtensionMaskBytes;

    internal const int LinkBytes = 16;
    internal const int NeighbourBytes = 12;

    private const int ExtensionMaskBytes = 8;
    private const ushort RequestDump = 0x301; // NLM_F_REQUEST, NLM_F_ROOT, NLM_F_MATCH
    private const ushort DumpInterrupted = 0x10;
    private const ushort ExtensionMask = 29; // IFLA_EXT_MASK
    private const uint SkipStatistics = 8; // RTEXT_FILTER_SKIP_STATS

    /// <summary>Takes one message; its spans are valid during the call.</summary>
    internal delegate void MessageHandler(NetlinkMessage message);

    /// <summary>Writes the request for all links or all neighbours of every address family; gives its length.</summary>
    /// <param name="buffer">At least <see cref="MaxRequestBytes"/>.</param>
    /// <param name="type"><see cref="GetLink"/> or <see cref="GetNeighbour"/>.</param>
    /// <param name="sequence">Comes back in every message of the answer.</param>
    public static int WriteDumpRequest(Span<byte> buffer, ushort type, uint sequence)
    {
        buffer[..MaxRequestBytes].Clear();
        var length = HeaderBytes + (type == GetLink ? LinkBytes + ExtensionMaskBytes : NeighbourBytes);
        MemoryMarshal.Write(buffer, (uint)length);
        MemoryMarshal.Write(buffer[4..], type);
        MemoryMarshal.Write(buffer[6..], RequestDump);
        MemoryMarshal.Write(buffer[8..], sequence);
        if (type != GetLink) return length;
        var attribute = buffer[(HeaderBytes + LinkBytes)..];
        MemoryMarshal.Write(attribute, (ushort)ExtensionMaskBytes);
        MemoryMarshal.Write(attribute[2..], ExtensionMask);
        MemoryMarshal.Write(attribute[4..], SkipStatistics);
        return length;
    }

    /// <summary>Hands the messages of one datagram of an answer to the handler; true when the answer ends with it.</summary>
    /// <param name="datagram">What was received.</param>
    /// <param name="sequence">That of the request; messages with another one are passed over.</param>
    /// <param name="handler">Gets every message but the end.</param>
    /// <param name="interrupted">Set when the table changed during the answer, so that entries may be missing or double.</param>
    /// <exception cref="FormatException">A length in the datagram does not fit.</exception>
    /// <exception cref="NetlinkException">The kernel answered with an error.</exception>
    public static bool Accept(ReadOnlySpan<byte> datagram, uint sequence, MessageHandler handler, ref bool interrupted)
    {
        var reader = new NetlinkReader(datagram);
        while (reader.TryRead(out var message))
        {
            if (message.Sequence != sequence) continue;
            interrupted |= (message.Flags & DumpInterrupted) != 0;
            if (message.Type is Done or Error)
            {
                // The end carries an error number since Linux 4.20; before it may be empty.
                var error = message.Payload.Length >= sizeof(int) ? -MemoryMarshal.Read<int>(message.Payload) : 0;
                return error == 0 ? true : throw new NetlinkException("the kernel refused the list", error);
            }

            handler(message);
        }

        return false;
    }

    /// <summary>Reads the payload of <see cref="NewLink"/>.</summary>
    /// <exception cref="FormatException">It is too short, or an attribute does not fit.</exception>
    public static LinkMessage ReadLink(ReadOnlySpan<byte> payload)
    {
        const ushort nameAttribute = 3; // IFLA_IFNAME
        if (payload.Length < LinkBytes) throw new FormatException($"netlink: a link has {payload.Length} bytes, expected at least {LinkBytes}.");
        ReadOnlySpan<byte> name = default;
        var attributes = new NetlinkAttributes(payload[LinkBytes..]);
        while (attributes.TryRead(out var type, out var value))
        {
            if (type == nameAttribute) name = value.TrimEnd((byte)0);
        }

        return new LinkMessage(
            MemoryMarshal.Read<int>(payload[4..]), MemoryMarshal.Read<ushort>(payload[2..]), MemoryMarshal.Read<uint>(payload[8..]), name);
    }

    /// <summary>Reads the payload of <see cref="NewNeighbour"/>.</summary>
    /// <exception cref="FormatException">It is too short, or an attribute does not fit.</exception>
    public static NeighbourMessage ReadNeighbour(ReadOnlySpan<byte> payload)
    {
        const ushort destinationAttribute = 1; // NDA_DST
        const ushort linkAddressAttribute = 2; // NDA_LLADDR
        const ushort cacheInfoAttribute = 3; // NDA_CACHEINFO: confirmed, used, updated, references
        if (payload.Length < NeighbourBytes) throw new FormatException($"netlink: a neighbour has {payload.Length} bytes, expected at least {NeighbourBytes}.");
        var neighbour = new NeighbourMessage
        {
            Family = payload[0],
            Device = MemoryMarshal.Read<int>(payload[4..]),
            State = (NeighbourState)MemoryMarshal.Read<ushort>(payload[8..]),
        };
        var attributes = new NetlinkAttributes(payload[NeighbourBytes..]);
        while (attributes.TryRead(out var type, out var value))
        {
            switch (type)
            {
                case destinationAttribute: neighbour.Address = value; break;
                case linkAddressAttribute: neighbour.HardwareAddress = value; break;
                case cacheInfoAttribute when value.Length >= sizeof(uint): neighbour.ConfirmedTicks = MemoryMarshal.Read<uint>(value); break;
                default: break;
            }
        }

        return neighbour;
    }
}

/// <summary>One message: header fields and what follows the header.</summary>
internal readonly ref struct NetlinkMessage(ReadOnlySpan<byte> message)
{
    public ushort Type { get; } = MemoryMarshal.Read<ushort>(message[4..]);

    public ushort Flags { get; } = MemoryMarshal.Read<ushort>(message[6..]);

    public uint Sequence { get; } = MemoryMarshal.Read<uint>(message[8..]);

    public ReadOnlySpan<byte> Payload { get; } = message[RouteNetlink.HeaderBytes..];
}

/// <summary>Steps through the messages of a datagram.</summary>
internal ref struct NetlinkReader(ReadOnlySpan<byte> datagram)
{
    private ReadOnlySpan<byte> _rest = datagram;

    /// <summary>The next message; false at the end.</summary>
    /// <exception cref="FormatException">The length of the message is below its header or beyond the datagram.</exception>
    public bool TryRead(out NetlinkMessage message)
    {
        message = default;
        if (_rest.IsEmpty) return false;
        var length = _rest.Length < RouteNetlink.HeaderBytes ? 0 : MemoryMarshal.Read<uint>(_rest);
        if (length < RouteNetlink.HeaderBytes || length > _rest.Length)
            throw new FormatException($"netlink: a message says {length} bytes, expected {RouteNetlink.HeaderBytes} to the {_rest.Length} that are left.");
        message = new NetlinkMessage(_rest[..(int)length]);
        _rest = _rest[Math.Min(NetlinkAttributes.Align((int)length), _rest.Length)..];
        return true;
    }
}

/// <summary>Steps through attributes (rtattr: length, type, value).</summary>
internal ref struct NetlinkAttributes(ReadOnlySpan<byte> attributes)
{
    private const int HeaderBytes = 4;
    private const ushort TypeMask = 0x3fff; // without the flags "nested" and "network byte order"

    private ReadOnlySpan<byte> _rest = attributes;

    /// <summary>The next attribute; false at the end.</summary>
    /// <exception cref="FormatException">The length of the attribute is below its header or beyond the message.</exception>
    public bool TryRead(out ushort type, out ReadOnlySpan<byte> value)
    {
        type = 0;
        value = default;
        if (_rest.IsEmpty) return false;
        var length = _rest.Length < HeaderBytes ? 0 : MemoryMarshal.Read<ushort>(_rest);
        if (length < HeaderBytes || length > _rest.Length)
            throw new FormatException($"netlink: an attribute says {length} bytes, expected {HeaderBytes} to the {_rest.Length} that are left.");
        type = (ushort)(MemoryMarshal.Read<ushort>(_rest[2..]) & TypeMask);
        value = _rest[HeaderBytes..length];
        _rest = _rest[Math.Min(Align(length), _rest.Length)..];
        return true;
    }

    /// <summary>The next multiple of four.</summary>
    internal static int Align(int length) => (length + 3) & ~3;
}

/// <summary>A network device.</summary>
/// <param name="index">Number of the device.</param>
/// <param name="hardwareType">ARPHRD_ value; 1 is Ethernet.</param>
/// <param name="flags">IFF_ values (netdevice(7)).</param>
/// <param name="name">Name in UTF-8; empty when the message has none.</param>
internal readonly ref struct LinkMessage(int index, ushort hardwareType, uint flags, ReadOnlySpan<byte> name)
{
    public int Index { get; } = index;

    public ushort HardwareType { get; } = hardwareType;

    public uint Flags { get; } = flags;

    public ReadOnlySpan<byte> Name { get; } = name;
}

/// <summary>An entry of the neighbour table.</summary>
internal ref struct NeighbourMessage
{
    public const byte IPv4 = 2;
    public const byte IPv6 = 10;

    /// <summary>Address family: <see cref="IPv4"/>, <see cref="IPv6"/> or another one.</summary>
    public byte Family;

    /// <summary>Number of the device.</summary>
    public int Device;

    /// <summary>State.</summary>
    public NeighbourState State;

    /// <summary>Address in network byte order; empty when the message has none.</summary>
    public ReadOnlySpan<byte> Address;

    /// <summary>Hardware address; empty as long as it is not known.</summary>
    public ReadOnlySpan<byte> HardwareAddress;

    /// <summary>Clock ticks (USER_HZ) since the neighbour was last confirmed; null when the message does not say.</summary>
    public uint? ConfirmedTicks;
}

/// <summary>NUD_ values of linux/neighbour.h.</summary>
[Flags]
internal enum NeighbourState : ushort
{
    None = 0,
    Incomplete = 0x01,
    Reachable = 0x02,
    Stale = 0x04,
    Delay = 0x08,
    Probe = 0x10,
    Failed = 0x20,
    NoArp = 0x40,
    Permanent = 0x80,
}

/// <summary>A netlink call failed.</summary>
/// <param name="what">What failed.</param>
/// <param name="error">errno(3).</param>
internal sealed class NetlinkException(string what, int error) : IOException($"netlink: {what}, error {error}.")
{
    /// <summary>errno(3).</summary>
    public int Error { get; } = error;

    /// <summary>True when this process may not use netlink, or the kernel has none: EPERM, EACCES, ENOSYS, EPROTONOSUPPORT, EAFNOSUPPORT.</summary>
    public bool IsRefusal => Error is 1 or 13 or 38 or 93 or 97;
}
