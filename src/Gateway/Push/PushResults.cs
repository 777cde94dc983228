namespace Gateway.Push;

/// <summary>Counts what became of pushes and deletions. Any thread.</summary>
internal sealed class PushResults
{
    private readonly long[] _refused = new long[Enum.GetValues<PushFault>().Length];
    private long _ok;
    private long _deleted;
    private long _unavailable;

    public long Ok => Volatile.Read(ref _ok);

    public long Deleted => Volatile.Read(ref _deleted);

    public long Unavailable => Volatile.Read(ref _unavailable);

    public long Refused(PushFault kind) => Volatile.Read(ref _refused[(int)kind]);

    public void CountOk() => Interlocked.Increment(ref _ok);

    public void CountDeleted() => Interlocked.Increment(ref _deleted);

    public void CountUnavailable() => Interlocked.Increment(ref _unavailable);

    public void Count(PushFault kind) => Interlocked.Increment(ref _refused[(int)kind]);
}
