using System.Buffers;
using Gateway.Buffering.Stores;
using Gateway.Sqlite;
using Microsoft.Extensions.Logging;

namespace Gateway.Buffering.Records;

/// <summary>
/// The owner of the store: opens it, encodes drafts, writes what is pending, keeps the limits, sets a damaged file aside. All members are called by one loop, one
/// after the other; what others may see is in <see cref="BufferContents"/> and <see cref="Numbers"/>.
/// </summary>
/// <remarks>Two files: this one is what runs day by day; <c>Keeper.Opening.cs</c> is how a file is met, at the start, after a fault, and in place of a damaged one.</remarks>
internal sealed partial class Keeper(IBufferStore store, BufferOptions options, BufferContents contents, DiskSpace disk, TimeProvider time, ILogger logger)
{
    /// <summary>Records and bytes of one transaction: bounds what the log grows by and how long the first of a group waits.</summary>
    private const int MaxRecords = 256;

    private const long MaxBytes = 4 << 20;

    /// <summary>In memory a keyframe and its deltas are dropped together: no more than this part of the ring at once.</summary>
    private const int GroupsInMemory = 16;

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
    private readonly SpaceLimits _limits = new(options, contents, disk, time, logger);
    private readonly RetryPause _pause = new(options.MaxRetryPause);
    private long _nextRoster = 1;
    private bool _loaded;
    private long _failures;
    private TimeSpan _encoding;
    private long _moved;

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

        var start = time.GetTimestamp();
        var encoded = lane.Encode(draft, NextSequence(), ref _nextRoster);
        var elapsed = time.GetElapsedTime(start);
        Numbers.AppendTime += elapsed;
        _encoding += elapsed;
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
            _encoding = TimeSpan.Zero;
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
        _limits.Keep(store.Size, Remove);
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
            var more = store.Tidy(_limits.IsShrinking);
            if (!more) _limits.Shrunk();
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
            if (!Commit(_change, appends: count > 0)) return false;
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

    private bool Commit(StoreChange change, bool appends = false)
    {
        var start = time.GetTimestamp();
        try
        {
            store.Commit(change);
            if (!appends) return true;
            var elapsed = time.GetElapsedTime(start);
            Numbers.AppendTime += elapsed;
            if (elapsed + _encoding > Numbers.LongestAppend) Numbers.LongestAppend = elapsed + _encoding;
            _encoding = TimeSpan.Zero;
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
        _encoding = TimeSpan.Zero;
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

    private void BoundMemory()
    {
        while (_pending.Bytes > options.MemoryBytes && _pending.Oldest is { } oldest) Remove(contents.UnitOf(oldest), LossReason.Memory);
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
}
