namespace Gateway.Buffering.Outlets;

/// <summary>What remote write is for.</summary>
public enum RemoteWriteMode
{
    /// <summary>Nothing.</summary>
    Off,

    /// <summary>What no scrape can deliver: too old for it, or refused.</summary>
    Undeliverable,

    /// <summary>Every snapshot from the moment when this is switched on, beside the scrapes.</summary>
    Always,
}
