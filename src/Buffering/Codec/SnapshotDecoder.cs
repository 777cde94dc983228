namespace Gateway.Buffering.Codec;

/// <summary>
/// Reads back what <see cref="SnapshotEncoder"/> wrote. Keeps the keyframe it read last, so that a run of snapshots with one keyframe costs no second
/// reading of it. Not safe for two threads.
/// </summary>
/// <param name="limits">What is accepted.</param>
public sealed class SnapshotDecoder(CodecLimits? limits = null)
{
    private const string Where = "snapshot";

    private readonly CodecLimits _limits = limits ?? CodecLimits.Default;
    private readonly ByteWriter _content = new();
    private readonly SnapshotRow _keyframe = new();
    private (long Roster, uint Check)? _kept;

    /// <summary>Reads one snapshot.</summary>
    /// <param name="blob">The snapshot.</param>
    /// <param name="keyframe">The keyframe that its header names; empty, and not looked at, when the snapshot is not a <see cref="BlobKind.Delta"/>.</param>
    /// <param name="row">Receives the snapshot, in order; undefined after an exception.</param>
    /// <returns>The header.</returns>
    /// <exception cref="BufferFormatException">Damaged, newer, beyond the limits, no snapshot, or not its keyframe.</exception>
    public BlobHeader Decode(ReadOnlySpan<byte> blob, ReadOnlySpan<byte> keyframe, SnapshotRow row)
    {
        var header = BlobHeader.Open(blob, _limits, out var reader);
        if (header.Kind is not (BlobKind.Keyframe or BlobKind.Delta or BlobKind.Events))
            throw new BufferFormatException(BufferFault.WrongBlob, Where, $"a blob of kind {header.Kind} is no snapshot");
        if (header.Kind == BlobKind.Delta) Keep(keyframe, header);
        Read(ref reader, header, header.Kind == BlobKind.Delta ? _keyframe : null, row);
        return header;
    }

    private void Keep(ReadOnlySpan<byte> blob, in BlobHeader wanted)
    {
        var header = BlobHeader.Open(blob, _limits, out var reader);
        if (header.Kind != BlobKind.Keyframe || header.RosterId != wanted.RosterId || header.FirstSequence != wanted.KeyframeSequence)
            throw new BufferFormatException(BufferFault.WrongBlob, Where, $"its keyframe is snapshot {wanted.KeyframeSequence} of roster {wanted.RosterId}, and another blob was given");
        var check = Envelope.StoredChecksum(blob);
        if (_kept == (header.RosterId, check) && _keyframe.Sequence == header.FirstSequence) return;
        _kept = null;
        Read(ref reader, header, null, _keyframe);
        _kept = (header.RosterId, check);
    }

    private void Read(ref ByteReader reader, in BlobHeader header, SnapshotRow? keyframe, SnapshotRow row)
    {
        Packing.Read(ref reader, _content, Where, _limits.MaxUncompressedBytes);
        reader.End();
        row.Reset(header.FirstSequence, header.FirstTimeMs, header.Kind == BlobKind.Events);
        SnapshotContent.Read(_content.Written, row, keyframe, (int)header.Samples, _limits);
    }
}
