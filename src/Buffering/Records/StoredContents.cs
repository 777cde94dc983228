using Gateway.Buffering.Codec;
using Gateway.Buffering.Stores;

namespace Gateway.Buffering.Records;

/// <summary>
/// Collects what a store holds at opening; damaged entries are counted and left out. One that a newer program wrote ends the opening, because whoever goes on beside what he does not
/// understand gives its sequences away again and removes the rosters that it needs.
/// </summary>
internal sealed class StoredContents : IStoreVisitor
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
        catch (BufferFormatException e) when (e.Fault == BufferFault.NewerVersion)
        {
            throw new BufferStoreException(
                BufferStoreFault.NewerVersion, "The buffer holds snapshots that a newer program wrote; install that program again or move the file of the buffer away.", e);
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
