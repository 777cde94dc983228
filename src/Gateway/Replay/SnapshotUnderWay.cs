namespace Gateway.Replay;

/// <summary>
/// A snapshot that the loop is taking, from before anything is collected until it is in the buffer: a scrape that comes meanwhile ends the absence only
/// afterwards, or the snapshot would belong to nobody. Made by <see cref="ReplayService.BeginSnapshot"/>; disposed of by whoever takes it, whatever becomes of it.
/// </summary>
/// <param name="queues">Those who were away when it began.</param>
internal sealed class SnapshotUnderWay(IReadOnlyList<ConsumerQueue> queues) : IDisposable
{
    private readonly TaskCompletionSource _ended = new(TaskCreationOptions.RunContinuationsAsynchronously);

    public IReadOnlyList<ConsumerQueue> Queues => queues;

    /// <summary>Ends with the snapshot; never fails.</summary>
    public Task Ended => _ended.Task;

    public void Dispose() => _ended.TrySetResult();
}
