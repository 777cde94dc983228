namespace Gateway.Buffering.Records;

/// <summary>Something the owner of the store is asked to do. The members are called by its loop.</summary>
internal abstract class BufferWork
{
    /// <summary>Does it; what is to be written is written after this.</summary>
    public abstract void Prepare(Keeper keeper);

    /// <summary>Tells the caller that it is done.</summary>
    public abstract void Complete();

    /// <summary>Tells the caller that it failed; no effect after <see cref="Complete"/>.</summary>
    public abstract void Fail(Exception fault);
}

/// <summary>A snapshot to take. The caller may give up at any time, but not while his draft is being read.</summary>
internal sealed class AppendWork(SnapshotDraft draft) : BufferWork
{
    private const int Waiting = 0;
    private const int InUse = 1;
    private const int Free = 2;
    private const int GivenUp = 3;

    private readonly TaskCompletionSource<SnapshotStamp> _done = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private int _state;
    private Record? _record;
    private CancellationToken _token;
    private volatile bool _giveUp;

    /// <summary>Ends with the stamp.</summary>
    public Task<SnapshotStamp> Task => _done.Task;

    /// <summary>The caller no longer waits; any thread.</summary>
    public void Cancel(CancellationToken token)
    {
        _token = token;
        _giveUp = true;
        if (Interlocked.CompareExchange(ref _state, GivenUp, Waiting) == Waiting || Volatile.Read(ref _state) == Free) _done.TrySetCanceled(token);
    }

    /// <inheritdoc/>
    public override void Prepare(Keeper keeper)
    {
        if (Interlocked.CompareExchange(ref _state, InUse, Waiting) != Waiting) return;
        try
        {
            _record = keeper.Append(draft);
        }
        catch (ArgumentException e)
        {
            _done.TrySetException(e);
        }

        Interlocked.Exchange(ref _state, Free);
        if (_giveUp) _done.TrySetCanceled(_token);
    }

    /// <inheritdoc/>
    public override void Complete()
    {
        if (_record is { } record) _done.TrySetResult(new SnapshotStamp(record.First, record.OldestMs, (int)record.Samples, record.Content is null));
    }

    /// <inheritdoc/>
    public override void Fail(Exception fault) => _done.TrySetException(fault);
}

/// <summary>A reader to put in place or to remove.</summary>
internal sealed class ReaderWork(string name, SnapshotKind kind, BufferReader? reader) : BufferWork
{
    private readonly TaskCompletionSource _done = new(TaskCreationOptions.RunContinuationsAsynchronously);

    /// <summary>Ends when it is kept.</summary>
    public Task Task => _done.Task;

    /// <inheritdoc/>
    public override void Prepare(Keeper keeper) => keeper.Put(name, kind, reader);

    /// <inheritdoc/>
    public override void Complete() => _done.TrySetResult();

    /// <inheritdoc/>
    public override void Fail(Exception fault) => _done.TrySetException(fault);
}

/// <summary>A question to the store.</summary>
internal abstract class RequestWork<T> : BufferWork
{
    private readonly TaskCompletionSource<T> _done = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private T? _result;

    /// <summary>Ends with the answer.</summary>
    public Task<T> Task => _done.Task;

    /// <inheritdoc/>
    public override void Prepare(Keeper keeper) => _result = Ask(keeper);

    /// <inheritdoc/>
    public override void Complete() => _done.TrySetResult(_result!); // set by Prepare

    /// <inheritdoc/>
    public override void Fail(Exception fault) => _done.TrySetException(fault);

    /// <summary>Asks.</summary>
    protected abstract T Ask(Keeper keeper);
}

/// <summary>The content of a record.</summary>
internal sealed class FetchWork(Record record, BlobBytes bytes) : RequestWork<bool>
{
    /// <inheritdoc/>
    protected override bool Ask(Keeper keeper) => keeper.TryRead(record, bytes);
}

/// <summary>The series of a roster.</summary>
internal sealed class RosterWork(long id) : RequestWork<RosterView>
{
    /// <inheritdoc/>
    protected override RosterView Ask(Keeper keeper) => keeper.Roster(id);
}

/// <summary>A record that cannot be read.</summary>
internal sealed class DiscardWork(Record record, string reason) : RequestWork<bool>
{
    /// <inheritdoc/>
    protected override bool Ask(Keeper keeper)
    {
        keeper.Discard(record, reason);
        return true;
    }
}

/// <summary>A block in place of its rows.</summary>
internal sealed class FuseWork(IReadOnlyList<Record> rows, Record block, byte[] content) : RequestWork<bool>
{
    /// <inheritdoc/>
    protected override bool Ask(Keeper keeper) => keeper.Fuse(rows, block, content);
}
