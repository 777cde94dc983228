namespace Gateway.Buffering;

/// <summary>
/// What no scrape can deliver and nobody else has delivered yet, by kind: the reader <see cref="BufferReader.Aside"/>. The one place that changes it, so that those
/// who put something there and those who take it never overwrite each other. Any thread.
/// </summary>
public sealed class Shelf(ISnapshotBuffer buffer) : IDisposable
{
    private readonly SemaphoreSlim _turn = new(1);

    /// <summary>Told after something was added, by kind; must return at once and not throw.</summary>
    public Action<SnapshotKind>? Added { get; set; }

    /// <summary>What lies there now.</summary>
    public SequenceRanges Ranges(SnapshotKind kind)
    {
        foreach (var reader in buffer.Readers)
        {
            if (reader.Kind == kind && string.Equals(reader.Name, BufferReader.Aside, StringComparison.Ordinal)) return reader.Backlog;
        }

        return SequenceRanges.Empty;
    }

    /// <summary>Puts sequences there. Ends when that is durable, or held in memory because the disk takes nothing.</summary>
    public async Task AddAsync(SnapshotKind kind, SequenceRanges ranges, CancellationToken cancellationToken)
    {
        if (ranges.IsEmpty) return;
        await ChangeAsync(kind, held => held.Union(ranges), cancellationToken);
        Added?.Invoke(kind);
    }

    /// <summary>Takes sequences away: somebody has delivered them.</summary>
    public Task RemoveAsync(SnapshotKind kind, SequenceRanges ranges, CancellationToken cancellationToken) =>
        ChangeAsync(kind, held => held.Except(ranges), cancellationToken);

    /// <inheritdoc/>
    public void Dispose() => _turn.Dispose();

    private async Task ChangeAsync(SnapshotKind kind, Func<SequenceRanges, SequenceRanges> change, CancellationToken cancellationToken)
    {
        await _turn.WaitAsync(cancellationToken);
        try
        {
            var before = Ranges(kind);
            var after = change(before);
            if (after.Equals(before)) return;
            if (after.IsEmpty) await buffer.RemoveReaderAsync(BufferReader.Aside, kind, cancellationToken);
            else await buffer.SaveReaderAsync(new BufferReader(BufferReader.Aside, kind, after, SeenMs: 0), cancellationToken);
        }
        finally
        {
            _turn.Release();
        }
    }
}
