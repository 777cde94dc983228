namespace Gateway.Buffering.Records;

/// <summary>
/// What the buffer holds, in memory: the index of each kind, the readers, the last sequence, what was lost. The truth for everybody who asks; the store follows it.
/// Any thread; every call takes one short lock.
/// </summary>
internal sealed class BufferContents
{
    private readonly Lock _lock = new();
    private readonly RecordIndex[] _indexes = [new(), new()];
    private readonly Dictionary<(string Name, SnapshotKind Kind), BufferReader> _readers = [];
    private readonly RowDirectory _rows = new();
    private readonly long[] _lost = new long[Enum.GetValues<LossReason>().Length];
    private long _removed;

    /// <summary>Number of kinds.</summary>
    public const int Kinds = 2;

    /// <summary>Sequence given last; 0 before the first.</summary>
    public long LastSequence { get; private set; }

    /// <summary>All readers, in no order.</summary>
    public IReadOnlyList<BufferReader> Readers
    {
        get { lock (_lock) return [.. _readers.Values]; }
    }

    /// <summary>Adds a new record; its sequence becomes the last one if it is larger.</summary>
    public void Add(Record record)
    {
        lock (_lock)
        {
            _indexes[(int)record.Kind].Add(record);
            LastSequence = Math.Max(LastSequence, record.Last);
        }
    }

    /// <summary>No sequence up to this one is given any more.</summary>
    public void Reserve(long sequence)
    {
        lock (_lock) LastSequence = Math.Max(LastSequence, sequence);
    }

    /// <summary>Takes records away and counts what somebody still had to get.</summary>
    /// <returns>Snapshots and samples lost.</returns>
    public (long Snapshots, long Samples) Remove(IReadOnlyList<Record> records, LossReason reason)
    {
        lock (_lock)
        {
            var (snapshots, samples) = (0L, 0L);
            foreach (var record in records)
            {
                if (!_indexes[(int)record.Kind].Remove(record)) continue;
                var (lostSnapshots, lostSamples) = Wanted(record);
                snapshots += lostSnapshots;
                samples += lostSamples;
                _removed += record.Rows - lostSnapshots;
            }

            _lost[(int)reason] += samples;
            return (snapshots, samples);
        }
    }

    /// <summary>Puts a block in place of its rows.</summary>
    /// <returns>False when one of them is gone; nothing has changed then.</returns>
    public bool Replace(IReadOnlyList<Record> rows, Record block)
    {
        lock (_lock)
        {
            var index = _indexes[(int)block.Kind];
            foreach (var row in rows)
            {
                if (!index.Contains(row)) return false;
            }

            index.Replace(rows, block);
            return true;
        }
    }

    /// <summary>True when all of these are there.</summary>
    public bool ContainsAll(IReadOnlyList<Record> records)
    {
        lock (_lock)
        {
            foreach (var record in records)
            {
                if (!_indexes[(int)record.Kind].Contains(record)) return false;
            }

            return true;
        }
    }

    /// <summary>Calls with the index of a kind, under the lock; the call must be short and keep nothing but records.</summary>
    public T With<T>(SnapshotKind kind, Func<RecordIndex, T> action)
    {
        lock (_lock) return action(_indexes[(int)kind]);
    }

    /// <summary>The oldest record of all kinds, or null.</summary>
    public Record? OldestRecord()
    {
        lock (_lock)
        {
            Record? oldest = null;
            foreach (var index in _indexes)
            {
                if (index.Records.Count > 0 && (oldest is null || index.Records[0].First < oldest.First)) oldest = index.Records[0];
            }

            return oldest;
        }
    }

    /// <summary>True when a record names the roster.</summary>
    public bool Uses(long roster)
    {
        lock (_lock) return Array.Exists(_indexes, index => index.Uses(roster));
    }

    /// <summary>Every record, kind after kind.</summary>
    public List<Record> AllRecords()
    {
        lock (_lock) return [.. _indexes[0].Records, .. _indexes[1].Records];
    }

    /// <summary>The records that go only together with this one, itself included; none when it is gone.</summary>
    public List<Record> UnitOf(Record record)
    {
        lock (_lock)
        {
            var index = _indexes[(int)record.Kind];
            return index.Contains(record) ? index.Unit(record) : [];
        }
    }

    /// <summary>The reader, or null.</summary>
    public BufferReader? Reader(string name, SnapshotKind kind)
    {
        lock (_lock) return _readers.GetValueOrDefault((name, kind));
    }

    /// <summary>Puts a reader.</summary>
    public void Put(BufferReader reader)
    {
        lock (_lock) _readers[(reader.Name, reader.Kind)] = reader;
    }

    /// <summary>Removes a reader.</summary>
    public bool RemoveReader(string name, SnapshotKind kind)
    {
        lock (_lock) return _readers.Remove((name, kind));
    }

    /// <summary>Snapshots held by kind, losses by reason, snapshots removed that nobody wanted.</summary>
    public (BacklogSize[] Held, long[] Lost, long Removed) Numbers()
    {
        lock (_lock)
        {
            var held = new BacklogSize[Kinds];
            for (var kind = 0; kind < Kinds; kind++)
            {
                var index = _indexes[kind];
                held[kind] = index.Records.Count == 0 ? default : new BacklogSize(index.Snapshots, index.Samples, index.Oldest()?.TimeMs, index.Newest()?.TimeMs);
            }

            return (held, [.. _lost], _removed);
        }
    }

    private (long Snapshots, long Samples) Wanted(Record record)
    {
        var (snapshots, samples) = (0L, 0L);
        _rows.Read(record);
        for (var i = 0; i < _rows.Count; i++)
        {
            foreach (var reader in _readers.Values)
            {
                if (reader.Kind != record.Kind || !reader.Backlog.Contains(_rows.Sequences[i])) continue;
                snapshots++;
                samples += _rows.Samples[i];
                break;
            }
        }

        return (snapshots, samples);
    }
}
