using Gateway.Buffering.Codec;

namespace Gateway.Buffering.Records;

/// <summary>
/// What the index knows of one stored snapshot or block of snapshots: enough to find, measure and remove it without reading its content. Immutable but for
/// <see cref="Content"/>, which the owner of the store clears once the record is on disk.
/// </summary>
internal sealed class Record
{
    private volatile byte[]? _content;

    /// <summary>Sequence of its first snapshot; key in the store.</summary>
    public required long First { get; init; }

    /// <summary>Sequence of its last snapshot.</summary>
    public required long Last { get; init; }

    /// <summary>Kind of its snapshots.</summary>
    public required SnapshotKind Kind { get; init; }

    /// <summary>How it is coded; never <see cref="BlobKind.Roster"/>.</summary>
    public required BlobKind Form { get; init; }

    /// <summary>Roster of its series.</summary>
    public required long Roster { get; init; }

    /// <summary>Sequence of the keyframe it opens with; its own when it opens alone.</summary>
    public required long Keyframe { get; init; }

    /// <summary>Smallest time of its snapshots, Unix ms.</summary>
    public required long OldestMs { get; init; }

    /// <summary>Largest time of its snapshots, Unix ms.</summary>
    public required long NewestMs { get; init; }

    /// <summary>Snapshots.</summary>
    public required int Rows { get; init; }

    /// <summary>Samples.</summary>
    public required long Samples { get; init; }

    /// <summary>Bytes of its content.</summary>
    public required int Bytes { get; init; }

    /// <summary>Sequences, times and sizes of the snapshots of a block, see <see cref="RowDirectory"/>; empty for a single snapshot.</summary>
    public byte[] Directory { get; init; } = [];

    /// <summary>The content while it is not on disk; null afterwards.</summary>
    public byte[]? Content
    {
        get => _content;
        set => _content = value;
    }

    /// <summary>True when it needs another record to open.</summary>
    public bool IsDelta => Form == BlobKind.Delta;

    /// <summary>True for a block of many snapshots.</summary>
    public bool IsBlock => Form == BlobKind.Block;

    /// <summary>The record of a snapshot just written.</summary>
    /// <param name="kind">Its kind.</param>
    /// <param name="header">What the encoder says of it.</param>
    /// <param name="content">The blob.</param>
    public static Record Of(SnapshotKind kind, in BlobHeader header, byte[] content) => new()
    {
        First = header.FirstSequence,
        Last = header.LastSequence,
        Kind = kind,
        Form = header.Kind,
        Roster = header.RosterId,
        Keyframe = header.KeyframeSequence,
        OldestMs = header.FirstTimeMs,
        NewestMs = header.LastTimeMs,
        Rows = 1,
        Samples = header.Samples,
        Bytes = content.Length,
        Content = content,
    };
}
