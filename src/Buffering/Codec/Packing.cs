using System.IO.Compression;

namespace Gateway.Buffering.Codec;

/// <summary>Brotli around a part of a blob: the length before, the compressed length, the bytes.</summary>
internal static class Packing
{
    /// <summary>Largest window of RFC 7932; the memory taken follows the input, which is smaller.</summary>
    private const int Window = 22;

    /// <summary>
    /// Longest content for a quality of Brotli. Best is for what is written once and read for weeks, but runs at 0.5 MB/s; 9 runs at 8, 5 at 80 and 2 at 300 MB/s, and
    /// 5 takes 5 % more bytes than 11 for the names of 10^5 series. So no content takes more than a fifth of a second of whoever waits for it (one core of a server).
    /// </summary>
    private static readonly (int Bytes, int Quality)[] Qualities = [(64 << 10, 11), (1 << 20, 9), (16 << 20, 5), (int.MaxValue, 2)];

    /// <summary>Quality for a content of this length: the longer, the faster.</summary>
    internal static int QualityFor(int length)
    {
        var at = 0;
        while (length > Qualities[at].Bytes) at++;
        return Qualities[at].Quality;
    }

    /// <summary>Writes a part; the quality follows its length.</summary>
    public static void Write(ByteWriter output, ReadOnlySpan<byte> content)
    {
        output.Varint((ulong)content.Length);
        var room = BrotliEncoder.GetMaxCompressedLength(content.Length);
        var scratch = System.Buffers.ArrayPool<byte>.Shared.Rent(room);
        try
        {
            if (!BrotliEncoder.TryCompress(content, scratch, out var written, QualityFor(content.Length), Window))
                throw new InvalidOperationException("The compressor refused its input.");
            output.Varint((ulong)written);
            output.Bytes(scratch.AsSpan(0, written));
        }
        finally
        {
            System.Buffers.ArrayPool<byte>.Shared.Return(scratch);
        }
    }

    /// <summary>Reads what <see cref="Write"/> wrote into <paramref name="content"/>, which is replaced.</summary>
    public static void Read(ref ByteReader reader, ByteWriter content, string where, int limit)
    {
        var length = reader.Limited("bytes uncompressed", limit);
        var packed = reader.Bytes(reader.Count("bytes compressed", reader.Left));
        content.Clear();
        var room = content.Span(length);
        if (!BrotliDecoder.TryDecompress(packed, room, out var written) || written != length)
            throw BufferFormatException.Damaged(where, "the compressed bytes do not give what the header says");
    }
}
