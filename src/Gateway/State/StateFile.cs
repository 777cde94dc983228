using Gateway.Sqlite;

namespace Gateway.State;

/// <summary>
/// The files of the state directory: takes the lock, opens <c>state.db</c>, sets a damaged one aside. Belongs to the writer loop.
/// </summary>
internal sealed class StateFile(StateOptions options, TimeProvider time, ILogger logger) : IDisposable
{
    public const string FileName = "state.db";

    private StateLock? _lock;

    public string Path { get; } = System.IO.Path.Join(options.Directory, FileName);

    /// <summary>Damaged databases set aside.</summary>
    public long Quarantines { get; private set; }

    /// <summary>Takes the lock if it is not held and opens the database; a damaged one is replaced by a fresh one.</summary>
    /// <exception cref="StateInUseException">Another process holds the directory.</exception>
    /// <exception cref="SqliteVersionException">A newer program wrote the database.</exception>
    /// <exception cref="Exception">One that <see cref="StateFaults.IsEnvironment"/> knows: it cannot be opened now.</exception>
    public SqliteDatabase Open()
    {
        Directory.CreateDirectory(options.Directory);
        _lock ??= StateLock.Take(options.Directory);
        try
        {
            return Opened();
        }
        catch (Exception e) when (StateFaults.IsDamage(e))
        {
            return Replace(e);
        }
    }

    /// <summary>Sets the database aside, which no connection may hold any more, and opens a fresh one.</summary>
    /// <exception cref="Exception">One that <see cref="StateFaults.IsEnvironment"/> knows: the files cannot be renamed or made.</exception>
    public SqliteDatabase Replace(Exception damage)
    {
        var kept = Quarantine.SetAside(Path, time.GetUtcNow(), options.MaxQuarantined);
        Quarantines++;
        logger.StateQuarantined(kept, damage.Message);
        return Opened();
    }

    /// <summary>
    /// Reads a database that is there but cannot be opened for writing, through a copy in the temporary folder: the values of a read-only disk stay visible.
    /// </summary>
    /// <returns>False when there is nothing to read or the copy cannot be made or opened.</returns>
    public bool TryReadCopy(Action<SqliteDatabase> read)
    {
        string? folder = null;
        try
        {
            // Pipes and devices have no length; opening one to read could wait for ever.
            if (new FileInfo(Path) is not { Exists: true, Length: > 0 }) return false;
            folder = Directory.CreateTempSubdirectory("gateway-state-").FullName;
            var copy = System.IO.Path.Join(folder, FileName);
            CopyBytes(Path, copy);
            if (File.Exists(Path + "-wal")) CopyBytes(Path + "-wal", copy + "-wal");
            using var connection = SqliteDatabase.Open(copy, StateSchema.Settings);
            read(connection);
            logger.StateLoadedFromCopy(Path);
            return true;
        }
        catch (Exception e) when (StateFaults.IsEnvironment(e))
        {
            return false;
        }
        finally
        {
            if (folder is not null) TryDelete(folder);
        }
    }

    /// <summary>Gives the lock back.</summary>
    public void Dispose()
    {
        _lock?.Dispose();
        _lock = null;
    }

    private SqliteDatabase Opened()
    {
        var connection = SqliteDatabase.Open(Path, StateSchema.Settings);
        logger.StateOpened(Path);
        return connection;
    }

    /// <summary>Bytes only: a copied mode could be the read-only one.</summary>
    private static void CopyBytes(string from, string to)
    {
        using var source = File.OpenRead(from);
        using var target = File.Create(to);
        source.CopyTo(target);
    }

    private static void TryDelete(string folder)
    {
        try
        {
            Directory.Delete(folder, recursive: true);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            // Left to whoever cleans the temporary folder.
        }
    }
}
