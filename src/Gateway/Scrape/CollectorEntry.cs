namespace Gateway.Scrape;

/// <summary>
/// A registered collector as a scrape sees it: one that runs now, or a scheduled one whose last result is there. The loop of a scheduled collector lives here.
/// </summary>
internal sealed class CollectorEntry(CollectorRunner runner, TimeProvider time) : IAsyncDisposable
{
    private readonly Lock _lock = new();
    private readonly CancellationTokenSource _stopping = new();
    private CollectorRun? _last;
    private long _lastEnd;
    private DateTimeOffset? _nextRun;
    private Task _loop = Task.CompletedTask;

    public CollectorRunner Runner { get; } = runner;

    public string Name => Runner.Name;

    public CollectorState State
    {
        get { lock (_lock) return Runner.GetState(_nextRun); }
    }

    public void Start()
    {
        if (Runner.Registration.Schedule is { } interval) _loop = Task.Run(() => LoopAsync(interval, _stopping.Token), CancellationToken.None);
    }

    /// <summary>The samples for a scrape, at once or within the limit; the caller releases the result. Null when a scheduled collector has no result to serve.</summary>
    public async Task<CollectorRun?> CollectAsync(TimeSpan limit, CancellationToken cancellationToken)
    {
        if (Runner.Registration.Schedule is null) return await Runner.RunAsync(limit, cancellationToken);
        lock (_lock)
        {
            if (_last is null || time.GetElapsedTime(_lastEnd) > Runner.Registration.MaxAge) return null;
            _last.Retain();
            return _last;
        }
    }

    public async ValueTask DisposeAsync()
    {
        await _stopping.CancelAsync();
        Runner.Dispose();
        await _loop.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        Keep(null);
        _stopping.Dispose();
    }

    private async Task LoopAsync(TimeSpan interval, CancellationToken stoppingToken)
    {
        while (!stoppingToken.IsCancellationRequested)
        {
            var start = time.GetTimestamp();
            await StepAsync(stoppingToken);
            var rest = interval - time.GetElapsedTime(start);
            if (rest < TimeSpan.Zero) rest = TimeSpan.Zero;
            lock (_lock) _nextRun = time.GetUtcNow() + rest;
            await Task.Delay(rest, time, stoppingToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }

    private async Task StepAsync(CancellationToken stoppingToken)
    {
        try
        {
            var run = await Runner.RunAsync(Runner.Registration.Timeout, stoppingToken);
            if (run.Batch is null) run.Release();
            else Keep(run);
        }
        catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
        {
            // The service stops; the loop ends.
        }
    }

    private void Keep(CollectorRun? run)
    {
        CollectorRun? former;
        lock (_lock)
        {
            (former, _last) = (_last, run);
            _lastEnd = time.GetTimestamp();
        }

        former?.Release();
    }
}
