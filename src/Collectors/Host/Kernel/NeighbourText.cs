using System.Buffers.Binary;
using System.Buffers.Text;
using System.Net;

namespace Gateway.Collectors.Host.Kernel;

/// <summary>Addresses of neighbours as numbers and as text; each text is built once and kept while it is in use. Not thread-safe.</summary>
internal sealed class NeighbourText
{
    /// <summary>Texts kept; above this number they are built anew.</summary>
    private const int MaxTexts = 8192;

    private const int HardwareAddressBytes = 6;

    private readonly Dictionary<(bool IsIPv6, UInt128 Number), string> _addresses = [];
    private readonly Dictionary<ulong, string> _macs = [];

    /// <summary>True when the bytes are an address of the family.</summary>
    public static bool IsAddress(byte family, ReadOnlySpan<byte> address) =>
        (family == NeighbourMessage.IPv4 && address.Length == 4) || (family == NeighbourMessage.IPv6 && address.Length == 16);

    /// <summary>An address of four or sixteen bytes as a number.</summary>
    public static UInt128 Number(ReadOnlySpan<byte> address) =>
        address.Length == 4 ? BinaryPrimitives.ReadUInt32BigEndian(address) : BinaryPrimitives.ReadUInt128BigEndian(address);

    /// <summary>A hardware address of six bytes as a number; 0 for one of another length.</summary>
    public static ulong HardwareAddress(ReadOnlySpan<byte> address) =>
        address.Length == HardwareAddressBytes
            ? ((ulong)BinaryPrimitives.ReadUInt16BigEndian(address) << 32) | BinaryPrimitives.ReadUInt32BigEndian(address[2..])
            : 0;

    /// <summary>Reads six pairs of hexadecimal digits with colons between them; false for anything else.</summary>
    public static bool TryParseHardwareAddress(ReadOnlySpan<byte> text, out ulong address)
    {
        address = 0;
        if (text.Length != (HardwareAddressBytes * 3) - 1) return false;
        for (var i = 0; i < HardwareAddressBytes; i++)
        {
            if (i > 0 && text[(i * 3) - 1] != (byte)':') return false;
            if (!Utf8Parser.TryParse(text.Slice(i * 3, 2), out byte value, out var used, 'x') || used != 2) return false;
            address = (address << 8) | value;
        }

        return true;
    }

    /// <summary>Reads four decimal numbers with dots between them; false for anything else.</summary>
    public static bool TryParseIPv4(ReadOnlySpan<byte> text, out uint address)
    {
        address = 0;
        for (var i = 0; i < 4; i++)
        {
            if (!Utf8Parser.TryParse(text, out byte value, out var used)) return false;
            address = (address << 8) | value;
            text = text[used..];
            if (i == 3) break;
            if (text.IsEmpty || text[0] != (byte)'.') return false;
            text = text[1..];
        }

        return text.IsEmpty;
    }

    /// <summary>An address of four or sixteen bytes as RFC 5952 writes it.</summary>
    public string Address(ReadOnlySpan<byte> address)
    {
        var key = (address.Length != 4, Number(address));
        if (_addresses.TryGetValue(key, out var text)) return text;
        return _addresses[key] = new IPAddress(address).ToString();
    }

    /// <summary>A hardware address as six pairs of lower-case hexadecimal digits.</summary>
    public string Mac(ulong address)
    {
        if (_macs.TryGetValue(address, out var text)) return text;
        return _macs[address] = string.Create(
            (HardwareAddressBytes * 3) - 1,
            address,
            static (span, bits) =>
            {
                for (var i = 0; i < span.Length; i++)
                    span[i] = i % 3 == 2 ? ':' : "0123456789abcdef"[(int)(bits >> (44 - (4 * (i - (i / 3))))) & 15];
            });
    }

    /// <summary>Forgets the texts when there are too many.</summary>
    public void EndRun()
    {
        if (_addresses.Count > MaxTexts) _addresses.Clear();
        if (_macs.Count > MaxTexts) _macs.Clear();
    }
}
