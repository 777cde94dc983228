using System.Buffers;
using Gateway.Buffering.Codec;
using Gateway.Buffering.Stores;
using Gateway.Sqlite;
using Microsoft.Extensions.Logging;

namespace Gateway.Buffering.Records;

/// <summary>
/// The owner of the store: opens it, encodes drafts, writes what is pending, keeps the limits, sets a damaged file aside. All members are called by one loop, one
/// after the other; what others may see is in <see cref="BufferContents"/> and <see cref="Numbers"/>.
/// </summary>
internal sealed class Keeper(IBufferStore store, BufferOptions options, BufferContents contents, DiskSpace disk, TimeProvider time, ILogger logger)
{
    /// <summary>Records and bytes of one transaction: bounds what the log grows by and how long the first of a group waits.</summary>
    private const int MaxRecords = 256;

    private const long MaxBytes = 4 << 20;

    /// <summary>In memory a keyframe and its deltas are dropped together: no more than this part of the ring at once.</summary>
    private const int GroupsInMemory = 16;

    /// <summary>Bytes of snapshots that short space never takes.</summary>
    private const long SpareBytes = 4 << 20;

    /// <summary>Where sequences begin when the file cannot be read at start: later starts begin higher, unless the clock was set back meanwhile.</summary>
    private const long SequencesPerMillisecond = 1000;

    private readonly Lane[] _lanes = [new(SnapshotKind.Metrics, options), new(SnapshotKind.Pushes, options)];
    private readonly PendingWrites _pending = new();
    private readonly RosterCache _rosters = new(store);
    private readonly HashSet<long> _storedRosters = [];
    private readonly List<long> _removals = [];
    private readonly Dictionary<(string Name, SnapshotKind Kind), BufferReader?> _dirtyReaders = [];
    private readonly StoreChange _change = new();
    private readonly LossLedger _losses = new(time, logger);
    private readonly RetryPause _pause = new(options.MaxRetryPause);
    private long _nextRoster = 1;
    private bool _loaded;
    private long _failures;
    private long _moved;
    private bool _shrinking;
    private AgeGuard? _ages;

    /// <summary>Why the disk takes nothing; null while it does.</summary>
    public BufferStoreException? Fault { get; private set; }

    /// <summary>When another attempt is due after a fault.</summary>
    public TimeSpan RetryAfter { get; private set; }

    /// <summary>True when something waits to be written.</summary>
    public bool HasPending => !_pending.IsEmpty || _removals.Count > 0 || _dirtyReaders.Count > 0;

    /// <summary>Since the start; read by the loop, which publishes them.</summary>
    public KeeperNumbers Numbers { get; } = new();

    /// <summary>Bytes of the memory ring.</summary>
    public long MemoryBytes => _pending.Bytes;

    /// <summary>Size of the store.</summary>
    public StoreSize Size => store.Size;

    /// <summary>Opens the store, for the first time or after a fault. A fault leaves it closed and is in <see cref="Fault"/>.</summary>
    public void Open()
    {
        var start = time.GetTimestamp();
        try
        {
            var found = new Found();
            try
            {
                store.Open(found);
            }
            catch (BufferStoreException e) when (e.Fault == BufferStoreFault.Damaged)
            {
                Replace(e);
                found = new Found();
            }

            Take(found);
            if (!Recover()) return;
            var (held, _, _) = contents.Numbers();
            logger.BufferOpened(store.Kind, held.Sum(one => one.Snapshots), held.Sum(one => one.Samples), store.Size.FileBytes, time.GetElapsedTime(start));
        }
        catch (BufferStoreException e)
        {
            Failed(e);
        }
    }

