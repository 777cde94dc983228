namespace Gateway.Buffering.Codec;

/// <summary>What a blob says about itself. Read it to find out which keyframe or roster a blob needs, or to verify a store.</summary>
/// <param name="Kind">What the blob holds.</param>
/// <param name="RosterId">Roster that its series ids count in.</param>
/// <param name="FirstSequence">Sequence of the first snapshot; in a roster the first id.</param>
/// <param name="LastSequence">Sequence of the last snapshot; in a roster the last id.</param>
/// <param name="FirstTimeMs">Time of the first snapshot, Unix milliseconds; 0 in a roster.</param>
/// <param name="LastTimeMs">Time of the last snapshot, Unix milliseconds; 0 in a roster.</param>
/// <param name="KeyframeSequence">Sequence of the keyframe that a delta needs; its own sequence otherwise.</param>
/// <param name="Rows">Snapshots: 1, or more in a block; 0 in a roster.</param>
/// <param name="Samples">Samples in all rows; series in a roster.</param>
public readonly record struct BlobHeader(
    BlobKind Kind, long RosterId, long FirstSequence, long LastSequence, long FirstTimeMs, long LastTimeMs, long KeyframeSequence, int Rows, long Samples)
{
    private const string Where = "header";

    /// <summary>Checks version and checksum of the whole blob and reads its header; the content behind it is not looked at.</summary>
    /// <exception cref="BufferFormatException">Damaged, newer, or beyond the limits.</exception>
    public static BlobHeader Read(ReadOnlySpan<byte> blob, CodecLimits? limits = null) => Open(blob, limits ?? CodecLimits.Default, out _);

    internal static BlobHeader Open(ReadOnlySpan<byte> blob, CodecLimits limits, out ByteReader content)
    {
        var inner = Envelope.Check(blob, out var kind);
        content = new ByteReader(inner, Where);
        var roster = Positive(ref content, "roster");
        var sequence = Positive(ref content, "sequence");
        if (kind == BlobKind.Roster)
        {
            var count = content.Limited("series", limits.MaxSeries);
            if (sequence > limits.MaxSeries - count) throw BufferFormatException.TooLarge(Where, "series before this run", sequence, limits.MaxSeries - count);
            return new BlobHeader(kind, roster, sequence, sequence + count - 1, 0, 0, sequence, 0, count);
        }

        var time = content.Signed();
        if (kind == BlobKind.Block)
        {
            var rows = content.Limited("rows", limits.MaxRows);
            var last = Sum(sequence, content.Varint());
            var lastTime = unchecked(time + content.Signed());
            var samples = content.Varint();
            if (samples > (ulong)limits.MaxSamples)
                throw BufferFormatException.TooLarge(Where, "samples", (long)Math.Min(samples, long.MaxValue), limits.MaxSamples);
            if (rows == 0 || last - sequence < rows - 1) throw BufferFormatException.Damaged(Where, "the sequences do not fit the number of rows");
            return new BlobHeader(kind, roster, sequence, last, time, lastTime, sequence, rows, (long)samples);
        }

        var back = kind == BlobKind.Delta ? content.Varint() : 0;
        if (kind == BlobKind.Delta && (back == 0 || back > (ulong)sequence))
            throw BufferFormatException.Damaged(Where, "the keyframe does not come before the snapshot");
        var size = content.Limited("samples", limits.MaxSeries);
        return new BlobHeader(kind, roster, sequence, sequence, time, time, sequence - (long)back, 1, size);
    }

    internal static void Write(ByteWriter blob, in BlobHeader header)
    {
        Envelope.Open(blob, header.Kind);
        blob.Varint((ulong)header.RosterId);
        blob.Varint((ulong)header.FirstSequence);
        if (header.Kind == BlobKind.Roster)
        {
            blob.Varint((ulong)header.Samples);
            return;
        }

        blob.Signed(header.FirstTimeMs);
        if (header.Kind == BlobKind.Block)
        {
            blob.Varint((ulong)header.Rows);
            blob.Varint((ulong)(header.LastSequence - header.FirstSequence));
            blob.Signed(unchecked(header.LastTimeMs - header.FirstTimeMs));
        }
        else if (header.Kind == BlobKind.Delta)
        {
            blob.Varint((ulong)(header.FirstSequence - header.KeyframeSequence));
        }

        blob.Varint((ulong)header.Samples);
    }

    private static long Positive(ref ByteReader reader, string what)
    {
        var value = reader.Varint();
        return value <= long.MaxValue ? (long)value : throw BufferFormatException.Damaged(Where, $"{what} {value} is beyond 63 bits");
    }

    private static long Sum(long sequence, ulong more) =>
        more <= (ulong)(long.MaxValue - sequence) ? sequence + (long)more : throw BufferFormatException.Damaged(Where, "the last sequence is beyond 63 bits");
}
