namespace Gateway.Collectors;

/// <summary>
/// Reads one subject and says what it found. One object per process; the host never calls it twice at the same time.
/// </summary>
/// <remarks>
/// <para>Throw when reading fails: the host logs it, drops the samples of this run, sets <c>gateway_collector_success</c> to 0, and nobody else is hurt.
/// Throw <see cref="NoDataException"/> when there is nothing to read on this machine.</para>
/// <para>Return soon after the token is cancelled. A collector that does not is left behind with its samples and skipped until it returns.</para>
/// <para>Constructors assign only; reading starts in <see cref="CollectAsync"/>. A collector that holds files or sockets implements <see cref="IDisposable"/>.</para>
/// </remarks>
public interface ICollector
{
    /// <summary>Adds the samples of this moment to the sink.</summary>
    /// <param name="sink">Valid until the returned task ends; not thread-safe.</param>
    /// <param name="cancellationToken">Cancelled when the collector's time is up or nobody waits any more.</param>
    ValueTask CollectAsync(MetricSink sink, CancellationToken cancellationToken);
}