    /// <summary>Encodes a draft and puts it into the index; <see cref="Flush"/> writes it.</summary>
    /// <exception cref="ArgumentException">It cannot be buffered; nothing has changed.</exception>
    public Record Append(SnapshotDraft draft)
    {
        var lane = _lanes[(int)draft.Kind];
        if (lane.Book is null) LoadBook(draft.Kind, lane);
        lane.MaxGroupBytes = Fault is null ? long.MaxValue : options.MemoryBytes / GroupsInMemory;
        // As long as the file could never be read its sequences and rosters are not known; these are beyond any that counting up reaches.
        if (!_loaded && contents.LastSequence == 0)
        {
            var now = time.GetUtcNow().ToUnixTimeMilliseconds();
            contents.Reserve(now * SequencesPerMillisecond);
            _nextRoster = Math.Max(_nextRoster, now);
        }

        var encoded = lane.Encode(draft, NextSequence(), ref _nextRoster);
        if (encoded.Chunk is { } chunk) _storedRosters.Add(chunk.Roster);
        _pending.Add(encoded);
        contents.Add(encoded.Record);
        Numbers.AppendedSnapshots++;
        Numbers.AppendedSamples += encoded.Record.Samples;
        Numbers.AppendedBytes += encoded.Record.Bytes;
        return encoded.Record;
    }

    /// <summary>Puts a reader in place, or removes it; <see cref="Flush"/> writes it.</summary>
    public void Put(string name, SnapshotKind kind, BufferReader? reader)
    {
        if (reader is null) contents.RemoveReader(name, kind);
        else contents.Put(reader);
        _dirtyReaders[(name, kind)] = reader;
    }

    /// <summary>Writes what is pending unless the disk is known to take nothing.</summary>
    /// <param name="retry">Tries in spite of a fault.</param>
    /// <returns>True when everything is on disk.</returns>
    public bool Flush(bool retry = false)
    {
        if (Fault is not null && !retry)
        {
            BoundMemory();
            return false;
        }

        if (!store.IsOpen)
        {
            Open();
            return Fault is null && !HasPending;
        }

        return Recover();
    }

    /// <summary>Removes what the limits no longer allow.</summary>
    public void KeepLimits()
    {
        _losses.Settle(all: false);
        if (Fault is not null || !store.IsOpen) return;
        RemoveAged();
        var allowed = options.MaxBytes - store.Size.ReserveBytes;
        if (store.Size.UsedBytes > allowed) RemoveBytes(store.Size.UsedBytes - allowed + (allowed / 64), LossReason.Bytes);
        if (!_shrinking && options.MinFreeBytes > 0 && disk.FreeBytes() is { } free && free < options.MinFreeBytes) MakeRoom(options.MinFreeBytes - free);
        RemoveRosters();
        if (HasPending) Flush();
    }

    /// <summary>One step of upkeep of the store.</summary>
    /// <returns>True when there is more to do.</returns>
    public bool Tidy()
    {
        if (Fault is not null || !store.IsOpen) return false;
        try
        {
            var more = store.Tidy(_shrinking);
            if (!more) _shrinking = false;
            return more;
        }
        catch (BufferStoreException e) when (e.Fault != BufferStoreFault.Damaged)
        {
            logger.BufferUpkeepFailed(e.Message, e);
            if (!store.IsOpen) Failed(e);
            return false;
        }
        catch (BufferStoreException e)
        {
            Renew(e);
            return false;
        }
    }

    /// <summary>Reads the content of a record.</summary>
    /// <returns>False when it is gone from the index or from the store.</returns>
    /// <exception cref="BufferStoreException">It cannot be read now.</exception>
    public bool TryRead(Record record, IBufferWriter<byte> output)
    {
        if (record.Content is { } content)
        {
            output.Write(content);
            return true;
        }

        try
        {
            return store.TryRead(record.First, output);
        }
        catch (BufferStoreException e) when (e.Fault == BufferStoreFault.Damaged)
        {
            Renew(e);
            return false;
        }
        catch (BufferStoreException e) when (!store.IsOpen)
        {
            if (Fault is null) Failed(e);
            throw;
        }
    }

