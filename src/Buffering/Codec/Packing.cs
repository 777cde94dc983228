using System.IO.Compression;

namespace Gateway.Buffering.Codec;

/// <summary>Brotli around a part of a blob: the length before, the compressed length, the bytes.</summary>
internal static class Packing
{
    /// <summary>Largest window of RFC 7932; the memory taken follows the input, which is smaller.</summary>
    private const int Window = 22;

    public static void Write(ByteWriter output, ReadOnlySpan<byte> content, int quality)
    {
        output.Varint((ulong)content.Length);
        var room = BrotliEncoder.GetMaxCompressedLength(content.Length);
        var scratch = System.Buffers.ArrayPool<byte>.Shared.Rent(room);
        try
        {
            if (!BrotliEncoder.TryCompress(content, scratch, out var written, quality, Window))
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
