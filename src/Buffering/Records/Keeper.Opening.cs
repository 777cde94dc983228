using Gateway.Buffering.Codec;
using Gateway.Buffering.Stores;

namespace Gateway.Buffering.Records;

/// <content>Opens a file and unites what it holds with what memory has; puts a fresh one in the place of a damaged one.</content>
internal sealed partial class Keeper
{
    /// <summary>Opens the store. A fault leaves it closed and is in <see cref="Fault"/>.</summary>
    /// <param name="atStart">For the first time: a file of a newer program is an exception then, because no waiting makes it older.</param>
    /// <exception cref="BufferStoreException">A newer program wrote the file; it is as it was.</exception>
    public void Open(bool atStart = false)
    {
        var start = time.GetTimestamp();
        try
        {
            var found = new StoredContents();
            try
            {
                store.Open(found);
            }
            catch (BufferStoreException e) when (e.Fault == BufferStoreFault.Damaged)
            {
                Replace(e);
                found = new StoredContents();
            }

            Take(found);
            if (!Recover()) return;
            var (held, _, _) = contents.Numbers();
            logger.BufferOpened(store.Kind, held.Sum(one => one.Snapshots), held.Sum(one => one.Samples), store.Size.FileBytes, time.GetElapsedTime(start));
        }
        catch (BufferStoreException e) when (!atStart || e.Fault != BufferStoreFault.NewerVersion)
        {
            Failed(e);
        }
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
        store.Open(new StoredContents());
    }

    private void Take(StoredContents found)
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
        foreach (var key in found.DamagedKeys)
        {
            _removals.Add(key);
            // It may have been the newest, and a block of many: a sequence that a reader has got must not come again.
            contents.Reserve(key + CodecLimits.Default.MaxRows);
        }

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
}
