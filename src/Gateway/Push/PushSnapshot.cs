using Gateway.Exposition;

namespace Gateway.Push;

/// <summary>The pushed values of one moment, ready to be merged and written. Never changes; may be read by any thread until it is disposed.</summary>
/// <remarks>Several snapshots may share one batch; its memory is used again when the last of them is disposed. One that is never disposed is left to the collector.</remarks>
internal sealed class PushSnapshot : IDisposable
{
    private SnapshotCache.Frame? _frame;

    /// <param name="frame">With a reference taken for this snapshot.</param>
    internal PushSnapshot(SnapshotCache.Frame frame)
    {
        _frame = frame;
        Batch = frame.Batch;
        Withheld = frame.Withheld;
    }

    /// <summary>Families by name, the series of each together.</summary>
    public SampleBatch Batch { get; }

    /// <summary>Series left out because of their explicit timestamp.</summary>
    public int Withheld { get; }

    /// <summary>Gives the batch back; a second call does nothing.</summary>
    public void Dispose() => Interlocked.Exchange(ref _frame, null)?.Release();
}
