using System.Buffers;

namespace Gateway.Buffering.Codec;

/// <summary>
/// Writes snapshots one by one, each durable on its own: as a keyframe, or against the keyframe written before. A snapshot opens with its keyframe and
/// nothing else, never through a chain. Rows with own times stand alone. Keeps the keyframe in memory; not safe for two threads.
/// </summary>
/// <remarks>
/// The encoder believes that what it wrote was stored. When it was not, call <see cref="Reset"/>, or the snapshots that follow will want a keyframe that
/// nobody has. A keyframe may be thrown away only together with, or after, the deltas that name it (<see cref="BlobHeader.KeyframeSequence"/>).
/// </remarks>
/// <param name="keyframeInterval">Snapshots from one keyframe to the next; 1 or more.</param>
/// <param name="limits">What a reader accepts.</param>
public sealed class SnapshotEncoder(int keyframeInterval = SnapshotEncoder.DefaultKeyframeInterval, CodecLimits? limits = null)
{
    /// <summary>Half an hour at 15 s.</summary>
    public const int DefaultKeyframeInterval = 120;

    private const int Quality = 5;

    private readonly CodecLimits _limits = limits ?? CodecLimits.Default;
    private readonly ByteWriter _blob = new();
    private readonly ByteWriter _content = new();
    private readonly SnapshotRow _keyframe = new();
    private long _roster = -1;
    private int _age;

    /// <summary>Makes the next snapshot a keyframe: the last one was not stored, or its keyframe is gone.</summary>
    public void Reset() => _roster = -1;

    /// <summary>Writes one snapshot; its row is put into order.</summary>
    /// <param name="rosterId">Roster that the ids count in; another one than before begins with a keyframe.</param>
    /// <param name="row">The snapshot; sequences ascend from call to call.</param>
    /// <param name="output">Receives the blob.</param>
    /// <returns>What was written; the kind tells whether it is a keyframe.</returns>
    /// <exception cref="DuplicateSampleException">Two samples of one series have the same time.</exception>
    /// <exception cref="ArgumentException">There are more samples than a reader accepts.</exception>
    public BlobHeader Encode(long rosterId, SnapshotRow row, IBufferWriter<byte> output)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(rosterId);
        row.Order();
        if (row.Count > _limits.MaxSeries) throw new ArgumentException($"{row.Count} samples; the limit is {_limits.MaxSeries}.", nameof(row));
        var kind = row.HasOwnTimes ? BlobKind.Events
            : rosterId != _roster || _age >= keyframeInterval || row.Sequence <= _keyframe.Sequence ? BlobKind.Keyframe
            : BlobKind.Delta;
        var reference = kind == BlobKind.Delta ? _keyframe.Sequence : row.Sequence;
        var header = new BlobHeader(kind, rosterId, row.Sequence, row.Sequence, row.TimeMs, row.TimeMs, reference, 1, row.Count);
        BlobHeader.Write(_blob, header);
        SnapshotContent.Write(_content, row, kind == BlobKind.Delta ? _keyframe : null);
        Packing.Write(_blob, _content.Written, Quality);
        Envelope.Close(_blob, output);
        if (kind == BlobKind.Keyframe)
        {
            _keyframe.CopyFrom(row);
            _roster = rosterId;
            _age = 0;
        }

        if (kind != BlobKind.Events) _age++;
        return header;
    }
}
