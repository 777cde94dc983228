using Gateway.Buffering;

namespace Gateway.Replay;

/// <summary>A queue as of one moment, for metrics and status.</summary>
/// <param name="Consumer">Name of the consumer.</param>
/// <param name="Kind">What it gets.</param>
/// <param name="Endpoint">Where.</param>
/// <param name="State">Where it stands.</param>
/// <param name="Forced">Order in force.</param>
/// <param name="Backlog">What it still has to get.</param>
/// <param name="AbsentSince">Since when it has been away; null while it is present.</param>
/// <param name="SinceScrape">Time since its last valid scrape; null when there was none.</param>
/// <param name="DeliveredPages">Pages delivered since the start.</param>
/// <param name="FailedPages">Pages whose answer did not get through.</param>
/// <param name="UnconfirmedPages">Pages that the query did not find.</param>
/// <param name="DeliveredSnapshots">Snapshots delivered.</param>
/// <param name="DeliveredSamples">Samples delivered.</param>
/// <param name="PageLimit">Samples that the next page may have.</param>
/// <param name="Repeats">Pages in a row that the query did not find.</param>
internal sealed record QueueView(
    string Consumer,
    SnapshotKind Kind,
    string Endpoint,
    PresenceState State,
    ForcedState Forced,
    BacklogSize Backlog,
    DateTimeOffset? AbsentSince,
    TimeSpan? SinceScrape,
    long DeliveredPages,
    long FailedPages,
    long UnconfirmedPages,
    long DeliveredSnapshots,
    long DeliveredSamples,
    int PageLimit,
    int Repeats);
