using System.Buffers;
using Gateway.Sqlite;
using Microsoft.Data.Sqlite;

namespace Gateway.Buffering.Stores;

/// <summary>
/// The default store: <c>buffer.db</c>, SQLite in write-ahead mode with one sync per commit, on the one connection that writes, reads and copies the log back.
/// </summary>
/// <remarks>
/// Snapshots stand in a table of their own with their entries in front, so that a commit touches one page for a small one; at opening these few rows are read whole. Blocks are many and
/// large, so their entries and contents are apart, and opening reads none of the contents. The log is copied back by <see cref="Tidy"/>, never inside a commit.
/// </remarks>
public sealed class SqliteBufferStore : IBufferStore
{
    /// <summary>Name of the file in its directory.</summary>
    public const string FileName = "buffer.db";

    /// <summary>"GwBu".</summary>
    private const int ApplicationId = 0x47774275;

    /// <summary>A snapshot is some hundred bytes: with pages of 4 KiB half of a small file would be air, and each commit would write four times as much.</summary>
    private const int PageBytes = 1024;

    /// <summary>The log is copied back at this size, and may be as large again by one transaction; a sync of this much takes some milliseconds.</summary>
    private const long LargestLog = 4000 * PageBytes;

    /// <summary>Of a small buffer the log is a small part as well.</summary>
    private const long SmallestLog = 256 * PageBytes;

    /// <summary>Pages given back in one step: as much as 64 of 4 KiB, 2.4 ms at most in the measurements of the choice of this engine.</summary>
    private const string Vacuum = "PRAGMA incremental_vacuum(256)";

    /// <summary>Free space that is kept for the next snapshots: so much and an eighth of the file. Less than that is not worth moving pages for.</summary>
    private const long SpareBytes = 16 * PageBytes;

    private const string InsertSnapshot = "INSERT OR REPLACE INTO snapshots (key, entry, content) VALUES ($1, $2, $3)";
    private const string InsertBlock = "INSERT OR REPLACE INTO blocks (key, entry) VALUES ($1, $2)";
    private const string InsertContent = "INSERT OR REPLACE INTO block_contents (key, content) VALUES ($1, $2)";
    private const string InsertChunk = "INSERT OR REPLACE INTO rosters (roster, first, content) VALUES ($1, $2, $3)";

    private const string PutReader =
        "INSERT OR REPLACE INTO readers (name, kind, backlog, seen, state) VALUES ($1, $2, $3, $4, $5)";

    private const string PutCounter = "INSERT INTO counters (name, value) VALUES ($1, $2) ON CONFLICT (name) DO UPDATE SET value = max(value, excluded.value)";

    private static readonly string[] Scripts =
    [
        """
        -- Single snapshots; key: sequence, entry: see RecordEntry, content: see BlobKind.
        CREATE TABLE snapshots (key INTEGER PRIMARY KEY, entry BLOB NOT NULL, content BLOB NOT NULL);
        -- Blocks of many; key: sequence of the first.
        CREATE TABLE blocks (key INTEGER PRIMARY KEY, entry BLOB NOT NULL);
        CREATE TABLE block_contents (key INTEGER PRIMARY KEY, content BLOB NOT NULL);
        -- Series of the snapshots; first: id of the first series of a chunk.
        CREATE TABLE rosters (roster INTEGER NOT NULL, first INTEGER NOT NULL, content BLOB NOT NULL, PRIMARY KEY (roster, first)) WITHOUT ROWID;
        -- What each reader still has to get, as sequences like 1-7,9,12-; seen: Unix ms; state: a word of its owner.
        CREATE TABLE readers (
            name TEXT NOT NULL, kind INTEGER NOT NULL, backlog TEXT NOT NULL, seen INTEGER NOT NULL, state TEXT NOT NULL, PRIMARY KEY (name, kind)) WITHOUT ROWID;
        -- next_sequence, next_roster.
        CREATE TABLE counters (name TEXT PRIMARY KEY, value INTEGER NOT NULL) WITHOUT ROWID;
        """,
    ];

    private readonly string _directory;
    private readonly string _path;
    private readonly int _maxQuarantined;
    private readonly long _logBytes;
    private readonly TimeProvider _time;
    private readonly SqliteSettings _settings;
    private SqliteDatabase? _database;
    private long _checkpointed;

    /// <summary>Makes it; nothing is read or opened yet.</summary>
    /// <param name="directory">Folder of the file, a full path; made when it is missing.</param>
    /// <param name="maxBytes">Bound of the buffer; a small one keeps a small log.</param>
    /// <param name="maxQuarantined">Damaged files kept beside the living one.</param>
    /// <param name="time">Names the damaged files.</param>
    public SqliteBufferStore(string directory, long maxBytes, int maxQuarantined, TimeProvider time)
    {
        _directory = directory;
        _path = Path.Join(directory, FileName);
        _maxQuarantined = maxQuarantined;
        _time = time;
        _logBytes = Math.Clamp(maxBytes / 16, SmallestLog, LargestLog);
        _settings = new SqliteSettings
        {
            ApplicationId = ApplicationId,
            Scripts = Scripts,
            CheckpointPages = 0,
            LogBytes = _logBytes,
            CheckAtOpen = false,
            GivesSpaceBack = true,
            PageBytes = PageBytes,
        };
    }

