using Gateway.State;

namespace Gateway.Push;

/// <summary>Pushed values: the last one of each series, kept over restarts. Any thread may call.</summary>
/// <remarks>
/// <para>Order: writes take effect in the order in which <see cref="SetAsync"/> and <see cref="DeleteAsync"/> were called; of two at the same time, either. The last
/// push of a series wins, also when its explicit timestamp is older.</para>
/// <para>Durability: a task that ends well ends after the value was synced to disk. One that fails with <see cref="StateUnavailableException"/> was not kept, except that
/// a power cut in that very moment may still bring it up at the next start. A cancelled one may or may not have been kept.</para>
/// <para>Visibility: a value is in <see cref="Snapshot"/> when its task has ended, not before it is on disk, and for as long as neither its ttl has ended nor its
/// explicit timestamp is too old. What one transaction kept becomes visible at once. Reads never wait for the disk and go on when it fails.</para>
/// <para>Shutdown: the state database refuses new writes, keeps the waiting ones within its bound and refuses the rest; reads go on until the process ends.</para>
/// <para>Undetected: bits that the disk flips inside a value.</para>
/// </remarks>
internal interface IPushStore
{
    /// <summary>Told about each push after it is on disk; null: nobody. Set before the start.</summary>
    IPushObserver? Observer { get; set; }

    /// <summary>Keeps a value. Ends when it is on disk and visible.</summary>
    /// <exception cref="PushException">It conflicts with what is held, or the store is full.</exception>
    /// <exception cref="StateUnavailableException">The database cannot be written now, or too many wait.</exception>
    Task SetAsync(PushedValue value, CancellationToken cancellationToken);

    /// <summary>Removes the series with exactly these labels. Ends when that is on disk. The last series of a metric takes type and help along.</summary>
    /// <exception cref="PushException"><see cref="PushFault.NotFound"/>: there is none.</exception>
    /// <exception cref="StateUnavailableException">The database cannot be written now, or too many wait.</exception>
    Task DeleteAsync(SeriesKey key, CancellationToken cancellationToken);

    /// <summary>The values of this moment. Costs nothing while nothing changed; dispose it when it has been written.</summary>
    PushSnapshot Snapshot();

    /// <summary>Counts and sizes for the self metrics and the status.</summary>
    PushFigures Figures();
}

/// <summary>Hears of pushes in the order in which they were kept. Called by the writer loop: must return at once and not throw.</summary>
internal interface IPushObserver
{
    /// <summary>A push is on disk. The sender is answered when the returned task has ended. The task never fails.</summary>
    Task OnPushed(in PushEvent push);
}

/// <summary>One push that is on disk.</summary>
/// <param name="Key">Its series.</param>
/// <param name="Family">Name, type and help of its metric.</param>
/// <param name="Value">The value.</param>
/// <param name="TimeMs">Its explicit timestamp, or when it was taken from the queue; Unix ms.</param>
internal readonly record struct PushEvent(SeriesKey Key, Exposition.MetricFamily Family, double Value, long TimeMs);
