using System.Buffers;
using System.Buffers.Binary;
using System.Numerics;
using System.Runtime.InteropServices;

namespace Gateway.Buffering.Codec;

/// <summary>
/// What all blobs of all versions share: two bytes of magic, one byte of version, one byte of kind in front; CRC-32C (Castagnoli) of everything
/// before it in the last four bytes, little endian. Whatever a later version changes, it keeps this, so that damage and novelty can be told apart.
/// </summary>
internal static class Envelope
{
    /// <summary>
    /// The version written, and the newest one read. Whoever raises it raises <see cref="Records.RecordEntry.Version"/> as well: entries are looked at when a file is opened, so that
    /// an older program refuses the file and does not take single snapshots of it for damaged.
    /// </summary>
    public const byte Version = 1;

    private const byte Magic0 = (byte)'G';
    private const byte Magic1 = (byte)'B';
    private const int FrontLength = 4;
    private const int CheckLength = sizeof(uint);

    public static void Open(ByteWriter blob, BlobKind kind)
    {
        blob.Clear();
        blob.Byte(Magic0);
        blob.Byte(Magic1);
        blob.Byte(Version);
        blob.Byte((byte)kind);
    }

    public static void Close(ByteWriter blob, IBufferWriter<byte> output)
    {
        blob.Fixed32(Checksum(blob.Written));
        output.Write(blob.Written);
    }

    /// <summary>Checks both ends of a blob and returns what stands between them.</summary>
    public static ReadOnlySpan<byte> Check(ReadOnlySpan<byte> blob, out BlobKind kind)
    {
        const string Where = "envelope";
        if (blob.Length < FrontLength + CheckLength) throw BufferFormatException.Damaged(Where, "the bytes end too early");
        if (blob[0] != Magic0 || blob[1] != Magic1) throw BufferFormatException.Damaged(Where, "the first bytes are not those of a buffer blob");
        if (BinaryPrimitives.ReadUInt32LittleEndian(blob[^CheckLength..]) != Checksum(blob[..^CheckLength]))
            throw BufferFormatException.Damaged(Where, "the checksum is not that of the bytes");
        if (blob[2] > Version)
            throw new BufferFormatException(BufferFault.NewerVersion, Where, $"format version {blob[2]}; this program reads versions up to {Version}");
        kind = (BlobKind)blob[3];
        if (blob[2] == 0 || !Enum.IsDefined(kind)) throw BufferFormatException.Damaged(Where, $"version {blob[2]} has no blob of kind {blob[3]}");
        return blob[FrontLength..^CheckLength];
    }

    public static uint StoredChecksum(ReadOnlySpan<byte> blob) => BinaryPrimitives.ReadUInt32LittleEndian(blob[^CheckLength..]);

    public static uint Checksum(ReadOnlySpan<byte> bytes)
    {
        var check = uint.MaxValue;
        foreach (var word in MemoryMarshal.Cast<byte, ulong>(bytes))
            check = BitOperations.Crc32C(check, BitConverter.IsLittleEndian ? word : BinaryPrimitives.ReverseEndianness(word));
        foreach (var rest in bytes[(bytes.Length & ~7)..]) check = BitOperations.Crc32C(check, rest);
        return ~check;
    }
}
