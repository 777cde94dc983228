namespace Gateway.Buffering.Codec;

/// <summary>What a blob holds; the fourth byte of every blob.</summary>
public enum BlobKind : byte
{
    /// <summary>A run of series appended to a roster.</summary>
    Roster = 1,

    /// <summary>A snapshot that opens alone and that others are written against.</summary>
    Keyframe = 2,

    /// <summary>A snapshot that opens with its keyframe.</summary>
    Delta = 3,

    /// <summary>A snapshot that opens alone and that no other refers to: samples with times of their own.</summary>
    Events = 4,

    /// <summary>Many snapshots of one roster, column by column.</summary>
    Block = 5,
}
