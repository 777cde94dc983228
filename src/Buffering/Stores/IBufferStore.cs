using System.Buffers;

namespace Gateway.Buffering.Stores;

/// <summary>
/// The durable keeper below <see cref="SnapshotBuffer"/>: records, rosters and readers as bytes that it does not look into. A record is one snapshot or a block of many;
/// its key is the sequence of its first snapshot; its entry is a few bytes that describe it and are all that is read of it at opening.
/// </summary>
/// <remarks>
/// <para>Ordering: commits take effect in the order of the calls. <see cref="Open"/> hands out records by ascending key.</para>
/// <para>Durability: a <see cref="Commit"/> that returns is on disk, synced, as a whole; one that throws has left nothing behind. A store that cannot promise this says so in
/// <see cref="IsDurable"/>.</para>
/// <para>Damage: a file that cannot be used as a whole is a <see cref="BufferStoreException"/> with <see cref="BufferStoreFault.Damaged"/>, whichever call meets it; the owner then sets
/// it aside. Bytes of a single record are checked by the owner, who knows their checksums: a store hands out what it finds.</para>
/// <para>Errors: whatever the file system or the engine throws leaves as <see cref="BufferStoreException"/>; anything else is a fault of the program. After
/// any fault but a passing one the store is closed and may be opened again.</para>
/// <para>Concurrency: none. One owner calls one member at a time; which thread it is does not matter.</para>
/// <para>Shutdown: <see cref="IDisposable.Dispose"/> leaves a file that opens quickly, waits for nothing but the disk, and never throws.</para>
/// </remarks>
public interface IBufferStore : IDisposable
{
    /// <summary>Word for status and metrics: <c>sqlite</c>, <c>litedb</c>, <c>memory</c>.</summary>
    string Kind { get; }

    /// <summary>False when what was committed may be gone after a power cut.</summary>
    bool IsDurable { get; }

    /// <summary>True between <see cref="Open"/> and a fault or the end.</summary>
    bool IsOpen { get; }

    /// <summary>Size of what is there; cheap, of the last commit or step.</summary>
    StoreSize Size { get; }

    /// <summary>Opens or makes the file and hands out everything but the content of records and rosters.</summary>
    /// <param name="visitor">Called for every record by ascending key, every roster, every reader, and once for the counters if they were ever written.</param>
    /// <exception cref="BufferStoreException">It cannot be opened now, is damaged, or was written by a newer program; also what the visitor throws, which closes the store.</exception>
    void Open(IStoreVisitor visitor);

    /// <summary>Applies a change in one transaction: removals first, then what is added.</summary>
    /// <exception cref="BufferStoreException">Nothing of the change was kept.</exception>
    void Commit(StoreChange change);

    /// <summary>Reads the content of a record.</summary>
    /// <returns>False when there is no such record.</returns>
    /// <exception cref="BufferStoreException">It cannot be read now, or the file is damaged.</exception>
    bool TryRead(long key, IBufferWriter<byte> output);

    /// <summary>Reads the chunks of a roster, in the order of their ids; empty when there is none.</summary>
    /// <exception cref="BufferStoreException">It cannot be read now, or the file is damaged.</exception>
    IReadOnlyList<byte[]> ReadRoster(long roster);

    /// <summary>One small step of upkeep, between commits: copies the log back, gives free space back to the disk. Bounded to some milliseconds of a healthy disk.</summary>
    /// <param name="shrink">Space is short: give everything back that is free.</param>
    /// <returns>True when another step would find something to do.</returns>
    /// <exception cref="BufferStoreException">The step failed; nothing is lost by it.</exception>
    bool Tidy(bool shrink);

    /// <summary>Closes the file and sets it aside under another name beside its place; the next <see cref="Open"/> makes a fresh one.</summary>
    /// <returns>The new path.</returns>
    /// <exception cref="BufferStoreException">It cannot be renamed.</exception>
    string SetAside();
}

/// <summary>Takes what a store holds, at opening. The spans are valid during the call.</summary>
public interface IStoreVisitor
{
    /// <summary>A record.</summary>
    /// <exception cref="BufferStoreException">The store is not to be opened.</exception>
    void Record(long key, ReadOnlySpan<byte> entry);

    /// <summary>A roster that has chunks.</summary>
    void Roster(long roster);

    /// <summary>A reader; the backlog is the text of <see cref="SequenceRanges"/>.</summary>
    void Reader(string name, int kind, string backlog, long seenMs, string state);

    /// <summary>The counters written last.</summary>
    void Counters(StoreCounters counters);
}

/// <summary>Numbers that must never go back, also when the newest records are removed.</summary>
/// <param name="NextSequence">No snapshot ever had this sequence or a higher one.</param>
/// <param name="NextRoster">No roster ever had this id or a higher one.</param>
public readonly record struct StoreCounters(long NextSequence, long NextRoster);

/// <summary>Size of a store.</summary>
/// <param name="UsedBytes">What records, rosters and readers take, without free space that the next ones will use.</param>
/// <param name="FileBytes">What the files take on the disk, log and free space included.</param>
/// <param name="ReserveBytes">What the files may take beside that: a log that is copied back now and then.</param>
public readonly record struct StoreSize(long UsedBytes, long FileBytes, long ReserveBytes);
