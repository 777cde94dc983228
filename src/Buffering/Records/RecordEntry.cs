using System.Buffers.Binary;
using Gateway.Buffering.Codec;

namespace Gateway.Buffering.Records;

/// <summary>
/// A <see cref="Record"/> as bytes, kept beside the content so that opening a store reads no contents: version, kind, form, then numbers as varints, the directory of
/// a block, and CRC-32C of everything before it in the last four bytes.
/// </summary>
internal static class RecordEntry
{
    /// <summary>The version written, and the newest one read.</summary>
    internal const byte Version = 1;

    private const string Where = "entry";
    private const int CheckBytes = sizeof(uint);

    /// <summary>Writes an entry.</summary>
    public static byte[] Write(Record record)
    {
        var output = new ByteWriter();
        output.Byte(Version);
        output.Byte((byte)record.Kind);
        output.Byte((byte)record.Form);
        output.Varint((ulong)record.First);
        output.Varint((ulong)(record.Last - record.First));
        output.Varint((ulong)(record.First - record.Keyframe));
        output.Varint((ulong)record.Roster);
        output.Signed(record.OldestMs);
        output.Varint(unchecked((ulong)(record.NewestMs - record.OldestMs)));
        output.Varint((ulong)record.Rows);
        output.Varint((ulong)record.Samples);
        output.Varint((ulong)record.Bytes);
        output.Bytes(record.Directory);
        output.Fixed32(Envelope.Checksum(output.Written));
        return output.Written.ToArray();
    }

    /// <summary>Reads an entry.</summary>
    /// <param name="key">Key it was found under.</param>
    /// <param name="entry">The bytes.</param>
    /// <exception cref="BufferFormatException">Damaged, newer, or of another key.</exception>
    public static Record Read(long key, ReadOnlySpan<byte> entry)
    {
        if (entry.Length <= CheckBytes || BinaryPrimitives.ReadUInt32LittleEndian(entry[^CheckBytes..]) != Envelope.Checksum(entry[..^CheckBytes]))
            throw BufferFormatException.Damaged(Where, "the checksum is not that of the bytes");
        var reader = new ByteReader(entry[..^CheckBytes], Where);
        var version = reader.Byte();
        if (version > Version) throw new BufferFormatException(BufferFault.NewerVersion, Where, $"version {version}; this program reads versions up to {Version}");
        var (kind, form) = ((SnapshotKind)reader.Byte(), (BlobKind)reader.Byte());
        if (!Enum.IsDefined(kind) || !Enum.IsDefined(form) || form == BlobKind.Roster) throw BufferFormatException.Damaged(Where, "no such kind of record");
        var first = (long)reader.Varint();
        var last = first + (long)reader.Varint();
        var keyframe = first - (long)reader.Varint();
        var roster = (long)reader.Varint();
        var oldest = reader.Signed();
        var newest = unchecked(oldest + (long)reader.Varint());
        var rows = reader.Count("snapshots", CodecLimits.Default.MaxRows);
        var samples = reader.Count("samples", CodecLimits.Default.MaxSamples);
        var bytes = reader.Count("bytes", int.MaxValue);
        if (first != key || first < 1 || last < first || keyframe < 1 || rows < 1) throw BufferFormatException.Damaged(Where, "the numbers contradict each other");
        var record = new Record
        {
            First = first,
            Last = last,
            Kind = kind,
            Form = form,
            Roster = roster,
            Keyframe = keyframe,
            OldestMs = oldest,
            NewestMs = newest,
            Rows = rows,
            Samples = samples,
            Bytes = bytes,
            Directory = reader.Bytes(reader.Left).ToArray(),
        };
        if (form == BlobKind.Block) new RowDirectory().Read(record);
        return record;
    }
}
