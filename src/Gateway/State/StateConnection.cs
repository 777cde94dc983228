using System.Globalization;
using Microsoft.Data.Sqlite;

namespace Gateway.State;

/// <summary>
/// The one connection to <c>state.db</c>, opened, checked and brought to the newest schema; keeps its statements compiled. Not thread-safe: the writer loop owns it.
/// </summary>
/// <remarks>
/// Write-ahead log, one sync per commit (<c>synchronous=FULL</c>). The connection locks the file for itself: then the index of the log lives in memory and
/// not in a mapped file, and no other program can hold the log open and make it grow. The log is copied back every <see cref="CheckpointPages"/> pages,
/// by this connection, so it stays near 4 MiB; a clean stop empties it.
/// </remarks>
internal sealed class StateConnection : IDisposable
{
    /// <summary>Pages of 4 KiB in the log before it is copied back: SQLite's own default.</summary>
    private const int CheckpointPages = 1000;

    /// <summary>Longest wait for a lock that another program holds (an operator's shell).</summary>
    private const int BusySeconds = 2;

    /// <summary>Page cache; the rows of some ten thousand series.</summary>
    private const int CacheKibibytes = 2048;

    private readonly SqliteConnection _connection;
    private readonly Dictionary<string, StateStatement> _statements = new(StringComparer.Ordinal);

    private StateConnection(SqliteConnection connection) => _connection = connection;

    /// <summary>Opens or makes the database.</summary>
    /// <exception cref="SqliteException">It cannot be opened or read.</exception>
    /// <exception cref="StateDamagedException">Its pages do not hold together, or it is another program's.</exception>
    /// <exception cref="StateVersionException">A newer program wrote it.</exception>
    public static StateConnection Open(string path)
    {
        var settings = new SqliteConnectionStringBuilder
        {
            DataSource = path,
            Mode = SqliteOpenMode.ReadWriteCreate,
            Pooling = false,
            DefaultTimeout = BusySeconds,
        };
        var result = new StateConnection(new SqliteConnection(settings.ConnectionString));
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
    public StateStatement Statement(string sql)
    {
        if (_statements.TryGetValue(sql, out var known)) return known;
        var made = new StateStatement(_connection.CreateCommand(), sql);
        _statements.Add(sql, made);
        return made;
    }

    public void Execute(string sql) => Statement(sql).Execute();

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
        if (Text("PRAGMA journal_mode=WAL") is not "wal") throw new SqliteException("The write-ahead log cannot be switched on.", 8);
        Execute("PRAGMA synchronous=FULL");
        Execute("PRAGMA secure_delete=OFF");
        Execute(string.Create(CultureInfo.InvariantCulture, $"PRAGMA wal_autocheckpoint={CheckpointPages}"));
        Execute(string.Create(CultureInfo.InvariantCulture, $"PRAGMA journal_size_limit={CheckpointPages * 4096}"));
        Execute(string.Create(CultureInfo.InvariantCulture, $"PRAGMA cache_size=-{CacheKibibytes}"));
    }

    private void Check(string path)
    {
        var version = Number("PRAGMA user_version");
        var owner = Number("PRAGMA application_id");
        var tables = Number("SELECT count(*) FROM sqlite_master");
        if (owner == StateSchema.ApplicationId && version > StateSchema.Version) throw new StateVersionException(path, version, StateSchema.Version);
        if (tables > 0 && (owner != StateSchema.ApplicationId || version <= 0)) throw new StateDamagedException("The file is a database of another program.");
        var verdict = Text("PRAGMA quick_check(1)");
        if (verdict is not "ok") throw new StateDamagedException($"The check of the database says: {verdict}");
    }

    private void Migrate()
    {
        var version = (int)Number("PRAGMA user_version");
        if (version == StateSchema.Version) return;
        Begin();
        for (; version < StateSchema.Version; version++) ExecuteScript(StateSchema.Scripts[version]);
        Execute(string.Create(CultureInfo.InvariantCulture, $"PRAGMA application_id={StateSchema.ApplicationId}"));
        Execute(string.Create(CultureInfo.InvariantCulture, $"PRAGMA user_version={StateSchema.Version}"));
        Commit();
    }

    private void ExecuteScript(string script)
    {
        using var command = _connection.CreateCommand();
#pragma warning disable CA2100 // a script of StateSchema
        command.CommandText = script;
#pragma warning restore CA2100
        command.ExecuteNonQuery();
    }

    private long Number(string sql) => Scalar(sql) is long number ? number : throw new StateDamagedException("The database gives no number where one must be.");

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