    /// <inheritdoc/>
    public string Kind => "sqlite";

    /// <inheritdoc/>
    public bool IsDurable => true;

    /// <inheritdoc/>
    public bool IsOpen => _database is not null;

    /// <inheritdoc/>
    public StoreSize Size { get; private set; }

    /// <inheritdoc/>
    public void Open(IStoreVisitor visitor) => Run(() =>
    {
        Directory.CreateDirectory(_directory);
        // The library would take it for a new database, and drop the log that belongs to it.
        if (new FileInfo(_path) is { Exists: true, Length: 0 }) throw new SqliteDamagedException("The file is empty: it was cut.");
        var database = _database = SqliteDatabase.Open(_path, _settings);
        _checkpointed = 0;
        Measure(database);
        using (var rows = database.Statement(
            "SELECT key, entry FROM (SELECT key, entry FROM snapshots UNION ALL SELECT key, entry FROM blocks) ORDER BY key").Read())
        {
            while (rows.Read()) visitor.Record(rows.GetInt64(0), SqliteDatabase.Bytes(rows, 1));
        }

        using (var rows = database.Statement("SELECT DISTINCT roster FROM rosters ORDER BY roster").Read())
        {
            while (rows.Read()) visitor.Roster(rows.GetInt64(0));
        }

        using (var rows = database.Statement("SELECT name, kind, backlog, seen, state FROM readers ORDER BY name, kind").Read())
        {
            while (rows.Read()) visitor.Reader(rows.GetString(0), rows.GetInt32(1), rows.GetString(2), rows.GetInt64(3), rows.GetString(4));
        }

        using var counters = database.Statement("SELECT (SELECT value FROM counters WHERE name = 'next_sequence'), (SELECT value FROM counters WHERE name = 'next_roster')").Read();
        if (counters.Read() && !counters.IsDBNull(0) && !counters.IsDBNull(1)) visitor.Counters(new StoreCounters(counters.GetInt64(0), counters.GetInt64(1)));
    });

    /// <inheritdoc/>
    public void Commit(StoreChange change) => Run(() =>
    {
        var database = Database();
        database.Begin();
        foreach (var key in change.RemovedRecords)
        {
            database.Statement("DELETE FROM snapshots WHERE key = $1").Bind(1, key).Execute();
            database.Statement("DELETE FROM blocks WHERE key = $1").Bind(1, key).Execute();
            database.Statement("DELETE FROM block_contents WHERE key = $1").Bind(1, key).Execute();
        }

        foreach (var roster in change.RemovedRosters) database.Statement("DELETE FROM rosters WHERE roster = $1").Bind(1, roster).Execute();
        foreach (var record in change.Records)
        {
            if (!record.IsBlock)
            {
                database.Statement(InsertSnapshot).Bind(1, record.Key).Bind(2, record.Entry).Bind(3, record.Content).Execute();
                continue;
            }

            database.Statement(InsertBlock).Bind(1, record.Key).Bind(2, record.Entry).Execute();
            database.Statement(InsertContent).Bind(1, record.Key).Bind(2, record.Content).Execute();
        }

        foreach (var chunk in change.Chunks) database.Statement(InsertChunk).Bind(1, chunk.Roster).Bind(2, chunk.FirstId).Bind(3, chunk.Content).Execute();
        foreach (var reader in change.Readers)
        {
            if (reader.Backlog is null) database.Statement("DELETE FROM readers WHERE name = $1 AND kind = $2").Bind(1, reader.Name).Bind(2, reader.Kind).Execute();
            else database.Statement(PutReader).Bind(1, reader.Name).Bind(2, reader.Kind).Bind(3, reader.Backlog).Bind(4, reader.SeenMs).Bind(5, reader.State).Execute();
        }

        if (change.Counters is { } counters)
        {
            database.Statement(PutCounter).Bind(1, "next_sequence").Bind(2, counters.NextSequence).Execute();
            database.Statement(PutCounter).Bind(1, "next_roster").Bind(2, counters.NextRoster).Execute();
        }

        database.Commit();
        Measure(database);
    });

    /// <inheritdoc/>
    public bool TryRead(long key, IBufferWriter<byte> output)
    {
        var found = false;
        Run(() =>
        {
            found = TryRead("SELECT content FROM snapshots WHERE key = $1", key, output)
                || TryRead("SELECT content FROM block_contents WHERE key = $1", key, output);
        });
        return found;
    }

