using Gateway.Buffering.Stores;

namespace Gateway.Buffering.Records;

/// <summary>
/// Records that are not on disk yet, in order, with the roster chunks they need: for an instant while the disk is well, as a ring while it takes nothing. Belongs to
/// the owner of the store.
/// </summary>
internal sealed class PendingWrites
{
    private readonly List<(Record Record, StoreChunk? Chunk)> _records = [];

    /// <summary>Chunks whose record was dropped: later records need them all the same.</summary>
    private readonly List<StoreChunk> _chunks = [];

    /// <summary>Records waiting.</summary>
    public int Count => _records.Count;

    /// <summary>True when nothing waits.</summary>
    public bool IsEmpty => _records.Count == 0 && _chunks.Count == 0;

    /// <summary>Bytes of the contents of the records.</summary>
    public long Bytes { get; private set; }

    /// <summary>The record that waits longest, or null.</summary>
    public Record? Oldest => _records.Count > 0 ? _records[0].Record : null;

    /// <summary>The records, oldest first.</summary>
    public IEnumerable<Record> Records
    {
        get
        {
            foreach (var (record, _) in _records) yield return record;
        }
    }

    /// <summary>Adds what was just written.</summary>
    public void Add(in Encoded encoded)
    {
        _records.Add((encoded.Record, encoded.Chunk));
        Bytes += encoded.Record.Bytes;
    }

    /// <summary>Puts a record before all others.</summary>
    public void AddFirst(Record record)
    {
        _records.Insert(0, (record, null));
        Bytes += record.Bytes;
    }

    /// <summary>Puts the chunks of a roster anew: the store lost what it had of it.</summary>
    public void ReplaceChunks(long roster, StoreChunk whole)
    {
        _chunks.RemoveAll(chunk => chunk.Roster == roster);
        for (var i = 0; i < _records.Count; i++)
        {
            if (_records[i].Chunk?.Roster == roster) _records[i] = (_records[i].Record, null);
        }

        _chunks.Add(whole);
    }

    /// <summary>Takes records out; their chunks stay.</summary>
    public void Drop(IReadOnlyCollection<Record> records)
    {
        if (records.Count == 0 || _records.Count == 0) return;
        var gone = new HashSet<Record>(records);
        foreach (var (record, chunk) in _records)
        {
            if (!gone.Contains(record)) continue;
            Bytes -= record.Bytes;
            if (chunk is { } kept) _chunks.Add(kept);
        }

        _records.RemoveAll(pending => gone.Contains(pending.Record));
    }

    /// <summary>Fills a change with the oldest records, as many as a transaction should have.</summary>
    /// <returns>How many.</returns>
    public int Fill(StoreChange change, int maxRecords, long maxBytes)
    {
        foreach (var chunk in _chunks) change.Add(chunk);
        var (count, bytes) = (0, 0L);
        for (; count < _records.Count && count < maxRecords && bytes < maxBytes; count++)
        {
            var (record, chunk) = _records[count];
            if (chunk is { } one) change.Add(one);
            // What is pending has its content.
            change.Add(new StoreRecord(record.First, record.IsBlock, RecordEntry.Write(record), record.Content!));
            bytes += record.Bytes;
        }

        return count;
    }

    /// <summary>The first so many are on disk, and all chunks without a record.</summary>
    public void Written(int count)
    {
        for (var i = 0; i < count; i++)
        {
            var record = _records[i].Record;
            record.Content = null;
            Bytes -= record.Bytes;
        }

        _records.RemoveRange(0, count);
        _chunks.Clear();
    }
}
