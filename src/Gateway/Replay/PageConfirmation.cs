using System.Collections.Concurrent;

namespace Gateway.Replay;

/// <summary>
/// Asks Prometheus for the marker of each page that was written, if a query address is configured. Asks several times, for what was scraped becomes visible only when
/// it is committed. Any thread.
/// </summary>
internal sealed class PageConfirmation(IMarkerQuery? query, TimeProvider time) : IAsyncDisposable
{
    /// <summary>Pauses before the questions; by the last one the next scrape of the usual interval has long come.</summary>
    private static readonly TimeSpan[] Pauses =
    [
        TimeSpan.FromMilliseconds(200), TimeSpan.FromMilliseconds(300), TimeSpan.FromMilliseconds(500), TimeSpan.FromSeconds(1), TimeSpan.FromSeconds(2),
        TimeSpan.FromSeconds(4), TimeSpan.FromSeconds(7), TimeSpan.FromSeconds(15), TimeSpan.FromSeconds(30),
    ];

    private readonly CancellationTokenSource _stopping = new();
    private readonly ConcurrentDictionary<PageTicket, Task> _asking = new();

    /// <summary>True when only a query can say that a page arrived.</summary>
    public bool IsOn => query is not null;

    /// <summary>Questions answered and not, since the start.</summary>
    public long Found { get; private set; }

    public long Missing { get; private set; }

    public long Failed { get; private set; }

    /// <summary>Why the last question had no answer; null when it had.</summary>
    public string? Fault { get; private set; }

    /// <summary>Asks about a page in the background until it is found or the pauses end.</summary>
    public void Ask(string consumer, string endpoint, PageTicket ticket)
    {
        if (query is null || _stopping.IsCancellationRequested) return;
        _asking[ticket] = Task.Run(() => AskAsync(query, consumer, endpoint, ticket, _stopping.Token), CancellationToken.None);
    }

    public async ValueTask DisposeAsync()
    {
        if (_stopping.IsCancellationRequested) return;
        await _stopping.CancelAsync();
        await Task.WhenAll(_asking.Values);
        (query as IDisposable)?.Dispose();
    }

    private async Task AskAsync(IMarkerQuery asked, string consumer, string endpoint, PageTicket ticket, CancellationToken stoppingToken)
    {
        try
        {
            foreach (var pause in Pauses)
            {
                await Task.Delay(pause, time, stoppingToken);
                if (await OnceAsync(asked, consumer, endpoint, ticket, stoppingToken)) break;
            }
        }
        catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
        {
            // The service stops: the page is repeated after the next start.
        }
        finally
        {
            _asking.TryRemove(ticket, out _);
        }
    }

    private async Task<bool> OnceAsync(IMarkerQuery asked, string consumer, string endpoint, PageTicket ticket, CancellationToken stoppingToken)
    {
        try
        {
            var found = await asked.IsStoredAsync(consumer, endpoint, ticket.Marker, ticket.MarkerMs, stoppingToken);
            ticket.IsFound = found;
            Fault = null;
            if (found) Found++;
            else Missing++;
            return found;
        }
        catch (Exception e) when (e is HttpRequestException or IOException or TaskCanceledException or UnauthorizedAccessException && !stoppingToken.IsCancellationRequested)
        {
            Failed++;
            Fault = e.Message;
            return false;
        }
    }
}

/// <summary>Looks for a marker in a Prometheus.</summary>
internal interface IMarkerQuery
{
    /// <summary>True when the sample is there with exactly this value and time.</summary>
    /// <exception cref="HttpRequestException">There is no answer, or none that can be understood; the message says why.</exception>
    Task<bool> IsStoredAsync(string consumer, string endpoint, long marker, long timeMs, CancellationToken cancellationToken);
}
