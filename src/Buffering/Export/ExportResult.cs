namespace Gateway.Buffering.Export;

/// <summary>What an export holds, once it is complete.</summary>
public sealed record ExportResult
{
    /// <summary>Snapshots read.</summary>
    public long Snapshots { get; init; }

    /// <summary>Samples written.</summary>
    public long Samples { get; init; }

    /// <summary>Time of the oldest sample written, Unix ms; null when there is none.</summary>
    public long? OldestMs { get; init; }

    /// <summary>Time of the newest sample written, Unix ms; null when there is none.</summary>
    public long? NewestMs { get; init; }

    /// <summary>Snapshots of the time asked for that could not be read, or were removed while the export ran.</summary>
    public long MissingSnapshots { get; init; }

    /// <summary>Samples left out because the series had one of the same or a later time already; of two with the same time the first is kept, as a server does.</summary>
    public long LeftOut { get; init; }

    /// <summary>Samples left out because the format has no place for them: NaN in lines of JSON (VictoriaMetrics stores none), times of creation outside OpenMetrics.</summary>
    public long Unwritable { get; init; }

    /// <summary>True when something that was asked for is not in it.</summary>
    public bool IsIncomplete => MissingSnapshots > 0;
}