    /// <summary>The series of a roster, as far as they can be read.</summary>
    /// <exception cref="BufferStoreException">It cannot be read now.</exception>
    public RosterView Roster(long id)
    {
        foreach (var lane in _lanes)
        {
            if (lane.Book?.Id == id) return lane.Book.View;
        }

        try
        {
            var view = _rosters.Get(id, out var damage);
            if (damage is not null) logger.BufferRecordDamaged(0, damage.Message);
            return view;
        }
        catch (BufferStoreException e) when (e.Fault == BufferStoreFault.Damaged)
        {
            Renew(e);
            return default;
        }
    }

    /// <summary>Takes a record out that cannot be read, with those that need it.</summary>
    public void Discard(Record record, string reason)
    {
        var unit = contents.UnitOf(record);
        if (unit.Count == 0) return;
        logger.BufferRecordDamaged(unit.Sum(one => one.Rows), reason);
        Remove(unit, LossReason.Damage);
    }

    /// <summary>Puts a block in place of its rows, in the store and in the index.</summary>
    /// <returns>False when the rows changed meanwhile or the disk takes nothing: all stays as it was.</returns>
    public bool Fuse(IReadOnlyList<Record> rows, Record block, byte[] content)
    {
        if (Fault is not null || !store.IsOpen || !contents.ContainsAll(rows) || rows.Any(row => row.Content is not null)) return false;
        _change.Clear();
        foreach (var row in rows) _change.Remove(row.First);
        _change.Add(new StoreRecord(block.First, IsBlock: true, RecordEntry.Write(block), content));
        _change.Counters = Counters();
        if (!Commit(_change)) return false;
        contents.Replace(rows, block);
        Numbers.FusedBlocks++;
        return true;
    }

    /// <summary>Writes what can be written, counts what cannot, closes the store.</summary>
    public void Close()
    {
        if (HasPending) Flush(retry: true);
        if (!_pending.IsEmpty) Remove([.. _pending.Records], LossReason.Stop);
        _losses.Settle(all: true);
        store.Dispose();
    }

    private long NextSequence() => contents.LastSequence + 1;

    private StoreCounters Counters() => new(NextSequence(), _nextRoster);

    private bool Recover()
    {
        while (HasPending)
        {
            _change.Clear();
            var count = _pending.Fill(_change, MaxRecords, MaxBytes);
            foreach (var key in _removals) _change.Remove(key);
            foreach (var ((name, kind), reader) in _dirtyReaders) _change.Put(new StoreReader(name, (int)kind, reader?.Backlog.ToString(), reader?.SeenMs ?? 0, reader?.State ?? ""));
            if (_removals.Count > 0) _change.Counters = Counters();
            if (!Commit(_change)) return false;
            if (Fault is not null) _moved += count;
            _pending.Written(count);
            _removals.Clear();
            _dirtyReaders.Clear();
        }

        if (Fault is null) return true;
        logger.BufferRecovered(_failures, _moved);
        (Fault, _failures, _moved) = (null, 0, 0);
        _pause.Reset();
        return true;
    }

    private bool Commit(StoreChange change)
    {
        var start = time.GetTimestamp();
        try
        {
            store.Commit(change);
            var elapsed = time.GetElapsedTime(start);
            Numbers.AppendTime += elapsed;
            if (elapsed > Numbers.LongestAppend) Numbers.LongestAppend = elapsed;
            return true;
        }
        catch (BufferStoreException e) when (e.Fault == BufferStoreFault.Damaged)
        {
            Renew(e);
            return false;
        }
        catch (BufferStoreException e)
        {
            Failed(e);
            return false;
        }
    }

    private void Failed(BufferStoreException e)
    {
        _failures++;
        Numbers.AppendFailures++;
        RetryAfter = _pause.Next();
        if (Fault is null)
        {
            logger.BufferUnavailable(RetryAfter, e.Message, e);
            // What follows is to open without what the disk may not give back.
            foreach (var lane in _lanes) lane.Restart();
        }

        Fault = e;
        BoundMemory();
    }

    /// <summary>A file that was in use is damaged: a fresh one takes its place with everything that memory has.</summary>
    private void Renew(BufferStoreException damage)
    {
        try
        {
            Replace(damage);
            if (!Recover()) return;
        }
        catch (BufferStoreException e)
        {
            Failed(e);
        }
    }

