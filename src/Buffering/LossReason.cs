namespace Gateway.Buffering;

/// <summary>Why samples that somebody still had to get are gone; label <c>reason</c> of <c>gateway_buffer_lost_samples_total</c>, in snake case.</summary>
public enum LossReason
{
    /// <summary>The buffer holds no more bytes.</summary>
    Bytes,

    /// <summary>Older than the buffer keeps anything.</summary>
    Age,

    /// <summary>The disk must keep some space free for others.</summary>
    FreeSpace,

    /// <summary>The disk took nothing and the memory ring was full.</summary>
    Memory,

    /// <summary>What was held in memory only when the service ended.</summary>
    Stop,

    /// <summary>Bytes on the disk that no longer hold together.</summary>
    Damage,
}

/// <summary>Words for metrics and status.</summary>
public static class LossReasons
{
    /// <summary>The reason in snake case.</summary>
    public static string Word(this LossReason reason) => reason switch
    {
        LossReason.Bytes => "bytes",
        LossReason.Age => "age",
        LossReason.FreeSpace => "free_space",
        LossReason.Memory => "memory",
        LossReason.Stop => "stop",
        _ => "damage",
    };
}
