using System.Buffers;
using System.Buffers.Binary;
using System.Numerics;

namespace Gateway.Buffering.Outlets;

/// <summary>
/// Compresses into the block format of Snappy (format_description.txt of the Snappy project), which remote write 1.0 asks for: the length of the input as a
/// varint, then literals and copies of what came before. Own code, because the library for it that restores has not been touched since 2020 and gives each
/// result an array of its own (<c>docs/decisions/0013-remote-write.md</c>). Decompressing is never needed here.
/// </summary>
internal static class Snappy
{
    /// <summary>Copies reach back within a block only: an offset of two bytes is the longest form that encoders write.</summary>
    private const int BlockBytes = 1 << 16;

    private const int ShortestMatch = 4;
    private const int LargestTable = 1 << 14;
    private const int SmallestTable = 1 << 8;

    /// <summary>After 32 positions without a match every second one is tried, after 64 every third: what does not compress is passed over quickly.</summary>
    private const int SkipShift = 5;

    private const byte LiteralTag = 0b00;
    private const byte ShortCopyTag = 0b01;
    private const byte CopyTag = 0b10;

    /// <summary>Bytes that the result takes at most: the length, and a tag of three bytes before each literal that a copy of four bytes ends.</summary>
    public static int MaxEncodedLength(int sourceLength) => checked(32 + sourceLength + (sourceLength / 6));

    /// <summary>Compresses; returns the bytes written.</summary>
    /// <param name="source">Up to 2^31 bytes; empty is fine.</param>
    /// <param name="target">At least <see cref="MaxEncodedLength"/> bytes.</param>
    public static int Encode(ReadOnlySpan<byte> source, Span<byte> target)
    {
        var written = WriteLength((uint)source.Length, target);
        var rented = ArrayPool<ushort>.Shared.Rent(LargestTable);
        try
        {
            while (!source.IsEmpty)
            {
                var block = source[..Math.Min(source.Length, BlockBytes)];
                written += EncodeBlock(block, target[written..], rented);
                source = source[block.Length..];
            }
        }
        finally
        {
            ArrayPool<ushort>.Shared.Return(rented);
        }

        return written;
    }

    private static int EncodeBlock(ReadOnlySpan<byte> block, Span<byte> target, ushort[] rented)
    {
        var size = (int)BitOperations.RoundUpToPowerOf2((uint)Math.Clamp(block.Length, SmallestTable, LargestTable));
        var shift = 32 - BitOperations.Log2((uint)size);
        var table = rented.AsSpan(0, size);
        table.Clear();
        var written = 0;
        var literal = 0;
        // An empty entry of the table points at the first byte; it is compared like any other.
        var at = 1;
        var tries = 1 << SkipShift;
        while (at <= block.Length - ShortestMatch)
        {
            var word = BinaryPrimitives.ReadUInt32LittleEndian(block[at..]);
            ref var entry = ref table[(int)((word * 0x1E35A7BD) >> shift)];
            var candidate = (int)entry;
            entry = (ushort)at;
            if (BinaryPrimitives.ReadUInt32LittleEndian(block[candidate..]) != word)
            {
                at += tries++ >> SkipShift;
                continue;
            }

            var length = ShortestMatch + block[(candidate + ShortestMatch)..].CommonPrefixLength(block[(at + ShortestMatch)..]);
            written += WriteLiteral(block[literal..at], target[written..]);
            written += WriteCopy(at - candidate, length, target[written..]);
            at += length;
            literal = at;
            tries = 1 << SkipShift;
        }

        return written + WriteLiteral(block[literal..], target[written..]);
    }

    private static int WriteLength(uint length, Span<byte> target)
    {
        var written = 0;
        for (; length >= 0x80; length >>= 7) target[written++] = (byte)(length | 0x80);
        target[written++] = (byte)length;
        return written;
    }

    /// <summary>Up to 60 bytes have their length in the tag, more have it in one or two bytes behind it.</summary>
    private static int WriteLiteral(ReadOnlySpan<byte> literal, Span<byte> target)
    {
        if (literal.IsEmpty) return 0;
        var (less, head) = (literal.Length - 1, 1);
        if (less < 60)
        {
            target[0] = (byte)((less << 2) | LiteralTag);
        }
        else if (less < 1 << 8)
        {
            (target[0], target[1], head) = ((60 << 2) | LiteralTag, (byte)less, 2);
        }
        else
        {
            target[0] = (61 << 2) | LiteralTag;
            BinaryPrimitives.WriteUInt16LittleEndian(target[1..], (ushort)less);
            head = 3;
        }

        literal.CopyTo(target[head..]);
        return head + literal.Length;
    }

    private static int WriteCopy(int offset, int length, Span<byte> target)
    {
        const int Longest = 64;
        const int LongestShort = 11;
        const int FarthestShort = 1 << 11;
        var written = 0;
        while (length > Longest)
        {
            // What is left must be long enough for a short copy.
            var part = length >= Longest + ShortestMatch ? Longest : Longest - ShortestMatch;
            written += WriteLongCopy(offset, part, target[written..]);
            length -= part;
        }

        if (length > LongestShort || offset >= FarthestShort) return written + WriteLongCopy(offset, length, target[written..]);
        target[written] = (byte)(((offset >> 8) << 5) | ((length - ShortestMatch) << 2) | ShortCopyTag);
        target[written + 1] = (byte)offset;
        return written + 2;
    }

    private static int WriteLongCopy(int offset, int length, Span<byte> target)
    {
        target[0] = (byte)(((length - 1) << 2) | CopyTag);
        BinaryPrimitives.WriteUInt16LittleEndian(target[1..], (ushort)offset);
        return 3;
    }
}
