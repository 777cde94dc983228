namespace Gateway.Status;

/// <summary>Where heartbeats survive a restart. Neither call waits for a disk.</summary>
internal interface IHeartbeatStore
{
    /// <summary>False as long as earlier runs could not be read yet: a disk that comes late.</summary>
    bool IsLoaded { get; }

    /// <summary>When the service was started for the first time on this box.</summary>
    DateTimeOffset FirstStart { get; }

    /// <summary>The scrapes remembered from earlier runs.</summary>
    IReadOnlyList<(string Endpoint, string Consumer, DateTimeOffset Time)> Load();

    /// <summary>Keeps a scrape; a later one of the same endpoint and consumer replaces it.</summary>
    void Record(string endpoint, string consumer, DateTimeOffset time);
}
