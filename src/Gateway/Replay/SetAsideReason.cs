namespace Gateway.Replay;

/// <summary>Why snapshots cannot be delivered by scrape; label <c>reason</c> of <c>gateway_replay_set_aside_samples_total</c>.</summary>
internal enum SetAsideReason
{
    /// <summary>Older than Prometheus takes.</summary>
    TooOld,

    /// <summary>Stamped by a clock that was ahead.</summary>
    Clock,

    /// <summary>Repeated as often as allowed and not found by the query.</summary>
    Poison,
}

internal static class SetAsideReasons
{
    public static string Word(this SetAsideReason reason) => reason switch
    {
        SetAsideReason.TooOld => "too_old",
        SetAsideReason.Clock => "clock",
        _ => "poison",
    };
}
