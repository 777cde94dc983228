using System.Buffers;
using Gateway.Buffering.Stores;
using Gateway.Sqlite;
using LiteDB;

namespace Gateway.Buffering.LiteDb;

/// <summary>
/// The buffer's records in LiteDB 5, file <c>buffer.litedb</c>: one collection each for entries, contents, rosters, readers and counters.
/// </summary>
/// <remarks>
/// A commit of LiteDB returns before anything is synced, so every change is followed by a checkpoint, which syncs. LiteDB keeps no checksums and gives no space back but by writing
/// the whole file anew; what it hands out is checked by the caller, as the contract says, and the size counts the file as it is. Whatever it throws beside errors of the file system and lock
/// timeouts is taken for damage: on a damaged file it throws nearly anything.
/// </remarks>
public sealed class LiteDbBufferStore : IBufferStore
{
    /// <summary>Name of the file in its directory.</summary>
    public const string FileName = "buffer.litedb";

    private const string LogName = "buffer-log.litedb";
    private const string LogMark = "-log";

    private readonly string _directory;
    private readonly string _path;
    private readonly int _maxQuarantined;
    private readonly TimeProvider _time;
    private LiteDatabase? _database;
    private long _contentBytes;

    /// <summary>Makes it; nothing is read or opened yet.</summary>
    /// <param name="directory">Folder of the file, a full path; made when it is missing.</param>
    /// <param name="maxQuarantined">Damaged files kept beside the living one.</param>
    /// <param name="time">Names the damaged files.</param>
    public LiteDbBufferStore(string directory, int maxQuarantined, TimeProvider time)
    {
        _directory = directory;
        _path = Path.Join(directory, FileName);
        _maxQuarantined = maxQuarantined;
        _time = time;
    }

    /// <inheritdoc/>
    public string Kind => "litedb";

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
        _database = new LiteDatabase(new ConnectionString { Filename = _path, Connection = ConnectionType.Direct });
        _contentBytes = 0;
        var entries = new SortedDictionary<long, byte[]>();
        foreach (var document in Entries().FindAll())
        {
            entries[document["_id"].AsInt64] = document["entry"].AsBinary;
            _contentBytes += document["size"].AsInt64;
        }

