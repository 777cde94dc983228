namespace Gateway.Buffering.Outlets;

/// <summary>One target in numbers, as of one moment: for metrics, status and log. Counts are since the start.</summary>
public sealed record RemoteWriteFigures
{
    /// <summary>Its name.</summary>
    public required string Target { get; init; }

    /// <summary>Host, port and path of its URL; without query and secrets.</summary>
    public required string Address { get; init; }

    /// <summary>Samples that it took.</summary>
    public required long SamplesSent { get; init; }

    /// <summary>Bytes sent, compressed, repetitions included.</summary>
    public required long BytesSent { get; init; }

    /// <summary>Requests by <see cref="RemoteWriteResult"/>.</summary>
    public required IReadOnlyList<long> Requests { get; init; }

    /// <summary>Requests that sent again what had been sent before.</summary>
    public required long Retries { get; init; }

    /// <summary>Samples given up, by <see cref="GiveUpReason"/>.</summary>
    public required IReadOnlyList<long> GivenUpSamples { get; init; }

    /// <summary>What it has still to get, by <see cref="SnapshotKind"/>.</summary>
    public required IReadOnlyList<BacklogSize> Backlog { get; init; }

    /// <summary>Start of its last good answer; null when there was none.</summary>
    public required DateTimeOffset? LastSuccess { get; init; }

    /// <summary>When the pause in force ends; null when there is none.</summary>
    public required DateTimeOffset? PausedUntil { get; init; }

    /// <summary>What is wrong now, in a sentence; null when the last request was taken or only some samples were refused.</summary>
    public required string? Fault { get; init; }
}
