namespace Gateway.Buffering;

/// <summary>
/// Store and forward: snapshots in, pages out, and for each reader what it still has to get. What the host, the outlets and the command line work with;
/// where the bytes are is the business of an <c>IBufferStore</c> below it.
/// </summary>
/// <remarks>
/// <para>Order: snapshots get their sequence in the order of the calls of <see cref="AppendAsync"/>. The caller sees to it that the times of a kind increase.</para>
/// <para>Durability: an append that returns a durable stamp is on disk, synced. While the disk takes nothing (full, read-only, I/O error) snapshots go to a bounded
/// memory ring, the stamp says so, the oldest there goes first and is counted; once the disk is back they move there, in order.</para>
/// <para>Damage: a snapshot whose bytes do not hold together is passed over, counted as <see cref="LossReason.Damage"/> and logged; a file that cannot be used is set aside beside
/// the store and a fresh one takes its place, readers included. Neither is ever an exception of a call here.</para>
/// <para>Bounds: bytes, age and free disk space; the oldest goes first, fused blocks as a whole. What some reader still had to get is counted as lost.</para>
/// <para>A file that could not be opened at the start is met later: its snapshots and readers then appear. A reader saved before that has its backlog united with the one in the file, and the
/// reader put next takes its place; so whoever changes a backlog starts from <see cref="Readers"/>, not from a copy of his own.</para>
/// <para>Concurrency: any thread may call anything at any time; appends and changes of readers run one after the other, reading waits for the transaction under way, at most one sync per
/// stored record; decoding waits for nobody.</para>
/// <para>Shutdown: disposing refuses new appends, brings what is under way to an end, and says how much in memory is left behind.</para>
/// </remarks>
public interface ISnapshotBuffer : IAsyncDisposable
{
    /// <summary>All readers.</summary>
    IReadOnlyList<BufferReader> Readers { get; }

    /// <summary>The numbers of this moment; cheap.</summary>
    BufferFigures Figures { get; }

    /// <summary>Opens the store. A disk that cannot be used now is no error: the buffer begins in memory and tries again.</summary>
    Task StartAsync(CancellationToken cancellationToken);

    /// <summary>Takes a snapshot. Ends when it is durable, or held in memory because the disk takes nothing.</summary>
    /// <param name="draft">At least one sample; not changed until the task has ended.</param>
    /// <param name="cancellationToken">The snapshot may have been taken or not.</param>
    /// <exception cref="ArgumentException">Two samples of a series have the same time, or there is none.</exception>
    /// <exception cref="ObjectDisposedException">The buffer was closed.</exception>
    Task<SnapshotStamp> AppendAsync(SnapshotDraft draft, CancellationToken cancellationToken);

    /// <summary>The oldest snapshot held, or null.</summary>
    SnapshotStamp? Oldest(SnapshotKind kind);

    /// <summary>The newest snapshot held, or null.</summary>
    SnapshotStamp? Newest(SnapshotKind kind);

    /// <summary>Sequences of the snapshots held whose time is within the two, both included. In memory, quick.</summary>
    SequenceRanges Find(SnapshotKind kind, long fromMs, long toMs);

    /// <summary>How much of a backlog is held. In memory, quick.</summary>
    BacklogSize Measure(SnapshotKind kind, SequenceRanges ranges);

    /// <summary>
    /// Adds snapshots to a page, oldest first, as far as the query lets it. <see cref="SnapshotPage.Covered"/> then says what the page stands for: the sequences read and
    /// those of the query before them that are gone or unreadable.
    /// </summary>
    Task ReadAsync(PageQuery query, SnapshotPage page, CancellationToken cancellationToken);

    /// <summary>Puts a reader in place of the one of the same name and kind. Ends when it is durable, or held in memory because the disk takes nothing.</summary>
    Task SaveReaderAsync(BufferReader reader, CancellationToken cancellationToken);

    /// <summary>Forgets a reader; what only it had to get is nobody's any more.</summary>
    Task RemoveReaderAsync(string name, SnapshotKind kind, CancellationToken cancellationToken);
}
