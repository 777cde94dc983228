using Gateway.Buffering.Codec;

namespace Gateway.Buffering.Records;

/// <summary>
/// All records of one kind by sequence, in memory. Not thread-safe: <see cref="SnapshotBuffer"/> holds a lock around every call. Costs about 150 bytes per single
/// snapshot, of which few wait to be fused, and 200 to 2,000 bytes per block.
/// </summary>
internal sealed class RecordIndex
{
    private readonly List<Record> _records = [];
    private readonly RowDirectory _rows = new();

    /// <summary>Records, ascending by sequence.</summary>
    public IReadOnlyList<Record> Records => _records;

    /// <summary>Snapshots in all records.</summary>
    public long Snapshots { get; private set; }

    /// <summary>Samples in all records.</summary>
    public long Samples { get; private set; }

    /// <summary>Bytes of all contents.</summary>
    public long Bytes { get; private set; }

    /// <summary>Adds a record where its sequence belongs; nearly always at the end.</summary>
    public void Add(Record record)
    {
        var at = _records.Count == 0 || _records[^1].First < record.First ? _records.Count : At(record.First);
        _records.Insert(at, record);
        Count(record, 1);
    }

    /// <summary>Removes a record.</summary>
    /// <returns>False when it is not there (any more).</returns>
    public bool Remove(Record record)
    {
        var at = At(record.First);
        if (at >= _records.Count || !ReferenceEquals(_records[at], record)) return false;
        _records.RemoveAt(at);
        Count(record, -1);
        return true;
    }

    /// <summary>True when the record is there.</summary>
    public bool Contains(Record record)
    {
        var at = At(record.First);
        return at < _records.Count && ReferenceEquals(_records[at], record);
    }

    /// <summary>The record that begins with this sequence, or null.</summary>
    public Record? Find(long first)
    {
        var at = At(first);
        return at < _records.Count && _records[at].First == first ? _records[at] : null;
    }

    /// <summary>Removes everything.</summary>
    public void Clear()
    {
        _records.Clear();
        (Snapshots, Samples, Bytes) = (0, 0, 0);
    }

    /// <summary>Puts a block in place of the records that went into it, which stand side by side.</summary>
    public void Replace(IReadOnlyList<Record> rows, Record block)
    {
        foreach (var row in rows) Count(row, -1);
        // Blocks and single snapshots of one kind do not overlap, and nothing else stands between the rows.
        var at = At(rows[0].First);
        _records.RemoveRange(at, rows.Count);
        _records.Insert(at, block);
        Count(block, 1);
    }

    /// <summary>The first record that has a sequence of the ranges at or above <paramref name="from"/>, or null.</summary>
    public Record? Next(SequenceRanges ranges, long from)
    {
        var at = AtOrWithin(from);
        foreach (var range in ranges.Ranges)
        {
            if (range.Last < from) continue;
            while (at < _records.Count && _records[at].Last < range.First) at++;
            for (; at < _records.Count && _records[at].First <= range.Last; at++)
            {
                var record = _records[at];
                if (!record.IsBlock || (record.First >= Math.Max(range.First, from) && record.First <= range.Last)) return record;
                _rows.Read(record);
                foreach (var sequence in _rows.Sequences)
                {
                    if (sequence >= from && ranges.Contains(sequence)) return record;
                }
            }
        }

        return null;
    }

    /// <summary>The keyframe with all records that open only with it, or the record alone: what can be removed without making others unreadable.</summary>
    public List<Record> Unit(Record record)
    {
        var unit = new List<Record> { record };
        if (record.Form != BlobKind.Keyframe) return unit;
        for (var at = At(record.First) + 1; at < _records.Count && _records[at].IsDelta && _records[at].Keyframe == record.First; at++) unit.Add(_records[at]);
        return unit;
    }

