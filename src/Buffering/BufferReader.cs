namespace Gateway.Buffering;

/// <summary>
/// Somebody who gets the snapshots of a kind and how far he is: a scrape consumer (<c>scrape/default</c>), a remote write target (<c>remote-write/…</c>) or the
/// shelf of what no scrape can deliver (<see cref="Aside"/>). Kept in the buffer itself, so that it is exactly as old as the snapshots.
/// </summary>
/// <param name="Name">Kind and name, at most 200 characters.</param>
/// <param name="Kind">What it gets; a consumer of both kinds has two entries.</param>
/// <param name="Backlog">What it still has to get. Sequences that are not stored (yet or any more) may be in it.</param>
/// <param name="SeenMs">When it was last there, Unix ms; 0 never.</param>
/// <param name="State">A word of its owner that has to survive a restart, at most 100 characters; empty for none.</param>
public sealed record BufferReader(string Name, SnapshotKind Kind, SequenceRanges Backlog, long SeenMs, string State = "")
{
    /// <summary>What scrapes passed over (too old, poisonous, from a wrong clock) and nobody else has delivered yet: waits for remote write or an export.</summary>
    public const string Aside = "aside";

    /// <summary>Beginning of the names of scrape consumers.</summary>
    public const string ScrapePrefix = "scrape/";

    /// <summary>Beginning of the names of remote write targets.</summary>
    public const string RemoteWritePrefix = "remote-write/";
}
