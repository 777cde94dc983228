namespace Gateway.Replay;

/// <summary>Where a consumer stands at one endpoint.</summary>
internal enum PresenceState
{
    /// <summary>It scrapes; plain live samples.</summary>
    Present,

    /// <summary>It has been away for too long; snapshots are buffered.</summary>
    Absent,

    /// <summary>It is back; snapshots are handed over, oldest first, live samples carry their time.</summary>
    Replaying,
}

/// <summary>What an operator or an external watchdog ordered; holds until the next valid scrape or the next order.</summary>
internal enum ForcedState
{
    None,

    /// <summary>Counts as absent whatever the clock says.</summary>
    Start,

    /// <summary>Counts as present whatever the clock says.</summary>
    Stop,
}

/// <summary>The state machine of DESIGN: three states, and what leads from one to the next. Pure.</summary>
internal static class Presence
{
    /// <summary>Time has passed, or an order came.</summary>
    /// <param name="state">Before.</param>
    /// <param name="isAway">No valid scrape for longer than allowed, or none ever.</param>
    /// <param name="forced">Order in force.</param>
    /// <param name="isDrained">Nothing is left to hand over.</param>
    public static PresenceState OnTime(PresenceState state, bool isAway, ForcedState forced, bool isDrained) => forced switch
    {
        ForcedState.Start => PresenceState.Absent,
        // What is buffered stays to be handed over; nothing is added.
        ForcedState.Stop => isDrained ? PresenceState.Present : PresenceState.Replaying,
        _ when isAway => PresenceState.Absent,
        // A consumer that never was away, or has just come back.
        _ => state,
    };

    /// <summary>A valid scrape asks for an answer; what it confirmed is taken off already.</summary>
    public static PresenceState OnScrape(PresenceState state, bool isDrained) =>
        state == PresenceState.Present || isDrained ? PresenceState.Present : PresenceState.Replaying;

    /// <summary>The word for metrics, status and the stored state.</summary>
    public static string Word(this PresenceState state) => state switch
    {
        PresenceState.Present => "present",
        PresenceState.Absent => "absent",
        _ => "replaying",
    };

    public static string? Word(this ForcedState forced) => forced switch
    {
        ForcedState.Start => "start",
        ForcedState.Stop => "stop",
        _ => null,
    };
}