    /// <summary>Sequences whose time is within the two. A range reaches from the first to the last of neighbours; between them may be sequences of the other kind.</summary>
    public SequenceRanges Find(long fromMs, long toMs)
    {
        var found = SequenceRanges.Empty;
        var (first, last) = (0L, 0L);
        foreach (var record in _records)
        {
            if (record.OldestMs >= fromMs && record.NewestMs <= toMs)
            {
                (first, last) = (first == 0 ? record.First : first, record.Last);
                continue;
            }

            if (record.NewestMs < fromMs || record.OldestMs > toMs)
            {
                Close(ref found, ref first, last);
                continue;
            }

            _rows.Read(record);
            for (var i = 0; i < _rows.Count; i++)
            {
                if (_rows.TimesMs[i] >= fromMs && _rows.TimesMs[i] <= toMs) (first, last) = (first == 0 ? _rows.Sequences[i] : first, _rows.Sequences[i]);
                else Close(ref found, ref first, last);
            }
        }

        Close(ref found, ref first, last);
        return found;
    }

    /// <summary>How much of the ranges is there.</summary>
    public BacklogSize Measure(SequenceRanges ranges)
    {
        var (snapshots, samples, oldest, newest) = (0L, 0L, long.MaxValue, long.MinValue);
        if (ranges.IsEmpty) return default;
        for (var at = AtOrWithin(ranges.First); at < _records.Count && _records[at].First <= ranges.Ranges[^1].Last; at++)
        {
            var record = _records[at];
            if (IsWithin(ranges, record))
            {
                snapshots += record.Rows;
                samples += record.Samples;
                (oldest, newest) = (Math.Min(oldest, record.OldestMs), Math.Max(newest, record.NewestMs));
                continue;
            }

            if (!record.IsBlock) continue;
            _rows.Read(record);
            for (var i = 0; i < _rows.Count; i++)
            {
                if (!ranges.Contains(_rows.Sequences[i])) continue;
                snapshots++;
                samples += _rows.Samples[i];
                (oldest, newest) = (Math.Min(oldest, _rows.TimesMs[i]), Math.Max(newest, _rows.TimesMs[i]));
            }
        }

        return snapshots == 0 ? default : new BacklogSize(snapshots, samples, oldest, newest);
    }

    /// <summary>Stamp of the oldest snapshot, or null.</summary>
    public SnapshotStamp? Oldest() => _records.Count == 0 ? null : Stamp(_records[0], last: false);

    /// <summary>Stamp of the newest snapshot, or null.</summary>
    public SnapshotStamp? Newest() => _records.Count == 0 ? null : Stamp(_records[^1], last: true);

    private static void Close(ref SequenceRanges found, ref long first, long last)
    {
        if (first > 0) found = found.Add(first, last);
        first = 0;
    }

    private SnapshotStamp Stamp(Record record, bool last)
    {
        _rows.Read(record);
        var at = last ? _rows.Count - 1 : 0;
        return new SnapshotStamp(_rows.Sequences[at], _rows.TimesMs[at], _rows.Samples[at], record.Content is null);
    }

    private void Count(Record record, int sign)
    {
        Snapshots += sign * record.Rows;
        Samples += sign * record.Samples;
        Bytes += sign * (long)record.Bytes;
    }

    /// <summary>Every sequence of the record is in one range.</summary>
    private static bool IsWithin(SequenceRanges ranges, Record record)
    {
        foreach (var range in ranges.Ranges)
        {
            if (range.First > record.First) return false;
            if (record.Last <= range.Last) return true;
        }

        return false;
    }

    private int AtOrWithin(long sequence)
    {
        var at = At(sequence);
        return at > 0 && _records[at - 1].Last >= sequence ? at - 1 : at;
    }

    /// <summary>Position of the first record that begins at or above the sequence.</summary>
    private int At(long sequence)
    {
        var (low, high) = (0, _records.Count);
        while (low < high)
        {
            var middle = (low + high) >>> 1;
            if (_records[middle].First < sequence) low = middle + 1;
            else high = middle;
        }

        return low;
    }
}
