using Gateway.Buffering;
using Gateway.Buffering.Outlets;
using Gateway.Scrape;

namespace Gateway.Replay;

/// <summary>
/// The clock of buffering: notices who is away, takes a snapshot at once and then one per interval, registers the buffering collector and takes it out again.
/// Opens the buffer at the start and closes it at the stop.
/// </summary>
internal sealed class ReplayLoop(
    ReplayService replay,
    ISnapshotBuffer buffer,
    SnapshotRecorder recorder,
    PushRecorder pushes,
    RemoteWriteOutlet outlet,
    ReplayCounters counters,
    ScrapePipeline pipeline,
    CollectorRegistry registry,
    GatewayOptions gateway,
    ScrapeOptions scrape,
    TimeProvider time,
    ILogger<ReplayLoop> logger) : IHostedService, IDisposable
{
    /// <summary>An absence is noticed within this part of an interval.</summary>
    private const int TicksPerInterval = 15;

    private static readonly TimeSpan ShortestTick = TimeSpan.FromMilliseconds(50);
    private static readonly TimeSpan LongestTick = TimeSpan.FromSeconds(1);

    private readonly CancellationTokenSource _stopping = new();
    private readonly ClockWatch _clock = new(time);
    private Task _loop = Task.CompletedTask;
    private long? _lastSnapshot;
    private long _steps;
    private bool _isRegistered;

    /// <summary>Steps that have ended and whose pause has begun, for tests that move the clock.</summary>
    internal long Steps => Interlocked.Read(ref _steps);

    public async Task StartAsync(CancellationToken cancellationToken)
    {
        if (!replay.Options.Enabled) return;
        await buffer.StartAsync(cancellationToken);
        replay.Continue();
        recorder.Appended = outlet.Wake;
        await outlet.StartAsync(cancellationToken);
        _loop = Task.Run(() => RunAsync(_stopping.Token), CancellationToken.None);
    }

    public async Task StopAsync(CancellationToken cancellationToken)
    {
        await _stopping.CancelAsync();
        await _loop.WaitAsync(cancellationToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        await pushes.CompleteAsync();
        await outlet.StopAsync(cancellationToken);
        await replay.Confirmation.DisposeAsync();
        await buffer.DisposeAsync();
    }

    public void Dispose() => _stopping.Dispose();

    private async Task RunAsync(CancellationToken stoppingToken)
    {
        var tick = gateway.ScrapeInterval / TicksPerInterval;
        tick = tick < ShortestTick ? ShortestTick : tick > LongestTick ? LongestTick : tick;
        while (!stoppingToken.IsCancellationRequested)
        {
            try
            {
                await StepAsync(stoppingToken);
            }
            catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
            {
                return;
            }
            catch (Exception e)
            {
                // A fault of one step must not end the watch over all.
                logger.SnapshotFailed(gateway.ScrapeInterval.TotalSeconds, e);
                _lastSnapshot = time.GetTimestamp();
            }

            var pause = Task.Delay(tick, time, stoppingToken);
            Interlocked.Increment(ref _steps);
            await pause.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }

    private async Task StepAsync(CancellationToken stoppingToken)
    {
        var step = _clock.Check();
        if (step != TimeSpan.Zero)
        {
            counters.CountClockStep();
            logger.ClockStep(step.TotalSeconds);
        }

        var recording = await replay.TickAsync(step, stoppingToken);
        if (replay.IsRecording(SnapshotKind.Pushes)) pushes.AbsenceBegan();
        await RegisterAsync();
        var ordered = replay.TakeWanted();
        if (recording && (ordered || IsDue())) await TakeSnapshotAsync(ordered, stoppingToken);
    }

    private async Task RegisterAsync()
    {
        var wanted = replay.IsAnyoneWaiting();
        if (wanted == _isRegistered) return;
        if (wanted) registry.Register(new CollectorRegistration(BufferingCollector.Name, new BufferingCollector(replay)) { Summary = BufferingCollector.Summary });
        else await registry.UnregisterAsync(BufferingCollector.Name);
        _isRegistered = wanted;
    }

    /// <summary>
    /// One interval after the last snapshot of ours; after one that a scrape brought, when the next scrape is missing: two snapshots of one moment are of no use.
    /// </summary>
    private bool IsDue()
    {
        TimeSpan? sinceOwn = _lastSnapshot is { } last ? time.GetElapsedTime(last) : null;
        if (recorder.SinceScraped is { } sinceScrape && !(sinceOwn < sinceScrape)) return sinceScrape >= replay.AbsentAfter;
        return sinceOwn is null || sinceOwn >= gateway.ScrapeInterval;
    }

    private async Task TakeSnapshotAsync(bool isOrdered, CancellationToken stoppingToken)
    {
        using var snapshot = replay.BeginSnapshot();
        if (snapshot is null) return;
        // On a grid: what one step is late must not add up.
        var now = time.GetTimestamp();
        var grid = (long)(gateway.ScrapeInterval.TotalSeconds * time.TimestampFrequency);
        _lastSnapshot = !isOrdered && _lastSnapshot is { } last && now - last < 2 * grid ? last + grid : now;
        var at = time.GetUtcNow();
        using var result = await pipeline.CollectAsync(scrape.Timeout < gateway.ScrapeInterval ? scrape.Timeout : gateway.ScrapeInterval, stoppingToken);
        if (await recorder.RecordAsync(SnapshotKind.Metrics, result.Exposition, at, stoppingToken) is not { } stamp) return;
        replay.Taken(snapshot, stamp.Sequence);
        counters.CountSnapshot();
        if (replay.SinceYoungestAbsence() < gateway.ScrapeInterval) counters.CountFirstInterval(stamp.Samples);
    }
}
