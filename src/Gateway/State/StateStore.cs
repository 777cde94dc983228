using Gateway.Sqlite;

namespace Gateway.State;

/// <summary>
/// What the status part keeps over restarts: when this installation first started and when each consumer last scraped each endpoint. Any thread may call;
/// nothing here waits for the disk.
/// </summary>
/// <remarks>
/// A scrape is written at once when the last writing is at least <see cref="WritePause"/> ago, else when that pause ends; at a stop everything is written.
/// A power cut so loses at most that pause.
/// </remarks>
internal sealed class StateStore : IStateTable, IDisposable
{
    /// <summary>Pairs of endpoint and consumer kept; the consumer's name comes from outside. The one not seen longest makes room.</summary>
    public const int MaxScrapes = 256;

    /// <summary>At most one writing in this time.</summary>
    public static readonly TimeSpan WritePause = TimeSpan.FromSeconds(1);

    private const string FirstStartKey = "first_start";
    private const string UpsertScrape =
        "INSERT INTO scrapes (endpoint, consumer, time) VALUES ($1, $2, $3) ON CONFLICT (endpoint, consumer) DO UPDATE SET time = excluded.time";

    private const string DeleteScrape = "DELETE FROM scrapes WHERE endpoint = $1 AND consumer = $2";
    private const string UpsertMetadata = "INSERT INTO metadata (key, value) VALUES ($1, $2) ON CONFLICT (key) DO UPDATE SET value = excluded.value";

    private readonly Lock _lock = new();
    private readonly Dictionary<(string Endpoint, string Consumer), long> _scrapes = [];
    private readonly StateDatabase _state;
    private readonly ITimer _timer;

    /// <summary>Pairs that differ from the database; the value is null for one to delete.</summary>
    private Dictionary<(string Endpoint, string Consumer), long?> _changed = [];
    private Dictionary<(string Endpoint, string Consumer), long?>? _writing;
    private long _firstStart;
    private bool _firstStartChanged;
    private bool _firstStartWriting;
    private bool _pausing;
    private bool _due;

    public StateStore(StateDatabase state, TimeProvider time)
    {
        _state = state;
        _firstStart = time.GetUtcNow().ToUnixTimeMilliseconds();
        _firstStartChanged = true;
        _timer = time.CreateTimer(_ => EndPause(), state: null, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
    }

    /// <summary>Unix ms of the first start with this state directory; of this start as long as the database could not be read.</summary>
    public long FirstStartUnixMs
    {
        get { lock (_lock) return _firstStart; }
    }

    /// <summary>True once the database has been read; until then only what this run recorded is known.</summary>
    public bool IsLoaded { get; private set; }

    /// <inheritdoc/>
    public bool HasChanges
    {
        get { lock (_lock) return _firstStartChanged || _due; }
    }

    /// <summary>All known pairs with their last valid scrape, in no order.</summary>
    public IReadOnlyList<ScrapeRecord> LoadScrapes()
    {
        lock (_lock)
        {
            var result = new List<ScrapeRecord>(_scrapes.Count);
            foreach (var ((endpoint, consumer), time) in _scrapes) result.Add(new ScrapeRecord(endpoint, consumer, time));
            return result;
        }
    }

    /// <summary>Notes a valid scrape.</summary>
    public void RecordScrape(string endpoint, string consumer, long unixMs)
    {
        lock (_lock)
        {
            Put((endpoint, consumer), unixMs);
            if (_pausing) return;
            _pausing = true;
            _due = true;
        }

        _timer.Change(WritePause, Timeout.InfiniteTimeSpan);
        _state.Signal();
    }

    void IStateTable.Load(SqliteDatabase database)
    {
        lock (_lock)
        {
            IsLoaded = true;
            using (var rows = database.Statement("SELECT endpoint, consumer, time FROM scrapes").Read())
            {
                while (rows.Read())
                {
                    // What was recorded before the database could be read is newer.
                    if (_scrapes.Count < MaxScrapes) _scrapes.TryAdd((rows.GetString(0), rows.GetString(1)), rows.GetInt64(2));
                }
            }

            using var first = database.Statement("SELECT value FROM metadata WHERE key = $1").Bind(1, FirstStartKey).Read();
            if (first.Read()) (_firstStart, _firstStartChanged) = (first.GetInt64(0), false);
        }
    }

    void IStateTable.Refill(SqliteDatabase database)
    {
        lock (_lock)
        {
            database.Execute("DELETE FROM scrapes");
            foreach (var (pair, time) in _scrapes) Upsert(database, pair, time);
            database.Statement(UpsertMetadata).Bind(1, FirstStartKey).Bind(2, _firstStart).Execute();
        }
    }

    void IStateTable.Gather(bool last)
    {
        lock (_lock) _due |= last && _changed.Count > 0;
    }

    void IStateTable.Write(SqliteDatabase database)
    {
        bool first;
        long firstStart;
        lock (_lock)
        {
            if (_due && _writing is null) (_writing, _changed) = (_changed, []);
            first = _firstStartWriting = _firstStartChanged;
            firstStart = _firstStart;
        }

        // Outside the lock: a disk that hangs must not hold those who record.
        foreach (var (pair, time) in _writing ?? [])
        {
            if (time is { } known) Upsert(database, pair, known);
            else database.Statement(DeleteScrape).Bind(1, pair.Endpoint).Bind(2, pair.Consumer).Execute();
        }

        if (first) database.Statement(UpsertMetadata).Bind(1, FirstStartKey).Bind(2, firstStart).Execute();
    }

    void IStateTable.Committed()
    {
        lock (_lock)
        {
            if (_writing is not null) _due = false;
            if (_firstStartWriting) _firstStartChanged = _firstStartWriting = false;
            _writing = null;
        }
    }

    void IStateTable.RolledBack()
    {
        lock (_lock)
        {
            foreach (var (pair, time) in _writing ?? []) _changed.TryAdd(pair, time);
            (_writing, _firstStartWriting, _due) = (null, false, false);
        }
    }

    public void Dispose() => _timer.Dispose();

    private void Put((string Endpoint, string Consumer) pair, long time)
    {
        if (_scrapes.Count >= MaxScrapes && !_scrapes.ContainsKey(pair))
        {
            var oldest = _scrapes.MinBy(known => known.Value).Key;
            _scrapes.Remove(oldest);
            _changed[oldest] = null;
        }

        _scrapes[pair] = time;
        _changed[pair] = time;
    }

    private void EndPause()
    {
        lock (_lock)
        {
            _pausing = _changed.Count > 0;
            if (!_pausing) return;
            _due = true;
        }

        _timer.Change(WritePause, Timeout.InfiniteTimeSpan);
        _state.Signal();
    }

    private static void Upsert(SqliteDatabase database, (string Endpoint, string Consumer) pair, long time) =>
        database.Statement(UpsertScrape).Bind(1, pair.Endpoint).Bind(2, pair.Consumer).Bind(3, time).Execute();
}

/// <summary>The last valid scrape of a consumer.</summary>
/// <param name="Endpoint">The scraped endpoint.</param>
/// <param name="Consumer">Who scraped.</param>
/// <param name="UnixMs">When, by the wall clock of that time.</param>
internal readonly record struct ScrapeRecord(string Endpoint, string Consumer, long UnixMs);
