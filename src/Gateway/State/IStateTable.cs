using Gateway.Sqlite;

namespace Gateway.State;

/// <summary>
/// A part of the process whose memory is kept in <c>state.db</c>. The memory is the truth once it is loaded; the database is its durable copy.
/// All members are called by the writer loop, one after the other, never at the same time.
/// </summary>
/// <remarks>
/// A turn of the loop: <see cref="Gather"/>, the <see cref="StateWork.Prepare"/> of the waiting writes, and when any table <see cref="HasChanges"/> one
/// transaction with the <see cref="Write"/> of all tables; then <see cref="Committed"/> or <see cref="RolledBack"/>.
/// </remarks>
internal interface IStateTable
{
    /// <summary>True when <see cref="Write"/> has something to write.</summary>
    bool HasChanges { get; }

    /// <summary>
    /// Fills the memory from the database, before any other member is called; possibly late, when the database could not be opened at the start.
    /// Called again, on another database, only if it failed.
    /// </summary>
    void Load(SqliteDatabase database);

    /// <summary>Replaces all rows by what the memory holds; inside a transaction. Called for each database opened later.</summary>
    void Refill(SqliteDatabase database);

    /// <summary>Looks for changes that no caller asked for: what expired, what is due.</summary>
    /// <param name="last">True in the last turn before the database is closed: whatever was put off is due now.</param>
    void Gather(bool last);

    /// <summary>Writes the changes; inside a transaction. May be called again for the same changes after a rollback.</summary>
    void Write(SqliteDatabase database);

    /// <summary>The changes are on disk: make them visible.</summary>
    void Committed();

    /// <summary>The changes of the waiting writes are void; those of <see cref="Gather"/> are tried again in a later turn.</summary>
    void RolledBack();
}

/// <summary>One waiting write. The members are called by the writer loop; they must not block and not throw.</summary>
internal abstract class StateWork
{
    /// <summary>Judges the write against the memory and enters its changes into its table. Also after this, either <see cref="Complete"/> or <see cref="Fail"/> follows.</summary>
    public abstract void Prepare();

    /// <summary>The transaction is on disk.</summary>
    public abstract void Complete();

    /// <summary>Nothing of it was kept.</summary>
    public abstract void Fail(StateUnavailableException fault);
}