    /// <inheritdoc/>
    public IReadOnlyList<byte[]> ReadRoster(long roster)
    {
        var chunks = new List<byte[]>();
        Run(() =>
        {
            using var rows = Database().Statement("SELECT content FROM rosters WHERE roster = $1 ORDER BY first").Bind(1, roster).Read();
            while (rows.Read()) chunks.Add(SqliteDatabase.Bytes(rows, 0).ToArray());
        });
        return chunks;
    }

    /// <inheritdoc/>
    public bool Tidy(bool shrink)
    {
        var more = false;
        Run(() =>
        {
            var database = Database();
            if ((database.PagesWritten - _checkpointed) * PageBytes >= _logBytes)
            {
                // The log keeps its length and is written from its start again: on most file systems that is less work than to grow it anew.
                database.Checkpoint();
                _checkpointed = database.PagesWritten;
                more = true;
            }
            else if (FreeBytes(database) is var free && free > (shrink ? 0 : SpareBytes + (Size.UsedBytes / 8)))
            {
                database.Execute(Vacuum);
                more = FreeBytes(database) < free;
            }
            else if (shrink && LengthOf(_path + "-wal") > 0)
            {
                // Now the file itself gets shorter, and the log as well.
                database.Truncate();
                _checkpointed = database.PagesWritten;
            }

            Measure(database);
        });
        return more;
    }

    /// <inheritdoc/>
    public string SetAside()
    {
        var kept = "";
        Run(() =>
        {
            Close();
            kept = Quarantine.SetAside(_path, _time.GetUtcNow(), _maxQuarantined);
        });
        return kept;
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        try
        {
            if (_database is { } database) database.Truncate();
        }
        catch (SqliteException)
        {
            // The next opening reads a longer log; nothing is lost.
        }

        Close();
    }

    private bool TryRead(string sql, long key, IBufferWriter<byte> output)
    {
        using var rows = Database().Statement(sql).Bind(1, key).Read();
        if (!rows.Read()) return false;
        output.Write(SqliteDatabase.Bytes(rows, 0));
        return true;
    }

    private void Run(Action action)
    {
        try
        {
            action();
        }
        catch (BufferStoreException)
        {
            // It was not open, or the visitor of an opening will not have what it found.
            Close();
            throw;
        }
        catch (Exception e) when (SqliteFaults.Of(e) is var fault && fault != SqliteFault.None)
        {
            if (SqliteFaults.IsPassing(e)) _database?.RollBack();
            else Close();
            throw Translate(e, fault);
        }
        catch (Exception e) when (e is InvalidOperationException or InvalidCastException or FormatException or OverflowException)
        {
            // What the engine's reader says of a column that holds another type than was ever written.
            Close();
            throw Translate(e, SqliteFault.Damaged);
        }
    }

    private SqliteDatabase Database() => _database ?? throw new BufferStoreException(BufferStoreFault.Unavailable, "The buffer database is not open.");

    private void Close()
    {
        _database?.RollBack();
        _database?.Dispose();
        _database = null;
    }

    private void Measure(SqliteDatabase database)
    {
        var pages = database.Number("PRAGMA page_count");
        Size = new StoreSize((pages * PageBytes) - FreeBytes(database), LengthOf(_path) + LengthOf(_path + "-wal"), 2 * _logBytes);
    }

    private static long FreeBytes(SqliteDatabase database) => database.Number("PRAGMA freelist_count") * PageBytes;

    private static long LengthOf(string path) => new FileInfo(path) is { Exists: true } file ? file.Length : 0;

    private static BufferStoreException Translate(Exception e, SqliteFault fault) => fault switch
    {
        SqliteFault.Full => new(BufferStoreFault.Unavailable, "The disk of the buffer is full.", e),
        SqliteFault.Busy => new(BufferStoreFault.Unavailable, "Another program holds the buffer database.", e),
        SqliteFault.ReadOnly => new(BufferStoreFault.Unavailable, "The buffer database is read-only.", e),
        SqliteFault.CannotOpen => new(BufferStoreFault.Unavailable, "The buffer database cannot be opened.", e),
        SqliteFault.IoError => new(BufferStoreFault.Unavailable, "The disk of the buffer reports an I/O error.", e),
        SqliteFault.Forbidden => new(BufferStoreFault.Unavailable, "The directory of the buffer cannot be used: no permission.", e),
        SqliteFault.FileSystem => new(BufferStoreFault.Unavailable, "The directory of the buffer cannot be used: the file system reports an error.", e),
        SqliteFault.NewerVersion => new(BufferStoreFault.NewerVersion, "The buffer database was written by a newer program.", e),
        // The statements are constants: when one no longer fits, the tables are not what they were.
        SqliteFault.Other when e is SqliteException { SqliteErrorCode: 1 } => new(BufferStoreFault.Damaged, "The tables of the buffer database are damaged.", e),
        SqliteFault.Damaged => new(BufferStoreFault.Damaged, "The buffer database is damaged.", e),
        _ => new(BufferStoreFault.Unavailable, "The buffer database cannot be used.", e),
    };
}
