namespace Gateway.Buffering.Stores;

/// <summary>What one transaction does to a store. Reused; filled by the owner, then only read.</summary>
public sealed class StoreChange
{
    private readonly List<long> _removedRecords = [];
    private readonly List<StoreRecord> _records = [];
    private readonly List<long> _removedRosters = [];
    private readonly List<StoreChunk> _chunks = [];
    private readonly List<StoreReader> _readers = [];

    /// <summary>Keys of records to remove; some may not be there.</summary>
    public IReadOnlyList<long> RemovedRecords => _removedRecords;

    /// <summary>Records to add, after the removals; a record of the same key is replaced.</summary>
    public IReadOnlyList<StoreRecord> Records => _records;

    /// <summary>Rosters to remove with all their chunks.</summary>
    public IReadOnlyList<long> RemovedRosters => _removedRosters;

    /// <summary>Chunks to append to rosters.</summary>
    public IReadOnlyList<StoreChunk> Chunks => _chunks;

    /// <summary>Readers to put in place of those of the same name and kind, or to remove.</summary>
    public IReadOnlyList<StoreReader> Readers => _readers;

    /// <summary>Counters to write; null leaves them.</summary>
    public StoreCounters? Counters { get; set; }

    /// <summary>True when there is nothing to do.</summary>
    public bool IsEmpty =>
        _removedRecords.Count + _records.Count + _removedRosters.Count + _chunks.Count + _readers.Count == 0 && Counters is null;

    /// <summary>Removes a record.</summary>
    public void Remove(long key) => _removedRecords.Add(key);

    /// <summary>Adds a record.</summary>
    public void Add(in StoreRecord record) => _records.Add(record);

    /// <summary>Removes a roster.</summary>
    public void RemoveRoster(long roster) => _removedRosters.Add(roster);

    /// <summary>Appends a chunk to a roster.</summary>
    public void Add(in StoreChunk chunk) => _chunks.Add(chunk);

    /// <summary>Puts or removes a reader.</summary>
    public void Put(in StoreReader reader) => _readers.Add(reader);

    /// <summary>Empties it.</summary>
    public void Clear()
    {
        _removedRecords.Clear();
        _records.Clear();
        _removedRosters.Clear();
        _chunks.Clear();
        _readers.Clear();
        Counters = null;
    }
}

/// <summary>A record.</summary>
/// <param name="Key">Sequence of its first snapshot.</param>
/// <param name="IsBlock">Large and here to stay; false for a snapshot that will soon go into a block. A store may keep the two apart.</param>
/// <param name="Entry">Its description.</param>
/// <param name="Content">Its content.</param>
public readonly record struct StoreRecord(long Key, bool IsBlock, byte[] Entry, byte[] Content);

/// <summary>Some series of a roster.</summary>
/// <param name="Roster">The roster.</param>
/// <param name="FirstId">Id of the first of these series.</param>
/// <param name="Content">The series.</param>
public readonly record struct StoreChunk(long Roster, long FirstId, byte[] Content);

/// <summary>A reader.</summary>
/// <param name="Name">Its name.</param>
/// <param name="Kind">Number of the kind it gets.</param>
/// <param name="Backlog">Text of what it still has to get; null removes it.</param>
/// <param name="SeenMs">When it was last there, Unix ms.</param>
/// <param name="State">A word of its owner.</param>
public readonly record struct StoreReader(string Name, int Kind, string? Backlog, long SeenMs, string State);
