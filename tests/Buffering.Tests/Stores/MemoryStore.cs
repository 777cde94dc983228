using System.Buffers;
using Gateway.Buffering.Stores;

namespace Gateway.Buffering.Tests.Stores;

/// <summary>The contract of a store in its simplest form, with a disk that can be broken. What was committed survives <see cref="Dispose"/> in <see cref="Disk"/>.</summary>
internal sealed class MemoryStore(MemoryStore.Disk disk) : IBufferStore
{
    private const int RecordOverhead = 64;

    /// <summary>Limits are kept after an append was answered: one snapshot of the tests has room.</summary>
    private const int RoomForOne = 64 << 10;

    public string Kind => "memory";

    public bool IsDurable => false;

    public bool IsOpen { get; private set; }

    public StoreSize Size => new(disk.UsedBytes, disk.UsedBytes, RoomForOne);

    public void Open(IStoreVisitor visitor)
    {
        disk.Check();
        foreach (var (key, (entry, _)) in disk.Records) visitor.Record(key, entry);
        foreach (var roster in disk.Rosters.Keys) visitor.Roster(roster);
        foreach (var ((name, kind), (backlog, seen, state)) in disk.Readers) visitor.Reader(name, kind, backlog, seen, state);
        if (disk.Counters is { } counters) visitor.Counters(counters);
        IsOpen = true;
    }

    public void Commit(StoreChange change)
    {
        Check();
        disk.Commits++;
        foreach (var key in change.RemovedRecords) disk.Remove(key);
        foreach (var roster in change.RemovedRosters) disk.Rosters.Remove(roster);
        foreach (var record in change.Records)
        {
            disk.Remove(record.Key);
            disk.Records[record.Key] = (record.Entry, record.Content);
            disk.UsedBytes += record.Content.Length + RecordOverhead;
        }

        foreach (var chunk in change.Chunks)
        {
            if (!disk.Rosters.TryGetValue(chunk.Roster, out var chunks)) disk.Rosters[chunk.Roster] = chunks = [];
            chunks[chunk.FirstId] = chunk.Content;
        }

        foreach (var reader in change.Readers)
        {
            if (reader.Backlog is { } backlog) disk.Readers[(reader.Name, reader.Kind)] = (backlog, reader.SeenMs, reader.State);
            else disk.Readers.Remove((reader.Name, reader.Kind));
        }

        if (change.Counters is { } counters) disk.Counters = counters;
    }

    public bool TryRead(long key, IBufferWriter<byte> output)
    {
        Check();
        if (!disk.Records.TryGetValue(key, out var record)) return false;
        output.Write(record.Content);
        return true;
    }

    public IReadOnlyList<byte[]> ReadRoster(long roster)
    {
        Check();
        return disk.Rosters.TryGetValue(roster, out var chunks) ? [.. chunks.Values] : [];
    }

    public bool Tidy(bool shrink) => false;

    public string SetAside()
    {
        IsOpen = false;
        disk.Clear();
        disk.SetAsides++;
        return "memory.damaged";
    }

    public void Dispose() => IsOpen = false;

    private void Check()
    {
        if (!IsOpen) throw new BufferStoreException(BufferStoreFault.Unavailable, "The store is not open.");
        try
        {
            disk.Check();
        }
        catch (BufferStoreException e) when (e.Fault == BufferStoreFault.Damaged || disk.ClosesOnFault)
        {
            IsOpen = false;
            throw;
        }
    }

    /// <summary>What outlives a store.</summary>
    internal sealed class Disk
    {
        public SortedDictionary<long, (byte[] Entry, byte[] Content)> Records { get; } = [];

        public SortedDictionary<long, SortedDictionary<long, byte[]>> Rosters { get; } = [];

        public Dictionary<(string Name, int Kind), (string Backlog, long Seen, string State)> Readers { get; } = [];

        public StoreCounters? Counters { get; set; }

        public long UsedBytes { get; set; }

        public long Commits { get; set; }

        public int SetAsides { get; set; }

        /// <summary>What every call meets; null for a disk that is well.</summary>
        public BufferStoreFault? Fault { get; set; }

        /// <summary>The fault costs the connection, as an I/O error does.</summary>
        public bool ClosesOnFault { get; set; }

        public void Check()
        {
            if (Fault is not { } fault) return;
            if (fault == BufferStoreFault.Damaged) Fault = null;
            throw new BufferStoreException(fault, "The disk of the test is broken.");
        }

        public void Remove(long key)
        {
            if (Records.Remove(key, out var record)) UsedBytes -= record.Content.Length + RecordOverhead;
        }

        public void Clear()
        {
            Records.Clear();
            Rosters.Clear();
            Readers.Clear();
            (Counters, UsedBytes) = (null, 0);
        }
    }
}
