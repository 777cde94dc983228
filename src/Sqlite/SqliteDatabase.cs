using System.Globalization;
using Microsoft.Data.Sqlite;

namespace Gateway.Sqlite;

/// <summary>
/// The one connection to a database, opened, checked and brought to the newest schema; keeps its statements compiled. Not thread-safe: one loop owns it.
/// </summary>
/// <remarks>
/// Write-ahead log, one sync per commit (<c>synchronous=FULL</c>). The connection locks the file for itself: then the index of the log lives in memory and
/// not in a mapped file, and no other program can hold the log open and make it grow. The log is copied back by this connection, so it stays small, and two
/// connections never meet in it (up to 3.51.2 two that write or copy back at the same moment can damage the file); a clean stop empties it.
/// </remarks>
public sealed class SqliteDatabase : IDisposable
{
    /// <summary>Longest wait for a lock that another program holds (an operator's shell).</summary>
    private const int BusySeconds = 2;

    private const int CacheWrites = 9;

    private readonly SqliteConnection _connection;
    private readonly Dictionary<string, SqliteStatement> _statements = new(StringComparer.Ordinal);

    private readonly SqliteSettings _settings;
    private long _pagesWritten;

    private SqliteDatabase(SqliteConnection connection, SqliteSettings settings)
    {
        _connection = connection;
        _settings = settings;
    }

    /// <summary>Opens or makes the database.</summary>
    /// <exception cref="SqliteMissingException">The SQLite library is not installed.</exception>
    /// <exception cref="SqliteException">It cannot be opened or read.</exception>
    /// <exception cref="SqliteDamagedException">Its pages do not hold together, or it is another program's.</exception>
    /// <exception cref="SqliteVersionException">A newer program wrote it.</exception>
    public static SqliteDatabase Open(string path, SqliteSettings settings)
    {
        SqliteLibrary.EnsureLoaded();
        var target = new SqliteConnectionStringBuilder
        {
            DataSource = path,
            Mode = SqliteOpenMode.ReadWriteCreate,
            Pooling = false,
            DefaultTimeout = BusySeconds,
        };
        var result = new SqliteDatabase(new SqliteConnection(target.ConnectionString), settings);
        try
        {
            result._connection.Open();
            result.Configure();
            result.Check(path);
            result.Migrate();
            return result;
        }
        catch
        {
            result.Dispose();
            throw;
        }
    }

    /// <summary>A compiled statement; parameters are <c>$1</c>, <c>$2</c>, … in order.</summary>
    public SqliteStatement Statement(string sql)
    {
        if (_statements.TryGetValue(sql, out var known)) return known;
        var made = new SqliteStatement(_connection.CreateCommand(), sql);
        _statements.Add(sql, made);
        return made;
    }

    /// <summary>Runs a constant statement without parameters to its end.</summary>
    public void Execute(string sql) => Statement(sql).Execute();

    /// <summary>Begins a transaction that writes.</summary>
    public void Begin() => Execute("BEGIN IMMEDIATE");

    /// <summary>Returns after the sync.</summary>
    public void Commit() => Execute("COMMIT");

    /// <summary>Ends a transaction that failed; never throws, because SQLite may have ended it already.</summary>
    public void RollBack()
    {
        if (SQLitePCL.raw.sqlite3_get_autocommit(_connection.Handle) != 0) return;
        try
        {
            Execute("ROLLBACK");
        }
        catch (SqliteException)
        {
            // The connection is closed next, or the next BEGIN says what is wrong.
        }
    }

    /// <summary>Copies the log into the database and empties it.</summary>
    public void Truncate() => Execute("PRAGMA wal_checkpoint(TRUNCATE)");

    /// <summary>Pages that this connection has written, into the log or anywhere, since it was opened.</summary>
    public long PagesWritten
    {
        get
        {
            // SQLITE_DBSTATUS_CACHE_WRITE, reset at every call because SQLite counts in 32 bits.
            if (SQLitePCL.raw.sqlite3_db_status(_connection.Handle, CacheWrites, out var pages, out _, 1) == SQLitePCL.raw.SQLITE_OK) _pagesWritten += pages;
            return _pagesWritten;
        }
    }

