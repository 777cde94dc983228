using System.Buffers.Binary;

namespace Gateway.Buffering.Tests.Outlets;

/// <summary>The other direction, written after the format description and strict about it: judges what the encoder writes.</summary>
internal static class SnappyDecoder
{
    /// <exception cref="FormatException">Not the block format.</exception>
    public static byte[] Decode(ReadOnlySpan<byte> source)
    {
        var at = 0;
        var output = new byte[ReadLength(source, ref at)];
        var written = 0;
        while (at < source.Length)
        {
            var tag = source[at++];
            if ((tag & 3) == 0)
            {
                var length = tag >> 2;
                if (length >= 60)
                {
                    var bytes = length - 59;
                    length = 0;
                    for (var i = 0; i < bytes; i++) length |= source[at++] << (8 * i);
                }

                length++;
                source.Slice(at, length).CopyTo(output.AsSpan(written));
                (at, written) = (at + length, written + length);
                continue;
            }

            int offset, count;
            switch (tag & 3)
            {
                case 1:
                    (count, offset) = (4 + ((tag >> 2) & 7), ((tag >> 5) << 8) | source[at++]);
                    break;
                case 2:
                    (count, offset) = (1 + (tag >> 2), BinaryPrimitives.ReadUInt16LittleEndian(source[at..]));
                    at += 2;
                    break;
                default:
                    throw new FormatException("An offset of four bytes is never needed here.");
            }

            if (offset == 0 || offset > written) throw new FormatException($"Offset {offset} at {written}.");
            for (var i = 0; i < count; i++, written++) output[written] = output[written - offset];
        }

        return written == output.Length ? output : throw new FormatException($"{written} bytes instead of {output.Length}.");
    }

    private static int ReadLength(ReadOnlySpan<byte> source, ref int at)
    {
        uint length = 0;
        for (var shift = 0; ; shift += 7)
        {
            var b = source[at++];
            length |= (uint)(b & 0x7F) << shift;
            if (b < 0x80) return checked((int)length);
        }
    }
}
