namespace Gateway.Buffering.Outlets;

/// <summary>Reads for one target the page that is due: the oldest snapshots of the kind that is further behind.</summary>
internal sealed class OldestPages(string target, ISnapshotBuffer buffer, TargetBacklogs backlogs, TimeProvider time)
{
    /// <summary>Prometheus takes nothing further ahead of its own clock, and what lies further ahead of ours was stamped by a wrong one: it waits.</summary>
    private static readonly TimeSpan MaxAhead = TimeSpan.FromMinutes(10);

    private static readonly SnapshotKind[] Kinds = Enum.GetValues<SnapshotKind>();

    /// <summary>Fills a page.</summary>
    /// <param name="page">Emptied before; complete afterwards. It may stand for snapshots that are gone and hold no samples.</param>
    /// <param name="maxSamples">Its bound, except that a snapshot comes whole.</param>
    /// <param name="cancellationToken">Nothing has happened.</param>
    /// <returns>Kind of its snapshots, or null when there is nothing to send.</returns>
    public async Task<SnapshotKind?> ReadOldestAsync(SnapshotPage page, int maxSamples, CancellationToken cancellationToken)
    {
        var tooNew = (time.GetUtcNow() + MaxAhead).ToUnixTimeMilliseconds();
        (SnapshotKind Kind, SequenceRanges Ranges, long OldestMs)? best = null;
        foreach (var kind in Kinds)
        {
            // Before the rest is asked for: what is appended meanwhile has a later sequence.
            var newest = buffer.Newest(kind);
            var backlog = await backlogs.BacklogAsync(target, kind, cancellationToken);
            if (backlog.IsEmpty) continue;
            var fromFuture = buffer.Find(kind, tooNew + 1, long.MaxValue);
            var ready = fromFuture.IsEmpty ? backlog : backlog.Except(fromFuture);
            if (buffer.Measure(kind, ready) is { Snapshots: > 0, OldestMs: { } oldest })
            {
                if (best is null || oldest < best.Value.OldestMs) best = (kind, ready, oldest);
            }
            else if (fromFuture.IsEmpty && newest is { } last && backlog.First <= last.Sequence)
            {
                // The buffer gave them up, and counted that.
                await backlogs.DoneAsync(target, kind, SequenceRanges.Of(1, last.Sequence), cancellationToken);
            }
        }

        if (best is not { } chosen) return null;
        page.Clear();
        await buffer.ReadAsync(new PageQuery(chosen.Kind, chosen.Ranges, maxSamples), page, cancellationToken);
        if (page.SnapshotCount == 0 && page.Covered.IsEmpty) return null;
        page.Complete();
        return chosen.Kind;
    }
}
