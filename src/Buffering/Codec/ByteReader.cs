using System.Buffers.Binary;

namespace Gateway.Buffering.Codec;

/// <summary>Reads numbers from bytes that may be damaged: every read is checked, and every fault is a <see cref="BufferFormatException"/>.</summary>
internal ref struct ByteReader(ReadOnlySpan<byte> bytes, string where)
{
    private ReadOnlySpan<byte> _rest = bytes;

    /// <summary>Bytes not read yet.</summary>
    public readonly int Left => _rest.Length;

    public byte Byte()
    {
        if (_rest.IsEmpty) throw Short();
        var value = _rest[0];
        _rest = _rest[1..];
        return value;
    }

    public ulong Fixed64()
    {
        var value = BinaryPrimitives.ReadUInt64LittleEndian(Bytes(sizeof(ulong)));
        return value;
    }

    public ReadOnlySpan<byte> Bytes(int count)
    {
        if ((uint)count > (uint)_rest.Length) throw Short();
        var value = _rest[..count];
        _rest = _rest[count..];
        return value;
    }

    /// <summary>A number in groups of seven bits, lowest first; at most ten bytes, no superfluous ones.</summary>
    public ulong Varint()
    {
        var value = 0UL;
        for (var shift = 0; shift < 64; shift += 7)
        {
            var next = Byte();
            value |= (ulong)(next & 0x7F) << shift;
            if (next >= 0x80) continue;
            if ((next == 0 && shift > 0) || (shift == 63 && next > 1)) break;
            return value;
        }

        throw BufferFormatException.Damaged(where, "a number is not in its shortest form");
    }

    public long Signed()
    {
        var value = Varint();
        return (long)(value >> 1) ^ -(long)(value & 1);
    }

    /// <summary>A number that is at most <paramref name="limit"/>, which is a limit of the format or of what was read before.</summary>
    public int Count(string what, long limit)
    {
        var value = Varint();
        if (value > (ulong)limit) throw BufferFormatException.Damaged(where, $"{value} {what}, at most {limit} can be");
        return (int)value;
    }

    /// <summary>A number that is at most <paramref name="limit"/>, which is one of <see cref="CodecLimits"/>.</summary>
    public int Limited(string what, long limit)
    {
        var value = Varint();
        if (value > (ulong)limit) throw BufferFormatException.TooLarge(where, what, value > long.MaxValue ? long.MaxValue : (long)value, limit);
        return (int)value;
    }

    public readonly void End()
    {
        if (!_rest.IsEmpty) throw BufferFormatException.Damaged(where, $"{_rest.Length} bytes too many");
    }

    private readonly BufferFormatException Short() => BufferFormatException.Damaged(where, "the bytes end too early");
}
