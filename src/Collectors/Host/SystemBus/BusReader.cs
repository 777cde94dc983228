using System.Buffers.Binary;

namespace Gateway.Collectors.Host.SystemBus;

/// <summary>
/// Reads values in the wire form of the D-Bus specification ("Marshaling"): numbers aligned to their size, in the byte order that the message names; texts
/// with a length before and a zero after them. Texts are slices of the message.
/// </summary>
/// <param name="data">Begins at a multiple of eight bytes within the message.</param>
/// <param name="isBigEndian">Byte order.</param>
internal ref struct BusReader(ReadOnlySpan<byte> data, bool isBigEndian)
{
    private readonly ReadOnlySpan<byte> _data = data;

    /// <summary>Bytes read so far, alignment included.</summary>
    public int Position { get; private set; }

    /// <summary>Skips to a multiple of 1, 2, 4 or 8.</summary>
    /// <exception cref="FormatException">That is beyond the end.</exception>
    public void Align(int boundary)
    {
        var aligned = (Position + boundary - 1) & -boundary;
        Take(aligned - Position);
    }

    /// <exception cref="FormatException">The message ends before.</exception>
    public byte ReadByte() => Take(1)[0];

    /// <exception cref="FormatException">The message ends before.</exception>
    public uint ReadUInt32()
    {
        Align(4);
        var bytes = Take(4);
        return isBigEndian ? BinaryPrimitives.ReadUInt32BigEndian(bytes) : BinaryPrimitives.ReadUInt32LittleEndian(bytes);
    }

    /// <summary>A string or an object path, in UTF-8.</summary>
    /// <exception cref="FormatException">The message ends before, or no zero follows the text.</exception>
    public ReadOnlySpan<byte> ReadString() => Text(ReadUInt32());

    /// <summary>A signature: a text whose length is one byte.</summary>
    /// <exception cref="FormatException">The message ends before, or no zero follows the text.</exception>
    public ReadOnlySpan<byte> ReadSignature() => Text(ReadByte());

    /// <summary>Passes over one value of a basic type.</summary>
    /// <param name="type">Type code of the specification.</param>
    /// <exception cref="FormatException">The message ends before, or the type is not a basic one.</exception>
    public void Skip(byte type)
    {
        switch ((char)type)
        {
            case 'y': Take(1); break;
            case 'n' or 'q': Align(2); Take(2); break;
            case 'b' or 'i' or 'u' or 'h': Align(4); Take(4); break;
            case 'x' or 't' or 'd': Align(8); Take(8); break;
            case 's' or 'o': ReadString(); break;
            case 'g': ReadSignature(); break;
            default: throw new FormatException($"D-Bus: a value of type code {type} where only basic types are expected.");
        }
    }

    private ReadOnlySpan<byte> Text(uint length)
    {
        if (length >= (uint)(_data.Length - Position)) throw TooShort();
        var text = Take((int)length);
        if (Take(1)[0] != 0) throw new FormatException("D-Bus: a text does not end in a zero.");
        return text;
    }

    private ReadOnlySpan<byte> Take(int length)
    {
        if (length > _data.Length - Position) throw TooShort();
        var taken = _data.Slice(Position, length);
        Position += length;
        return taken;
    }

    private static FormatException TooShort() => new("D-Bus: a message ends within a value.");
}