    private void Replace(BufferStoreException damage)
    {
        var kept = store.SetAside();
        Numbers.Quarantines++;
        var lost = contents.AllRecords().FindAll(record => record.Content is null);
        // The keyframe that pending deltas name is in memory as well; with it they stay readable.
        foreach (var lane in _lanes)
        {
            if (lane.Keyframe is not { } keyframe || keyframe.Record.Content is not null) continue;
            var needed = _pending.Records.Any(record => record.Keyframe == keyframe.Record.First && record.Kind == keyframe.Record.Kind);
            if (needed && lost.Remove(keyframe.Record))
            {
                keyframe.Record.Content = keyframe.Content;
                _pending.AddFirst(keyframe.Record);
            }
            else
            {
                lane.Restart();
            }
        }

        var (snapshots, samples) = contents.Remove(lost, LossReason.Damage);
        logger.BufferQuarantined(kept, snapshots, samples, damage);
        _removals.Clear();
        _rosters.Clear();
        _storedRosters.Clear();
        foreach (var lane in _lanes)
        {
            if (lane.WholeRoster() is not { } whole) continue;
            _pending.ReplaceChunks(whole.Roster, whole);
            _storedRosters.Add(whole.Roster);
        }

        foreach (var reader in contents.Readers) _dirtyReaders[(reader.Name, reader.Kind)] = reader;
        store.Open(new Found());
    }

    private void Take(Found found)
    {
        if (found.Damaged > 0) logger.BufferEntriesDamaged(found.Damaged, found.Reason);
        _nextRoster = Math.Max(_nextRoster, found.Counters.NextRoster);
        foreach (var roster in found.Rosters)
        {
            _storedRosters.Add(roster);
            _nextRoster = Math.Max(_nextRoster, roster + 1);
        }

        if (_loaded)
        {
            // Opened again: what the index has and the file has not is gone.
            var keys = found.Records.Select(record => record.First).ToHashSet();
            Remove(contents.AllRecords().FindAll(record => record.Content is null && !keys.Contains(record.First)), LossReason.Damage);
            return;
        }

        _loaded = true;
        foreach (var key in found.DamagedKeys) _removals.Add(key);
        foreach (var record in found.Records) contents.Add(record);
        contents.Reserve(found.Counters.NextSequence - 1);
        foreach (var reader in found.Readers)
        {
            // One that was saved before the file could be read knows nothing of what the file holds for it.
            var mine = contents.Reader(reader.Name, reader.Kind);
            var merged = mine is null ? reader : mine with { Backlog = mine.Backlog.Union(reader.Backlog) };
            foreach (var record in _pending.Records)
            {
                // What came meanwhile is new to it, whatever its sequence.
                if (mine is null && record.Kind == reader.Kind) merged = merged with { Backlog = merged.Backlog.Add(record.First, record.Last) };
            }

            contents.Put(merged);
            if (!ReferenceEquals(merged, reader)) _dirtyReaders[(reader.Name, reader.Kind)] = merged;
        }
    }

    private void LoadBook(SnapshotKind kind, Lane lane)
    {
        var newest = contents.With(kind, static index => index.Records.Count > 0 ? index.Records[^1] : null);
        if (newest is null || !store.IsOpen) return;
        try
        {
            var decoder = _rosters.Read(newest.Roster, out var damage);
            if (damage is not null || decoder.Series.Count == 0) return;
            lane.Book = new RosterBook(newest.Roster);
            lane.Book.Load(decoder.Series);
        }
        catch (BufferStoreException e)
        {
            // The next write meets the same fault; until then the snapshots have a roster of their own.
            logger.BufferUpkeepFailed(e.Message, e);
        }
    }

    private void BoundMemory()
    {
        while (_pending.Bytes > options.MemoryBytes && _pending.Oldest is { } oldest) Remove(contents.UnitOf(oldest), LossReason.Memory);
    }

