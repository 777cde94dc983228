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
    private readonly SnapshotModel<BitDecoder> _model = new();
    private readonly SnapshotContent _content = new();
    private readonly Keyframe _keyframe = new();
    private byte[] _coded = [];
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
        row.Reset(header.FirstSequence, header.FirstTimeMs, header.Kind == BlobKind.Events);
        var count = (int)header.Samples;
        switch (header.Kind)
        {
            case BlobKind.Keyframe:
                ReadKeyframe(blob, header, ref reader);
                row.EnsureCapacity(count);
                for (var i = 0; i < count; i++) row.Add(_keyframe.Ids[i], Scale.Value(_keyframe.Scales[i], _keyframe.Integers[i]));
                break;
            case BlobKind.Delta:
                Keep(keyframe, header);
                Begin(ref reader);
                _content.CodeDelta(_model, _keyframe, _limits);
                _content.Restore(_keyframe, row, count);
                break;
            default:
                Begin(ref reader);
                SnapshotContent.CodeEvents(_model, row, count, _limits);
                break;
        }

        return header;
    }

    internal static BufferFormatException Damaged(string reason) => BufferFormatException.Damaged(Where, reason);

    /// <summary>An id that comes after another one.</summary>
    internal static int CheckedId(long id, long before, CodecLimits limits)
    {
        if (id <= before) throw Damaged("ids do not ascend");
        return id < limits.MaxSeries ? (int)id : throw BufferFormatException.TooLarge(Where, "series", id, limits.MaxSeries);
    }

    internal static byte CheckedScale(long scale) =>
        scale is >= 0 and <= Scale.Raw && Scale.IsKnown((byte)scale) ? (byte)scale : throw Damaged("a scale that is not known");

    private void Keep(ReadOnlySpan<byte> blob, in BlobHeader wanted)
    {
        var header = BlobHeader.Open(blob, _limits, out var reader);
        if (header.Kind != BlobKind.Keyframe || header.RosterId != wanted.RosterId || header.FirstSequence != wanted.KeyframeSequence)
            throw new BufferFormatException(BufferFault.WrongBlob, Where, $"not its keyframe, which is snapshot {wanted.KeyframeSequence} of roster {wanted.RosterId}");
        if (_kept == (header.RosterId, Envelope.StoredChecksum(blob)) && _keyframe.Sequence == header.FirstSequence) return;
        ReadKeyframe(blob, header, ref reader);
    }

    private void ReadKeyframe(ReadOnlySpan<byte> blob, in BlobHeader header, ref ByteReader reader)
    {
        _kept = null;
        Begin(ref reader);
        _keyframe.Reset(header.FirstSequence, header.FirstTimeMs, (int)header.Samples);
        _keyframe.Code(_model, _limits);
        _kept = (header.RosterId, Envelope.StoredChecksum(blob));
    }

    private void Begin(ref ByteReader reader)
    {
        var length = reader.Left;
        if (_coded.Length < length) _coded = new byte[length];
        reader.Bytes(length).CopyTo(_coded);
        _model.Begin(new BitDecoder(_coded, length));
    }
}