    /// <summary>Copies what it can of the log into the database; the log is written from its start again afterwards.</summary>
    public void Checkpoint() => Execute("PRAGMA wal_checkpoint(PASSIVE)");

    /// <summary>The one number that a constant statement gives.</summary>
    /// <exception cref="SqliteDamagedException">It gives none.</exception>
    public long Number(string sql)
    {
        using var rows = Statement(sql).Read();
        return rows.Read() && !rows.IsDBNull(0) ? rows.GetInt64(0) : throw new SqliteDamagedException("The database gives no number where one must be.");
    }

    /// <summary>Bytes of a column of the current row, in SQLite's own memory: valid until the next row.</summary>
    /// <exception cref="SqliteDamagedException">The column holds something else.</exception>
    public static ReadOnlySpan<byte> Bytes(SqliteDataReader rows, int column)
    {
        var statement = rows.Handle!; // a reader that stands on a row has one
        return SQLitePCL.raw.sqlite3_column_type(statement, column) == SQLitePCL.raw.SQLITE_BLOB
            ? SQLitePCL.raw.sqlite3_column_blob(statement, column)
            : throw new SqliteDamagedException("The database holds no bytes where some must be.");
    }

    public void Dispose()
    {
        foreach (var statement in _statements.Values) statement.Dispose();
        _connection.Dispose();
    }

    private void Configure()
    {
        var busyMilliseconds = BusySeconds * 1000;
        Execute(string.Create(CultureInfo.InvariantCulture, $"PRAGMA busy_timeout={busyMilliseconds}"));
        Execute("PRAGMA locking_mode=EXCLUSIVE");
        // These two hold only when they come before anything is written.
        Execute(string.Create(CultureInfo.InvariantCulture, $"PRAGMA page_size={_settings.PageBytes}"));
        if (_settings.GivesSpaceBack) Execute("PRAGMA auto_vacuum=INCREMENTAL");
        if (Text("PRAGMA journal_mode=WAL") is not "wal") throw new SqliteException("The write-ahead log cannot be switched on.", 8);
        Execute("PRAGMA synchronous=FULL");
        Execute("PRAGMA secure_delete=OFF");
        Execute(string.Create(CultureInfo.InvariantCulture, $"PRAGMA wal_autocheckpoint={_settings.CheckpointPages}"));
        Execute(string.Create(CultureInfo.InvariantCulture, $"PRAGMA journal_size_limit={_settings.LogBytes}"));
        Execute(string.Create(CultureInfo.InvariantCulture, $"PRAGMA cache_size=-{_settings.CacheKibibytes}"));
    }

    private void Check(string path)
    {
        var version = Number("PRAGMA user_version");
        var owner = Number("PRAGMA application_id");
        var tables = Number("SELECT count(*) FROM sqlite_master");
        if (owner == _settings.ApplicationId && version > _settings.Version) throw new SqliteVersionException(path, version, _settings.Version);
        if (tables > 0 && (owner != _settings.ApplicationId || version <= 0)) throw new SqliteDamagedException("The file is a database of another program.");
        if (!_settings.CheckAtOpen) return;
        var verdict = Text("PRAGMA quick_check(1)");
        if (verdict is not "ok") throw new SqliteDamagedException($"The check of the database says: {verdict}");
    }

    private void Migrate()
    {
        var version = (int)Number("PRAGMA user_version");
        if (version == _settings.Version) return;
        Begin();
        for (; version < _settings.Version; version++) ExecuteScript(_settings.Scripts[version]);
        Execute(string.Create(CultureInfo.InvariantCulture, $"PRAGMA application_id={_settings.ApplicationId}"));
        Execute(string.Create(CultureInfo.InvariantCulture, $"PRAGMA user_version={_settings.Version}"));
        Commit();
    }

    private void ExecuteScript(string script)
    {
        using var command = _connection.CreateCommand();
#pragma warning disable CA2100 // a script of the settings, a constant of the program
        command.CommandText = script;
#pragma warning restore CA2100
        command.ExecuteNonQuery();
    }

    private string? Text(string sql) => Scalar(sql) as string;

    private object? Scalar(string sql)
    {
        using var command = _connection.CreateCommand();
#pragma warning disable CA2100 // constants of this file
        command.CommandText = sql;
#pragma warning restore CA2100
        return command.ExecuteScalar();
    }
}
