using Gateway.Sqlite;

namespace Gateway.State;

/// <summary>
/// The connection with its tables: opens, fills, writes a group of changes in one transaction, replaces a damaged file, opens again after a failure.
/// One turn at a time, on the thread of the loop; it decides nothing about when.
/// </summary>
internal sealed class StateWriter(StateFile file, IReadOnlyList<IStateTable> tables, TimeProvider time) : IDisposable
{
    private const string ProbeSql = "INSERT INTO metadata (key, value) VALUES ('probe', $1) ON CONFLICT (key) DO UPDATE SET value = excluded.value";

    private SqliteDatabase? _connection;
    private bool _loaded;

    /// <summary>True when there is a connection; writes may fail all the same.</summary>
    public bool IsOpen => _connection is not null;

    public long Commits { get; private set; }

    public long CommitFailures { get; private set; }

    public TimeSpan CommitTime { get; private set; }

    public TimeSpan LongestCommit { get; private set; }

    public DateTimeOffset? LastCommit { get; private set; }

    public long Quarantines => file.Quarantines;

    /// <summary>True when a table waits for a transaction.</summary>
    public bool HasChanges
    {
        get
        {
            foreach (var table in tables)
            {
                if (table.HasChanges) return true;
            }

            return false;
        }
    }

    /// <summary>Opens the database and loads the tables, or refills it from them if they were loaded before.</summary>
    /// <exception cref="Exception">One that <see cref="StateFaults.IsEnvironment"/> knows; there is no connection then.</exception>
    public void Open()
    {
        try
        {
            _connection = file.Open();
            try
            {
                Fill();
            }
            catch (Exception e) when (StateFaults.IsDamage(e))
            {
                Replace(e);
            }
        }
        catch
        {
            Close();
            throw;
        }
    }

    /// <summary>Loads the tables from a copy when the database itself cannot be opened and was never read.</summary>
    public void LoadFromCopy()
    {
        if (!_loaded) _loaded = file.TryReadCopy(Load);
    }

    /// <summary>Tries whether writing works again: opens the database, or writes one row into the one that is open.</summary>
    public Exception? TryRecover()
    {
        try
        {
            if (_connection is not { } connection)
            {
                Open();
                return null;
            }

            connection.Begin();
            connection.Statement(ProbeSql).Bind(1, time.GetUtcNow().ToUnixTimeMilliseconds()).Execute();
            connection.Commit();
            return null;
        }
        catch (Exception e) when (StateFaults.IsEnvironment(e))
        {
            Settle(e);
            return e;
        }
    }

    /// <summary>Writes the changes of all tables in one transaction. Null when they are on disk, else why not; the tables know either way.</summary>
    public Exception? TryWrite()
    {
        var fault = Attempt();
        if (fault is null)
        {
            foreach (var table in tables) table.Committed();
            return null;
        }

        Settle(fault);
        Void();
        return fault;
    }

    /// <summary>Tells the tables that the prepared changes are void, and ends the transaction if one is open.</summary>
    public void Void()
    {
        _connection?.RollBack();
        foreach (var table in tables) table.RolledBack();
    }

    public void Gather(bool last)
    {
        foreach (var table in tables) table.Gather(last);
    }

    /// <summary>Copies the log back and empties it; a fault only means that the next start reads a longer log.</summary>
    public Exception? TryTruncate()
    {
        try
        {
            _connection?.Truncate();
            return null;
        }
        catch (Exception e) when (StateFaults.IsEnvironment(e))
        {
            return e;
        }
    }

    public void Dispose()
    {
        Close();
        file.Dispose();
    }

    private Exception? Attempt()
    {
        try
        {
            WriteOnce(_connection!); // the loop writes only when open
            return null;
        }
        catch (Exception e) when (StateFaults.IsDamage(e))
        {
            return AttemptOnFreshFile(e);
        }
        catch (Exception e) when (StateFaults.IsEnvironment(e))
        {
            return e;
        }
    }

    private Exception? AttemptOnFreshFile(Exception damage)
    {
        try
        {
            Replace(damage);
            WriteOnce(_connection!); // just opened
            return null;
        }
        catch (Exception e) when (StateFaults.IsEnvironment(e))
        {
            return e;
        }
    }

    private void WriteOnce(SqliteDatabase connection)
    {
        var start = time.GetTimestamp();
        connection.Begin();
        foreach (var table in tables)
        {
            if (table.HasChanges) table.Write(connection);
        }

        connection.Commit();
        var elapsed = time.GetElapsedTime(start);
        Commits++;
        CommitTime += elapsed;
        if (elapsed > LongestCommit) LongestCommit = elapsed;
        LastCommit = time.GetUtcNow();
    }

    /// <summary>Ends the transaction that failed; a connection that may have lost more than it is closed, so that it is opened and refilled anew.</summary>
    private void Settle(Exception fault)
    {
        CommitFailures++;
        if (SqliteFaults.IsPassing(fault)) _connection?.RollBack();
        else Close();
    }

    private void Replace(Exception damage)
    {
        Close();
        _connection = file.Replace(damage);
        Fill();
    }

    private void Fill()
    {
        var connection = _connection!; // set by both callers
        if (!_loaded)
        {
            Load(connection);
            _loaded = true;
            return;
        }

        connection.Begin();
        foreach (var table in tables) table.Refill(connection);
        connection.Commit();
    }

    private void Load(SqliteDatabase connection)
    {
        foreach (var table in tables) table.Load(connection);
    }

    private void Close()
    {
        _connection?.RollBack();
        _connection?.Dispose();
        _connection = null;
    }
}
