namespace Gateway.Buffering.Records;

/// <summary>Counters of the keeper since the start.</summary>
internal sealed class KeeperNumbers
{
    public long AppendedSnapshots { get; set; }

    public long AppendedSamples { get; set; }

    public long AppendedBytes { get; set; }

    public long FusedBlocks { get; set; }

    public long AppendFailures { get; set; }

    public TimeSpan AppendTime { get; set; }

    public TimeSpan LongestAppend { get; set; }

    public long Quarantines { get; set; }

    /// <summary>The numbers of this moment.</summary>
    public KeeperNumbers Copy() => (KeeperNumbers)MemberwiseClone();
}
