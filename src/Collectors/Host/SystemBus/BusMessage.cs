using System.Buffers.Binary;
using System.Text;

namespace Gateway.Collectors.Host.SystemBus;

/// <summary>
/// A message as the D-Bus specification lays it out ("Message Format"): byte order, type, flags, version, length of the body, serial; an array of header
/// fields; padding to eight bytes; the body. Pure functions on bytes; the texts are slices of the message.
/// </summary>
internal readonly ref struct BusMessage
{
    /// <summary>Longest message taken; the specification allows 128 MiB. A list of ten thousand units has some 3 MiB.</summary>
    public const int MaxBytes = 16 << 20;

    /// <summary>Bytes from which the length of the whole message can be told.</summary>
    public const int PrefixBytes = 16;

    public const byte MethodCall = 1;
    public const byte MethodReturn = 2;
    public const byte Error = 3;

    private const byte LittleEndian = (byte)'l';
    private const byte BigEndian = (byte)'B';
    private const byte Version = 1;
    private const byte PathField = 1;
    private const byte InterfaceField = 2;
    private const byte MemberField = 3;
    private const byte ErrorNameField = 4;
    private const byte ReplySerialField = 5;
    private const byte DestinationField = 6;
    private const byte SignatureField = 8;

    private readonly ReadOnlySpan<byte> _body;
    private readonly bool _isBigEndian;

    private BusMessage(ReadOnlySpan<byte> message, int total)
    {
        _isBigEndian = message[0] == BigEndian;
        Type = message[1];
        Serial = UInt32(message[8..], _isBigEndian);
        var end = 16 + (int)UInt32(message[12..], _isBigEndian);
        var reader = new BusReader(message[..end], _isBigEndian);
        for (var i = 0; i < 12; i++) reader.ReadByte();
        reader.ReadUInt32();
        while (reader.Position < end)
        {
            reader.Align(8);
            var field = reader.ReadByte();
            var signature = reader.ReadSignature();
            if (signature.Length != 1) throw new FormatException("D-Bus: a header field is not of a basic type.");
            switch (field, (char)signature[0])
            {
                case (MemberField, 's'): Member = reader.ReadString(); break;
                case (ErrorNameField, 's'): ErrorName = reader.ReadString(); break;
                case (ReplySerialField, 'u'): ReplySerial = reader.ReadUInt32(); break;
                case (SignatureField, 'g'): Signature = reader.ReadSignature(); break;
                default: reader.Skip(signature[0]); break;
            }
        }

        _body = message[Align8(end)..total];
    }

    /// <summary><see cref="MethodReturn"/>, <see cref="Error"/> or another type.</summary>
    public byte Type { get; }

    /// <summary>Number that the sender gave it.</summary>
    public uint Serial { get; }

    /// <summary>Serial of the call that this answers; 0 for none.</summary>
    public uint ReplySerial { get; }

    /// <summary>Name of the method or signal; empty for none.</summary>
    public ReadOnlySpan<byte> Member { get; }

    /// <summary>Name of the error; empty for none.</summary>
    public ReadOnlySpan<byte> ErrorName { get; }

    /// <summary>Types of the body.</summary>
    public ReadOnlySpan<byte> Signature { get; }

    /// <summary>The body from its start.</summary>
    public BusReader Body => new(_body, _isBigEndian);

    /// <summary>Length of the whole message, told from its first <see cref="PrefixBytes"/>.</summary>
    /// <exception cref="FormatException">That is no message of version 1, or it is longer than <see cref="MaxBytes"/>.</exception>
    public static int Length(ReadOnlySpan<byte> prefix)
    {
        if (prefix[0] is not (LittleEndian or BigEndian) || prefix[3] != Version) throw new FormatException("D-Bus: expected a message of version 1.");
        var isBigEndian = prefix[0] == BigEndian;
        ulong body = UInt32(prefix[4..], isBigEndian);
        ulong fields = UInt32(prefix[12..], isBigEndian);
        var total = PrefixBytes + ((fields + 7) & ~7UL) + body;
        return total <= MaxBytes ? (int)total : throw new FormatException($"D-Bus: a message of {total} bytes, expected at most {MaxBytes}.");
    }

    /// <summary>Reads a whole message.</summary>
    /// <exception cref="FormatException">A length or type in it does not fit; the body is only looked at when it is read.</exception>
    public static BusMessage Parse(ReadOnlySpan<byte> message)
    {
        if (message.Length < PrefixBytes) throw new FormatException($"D-Bus: a message of {message.Length} bytes, expected at least {PrefixBytes}.");
        var total = Length(message);
        return total <= message.Length ? new BusMessage(message, total) : throw new FormatException("D-Bus: a message is cut off.");
    }

    /// <summary>Writes a call whose arguments are texts, in little-endian; gives its length.</summary>
    /// <param name="buffer">Large enough: some 200 bytes and the texts.</param>
    /// <param name="serial">Not 0; comes back in the answer.</param>
    /// <param name="destination">Name on the bus.</param>
    /// <param name="path">Object.</param>
    /// <param name="interfaceName">Interface of the method.</param>
    /// <param name="member">Method.</param>
    /// <param name="arguments">Its arguments.</param>
    public static int WriteCall(
        Span<byte> buffer, uint serial, string destination, string path, string interfaceName, string member, params ReadOnlySpan<string> arguments)
    {
        buffer.Clear();
        (buffer[0], buffer[1], buffer[3]) = (LittleEndian, MethodCall, Version);
        BinaryPrimitives.WriteUInt32LittleEndian(buffer[8..], serial);
        var at = PrefixBytes;
        WriteField(buffer, ref at, PathField, 'o', path);
        WriteField(buffer, ref at, InterfaceField, 's', interfaceName);
        WriteField(buffer, ref at, MemberField, 's', member);
        WriteField(buffer, ref at, DestinationField, 's', destination);
        if (arguments.Length > 0)
        {
            WriteFieldStart(buffer, ref at, SignatureField, 'g');
            buffer[at++] = (byte)arguments.Length;
            buffer.Slice(at, arguments.Length).Fill((byte)'s');
            at += arguments.Length + 1;
        }

        BinaryPrimitives.WriteUInt32LittleEndian(buffer[12..], (uint)(at - PrefixBytes));
        at = Align8(at);
        var body = at;
        foreach (var argument in arguments) WriteString(buffer, ref at, argument);
        BinaryPrimitives.WriteUInt32LittleEndian(buffer[4..], (uint)(at - body));
        return at;
    }

    private static void WriteField(Span<byte> buffer, ref int at, byte field, char type, string text)
    {
        WriteFieldStart(buffer, ref at, field, type);
        WriteString(buffer, ref at, text);
    }

    private static void WriteFieldStart(Span<byte> buffer, ref int at, byte field, char type)
    {
        at = Align8(at);
        (buffer[at], buffer[at + 1], buffer[at + 2]) = (field, 1, (byte)type);
        at += 4;
    }

    private static void WriteString(Span<byte> buffer, ref int at, string text)
    {
        at = (at + 3) & ~3;
        var length = Encoding.UTF8.GetBytes(text, buffer[(at + 4)..]);
        BinaryPrimitives.WriteUInt32LittleEndian(buffer[at..], (uint)length);
        at += 4 + length + 1;
    }

    private static uint UInt32(ReadOnlySpan<byte> bytes, bool isBigEndian) =>
        isBigEndian ? BinaryPrimitives.ReadUInt32BigEndian(bytes) : BinaryPrimitives.ReadUInt32LittleEndian(bytes);

    private static int Align8(int position) => (position + 7) & ~7;
}