        foreach (var (key, entry) in entries) visitor.Record(key, entry);
        var rosters = new SortedSet<long>();
        foreach (var document in Rosters().FindAll()) rosters.Add(document["roster"].AsInt64);
        foreach (var roster in rosters) visitor.Roster(roster);
        foreach (var document in Readers().FindAll())
            visitor.Reader(document["name"].AsString, document["kind"].AsInt32, document["backlog"].AsString, document["seen"].AsInt64, document["state"].AsString);
        if (Counters().FindById(1) is { } counters) visitor.Counters(new StoreCounters(counters["sequence"].AsInt64, counters["roster"].AsInt64));
        Measure();
    });

    /// <inheritdoc/>
    public void Commit(StoreChange change)
    {
        var before = _contentBytes;
        try
        {
            Run(() =>
            {
                var database = Database();
                database.BeginTrans();
                Apply(change);
                database.Commit();
                database.Checkpoint();
                Measure();
            });
        }
        catch (BufferStoreException)
        {
            _contentBytes = before;
            throw;
        }
    }

    /// <inheritdoc/>
    public bool TryRead(long key, IBufferWriter<byte> output)
    {
        var found = false;
        Run(() =>
        {
            if (Contents().FindById(key) is not { } document) return;
            output.Write(document["content"].AsBinary);
            found = true;
        });
        return found;
    }

    /// <inheritdoc/>
    public IReadOnlyList<byte[]> ReadRoster(long roster)
    {
        var chunks = new SortedDictionary<long, byte[]>();
        Run(() =>
        {
            foreach (var document in Rosters().Find(Query.EQ("roster", roster))) chunks[document["first"].AsInt64] = document["content"].AsBinary;
        });
        return [.. chunks.Values];
    }

    /// <inheritdoc/>
    public bool Tidy(bool shrink)
    {
        // Free pages are used again; giving them back would mean to write the whole file anew, which a step of some milliseconds cannot.
        Run(() => _ = Database());
        return false;
    }

    /// <inheritdoc/>
    public string SetAside()
    {
        var kept = "";
        Run(() =>
        {
            Close();
            kept = Quarantine.SetAside(_path, _time.GetUtcNow(), _maxQuarantined);
            var log = Path.Join(_directory, LogName);
            if (File.Exists(log)) File.Move(log, kept + LogMark);
            foreach (var old in Directory.GetFiles(_directory, FileName + ".damaged-*" + LogMark))
            {
                if (!File.Exists(old[..^LogMark.Length])) File.Delete(old);
            }
        });
        return kept;
    }

    /// <inheritdoc/>
    public void Dispose() => Close();

    private void Apply(StoreChange change)
    {
        foreach (var key in change.RemovedRecords) Remove(key);
        foreach (var roster in change.RemovedRosters)
        {
            foreach (var document in Rosters().Find(Query.EQ("roster", roster)).ToArray()) Rosters().Delete(document["_id"]);
        }

        foreach (var record in change.Records)
        {
            Remove(record.Key);
            Entries().Insert(new BsonDocument { ["_id"] = record.Key, ["entry"] = record.Entry, ["size"] = (long)record.Content.Length });
            Contents().Insert(new BsonDocument { ["_id"] = record.Key, ["content"] = record.Content });
            _contentBytes += record.Content.Length;
        }

        foreach (var chunk in change.Chunks)
        {
            Rosters().Upsert(new BsonDocument
            {
                ["_id"] = $"{chunk.Roster}/{chunk.FirstId}",
                ["roster"] = chunk.Roster,
                ["first"] = chunk.FirstId,
                ["content"] = chunk.Content,
            });
        }

        foreach (var reader in change.Readers)
        {
            var id = $"{reader.Kind}/{reader.Name}";
            if (reader.Backlog is null) Readers().Delete(id);
            else
                Readers().Upsert(new BsonDocument
                {
                    ["_id"] = id,
                    ["name"] = reader.Name,
                    ["kind"] = reader.Kind,
                    ["backlog"] = reader.Backlog,
                    ["seen"] = reader.SeenMs,
                    ["state"] = reader.State,
                });
        }

        if (change.Counters is { } counters) Counters().Upsert(new BsonDocument { ["_id"] = 1, ["sequence"] = counters.NextSequence, ["roster"] = counters.NextRoster });
    }

    private void Remove(long key)
    {
        if (Entries().FindById(key) is not { } document) return;
        _contentBytes -= document["size"].AsInt64;
        Entries().Delete(key);
        Contents().Delete(key);
    }

    private ILiteCollection<BsonDocument> Entries() => Database().GetCollection("entries");

    private ILiteCollection<BsonDocument> Contents() => Database().GetCollection("contents");

    private ILiteCollection<BsonDocument> Rosters() => Database().GetCollection("rosters");

    private ILiteCollection<BsonDocument> Readers() => Database().GetCollection("readers");

    private ILiteCollection<BsonDocument> Counters() => Database().GetCollection("counters");

    private LiteDatabase Database() => _database ?? throw new BufferStoreException(BufferStoreFault.Unavailable, "The buffer database is not open.");

    private void Run(Action action)
    {
        try
        {
            action();
        }
        catch (BufferStoreException)
        {
            throw;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or LiteException { ErrorCode: LiteException.LOCK_TIMEOUT })
        {
            Close();
            throw new BufferStoreException(BufferStoreFault.Unavailable, "The buffer database cannot be used: the file system reports an error.", e);
        }
        catch (Exception e)
        {
            Close();
            throw new BufferStoreException(BufferStoreFault.Damaged, "The buffer database is damaged.", e);
        }
    }

    private void Close()
    {
        try
        {
            _database?.Dispose();
        }
        catch (Exception)
        {
            // It writes when it closes, and throws what it likes when it cannot; what was acknowledged was synced before.
        }

        _database = null;
    }

    /// <summary>Used is what the records take: the file never shrinks, and its free pages are used again.</summary>
    private void Measure() => Size = new StoreSize(
        _contentBytes + (_contentBytes / 8), LengthOf(_path) + LengthOf(Path.Join(_directory, LogName)), ReserveBytes: (_contentBytes / 8) + (1 << 18));

    private static long LengthOf(string path) => new FileInfo(path) is { Exists: true } file ? file.Length : 0;
}