    private void RemoveAged()
    {
        _ages ??= new AgeGuard(time, logger);
        if (!_ages.MayRemove(out var now)) return;
        var limit = (now - options.MaxAge).ToUnixTimeMilliseconds();
        while (contents.OldestRecord() is { } oldest && oldest.NewestMs < limit)
        {
            var unit = contents.UnitOf(oldest);
            if (unit[^1].NewestMs >= limit) return;
            Remove(unit, LossReason.Age);
        }
    }

    private void RemoveBytes(long bytes, LossReason reason)
    {
        for (var removed = 0L; removed < bytes && contents.OldestRecord() is { } oldest;)
        {
            var unit = contents.UnitOf(oldest);
            removed += unit.Sum(record => (long)record.Bytes);
            Remove(unit, reason);
        }
    }

    private void MakeRoom(long bytes)
    {
        // Whoever filled the disk will not stop for us: the last few snapshots are worth more than the space they take.
        bytes = Math.Min(bytes, store.Size.UsedBytes - SpareBytes);
        _shrinking = true;
        if (bytes > 0) RemoveBytes(bytes, LossReason.FreeSpace);
    }

    private void Remove(List<Record> records, LossReason reason)
    {
        if (records.Count == 0) return;
        foreach (var record in records)
        {
            if (record.Content is null) _removals.Add(record.First);
            var lane = _lanes[(int)record.Kind];
            if (lane.Keyframe?.Record.First == record.First) lane.Restart();
        }

        var (snapshots, samples) = contents.Remove(records, reason);
        _pending.Drop(records);
        _losses.Note(reason, snapshots, samples, records.Min(record => record.OldestMs), records.Max(record => record.NewestMs));
    }

    private void RemoveRosters()
    {
        _change.Clear();
        foreach (var roster in _storedRosters)
        {
            if (!contents.Uses(roster) && !Array.Exists(_lanes, lane => lane.Book?.Id == roster)) _change.RemoveRoster(roster);
        }

        if (_change.IsEmpty) return;
        _change.Counters = Counters();
        var removed = _change.RemovedRosters.ToArray();
        if (Commit(_change)) _storedRosters.ExceptWith(removed);
    }

    /// <summary>Collects what a store holds at opening; damaged entries are counted and left out.</summary>
    private sealed class Found : IStoreVisitor
    {
        public List<Record> Records { get; } = [];

        public List<long> Rosters { get; } = [];

        public List<BufferReader> Readers { get; } = [];

        public List<long> DamagedKeys { get; } = [];

        public StoreCounters Counters { get; private set; } = new(1, 1);

        public int Damaged { get; private set; }

        public string Reason { get; private set; } = "";

        public void Record(long key, ReadOnlySpan<byte> entry)
        {
            try
            {
                Records.Add(RecordEntry.Read(key, entry));
            }
            catch (BufferFormatException e)
            {
                Damaged++;
                Reason = e.Message;
                if (e.Fault == BufferFault.Damaged) DamagedKeys.Add(key);
            }
        }

        public void Roster(long roster) => Rosters.Add(roster);

        public void Reader(string name, int kind, string backlog, long seenMs, string state)
        {
            if (Enum.IsDefined((SnapshotKind)kind) && SequenceRanges.TryParse(backlog, out var ranges)) Readers.Add(new BufferReader(name, (SnapshotKind)kind, ranges, seenMs, state));
            else (Damaged, Reason) = (Damaged + 1, "a reader");
        }

        void IStoreVisitor.Counters(StoreCounters counters) => Counters = counters;
    }
}

/// <summary>Counters of the keeper since the start.</summary>
internal sealed class KeeperNumbers
{
    public long AppendedSnapshots { get; set; }

    public long AppendedSamples { get; set; }

    public long AppendedBytes { get; set; }

    public long FusedBlocks { get; set; }

    public long AppendFailures { get; set; }

    public TimeSpan AppendTime { get; set; }

    public TimeSpan LongestAppend { get; set; }

    public long Quarantines { get; set; }

    /// <summary>The numbers of this moment.</summary>
    public KeeperNumbers Copy() => (KeeperNumbers)MemberwiseClone();
}
