namespace Gateway.Status;

/// <summary>
/// Feeds systemd's watchdog at half its interval, and only while the probe is answered: a service that hangs is killed and started again.
/// </summary>
/// <param name="notifier">The line to systemd.</param>
/// <param name="probe">True when the scrape pipeline answered.</param>
/// <param name="summary">One line for <c>systemctl status</c>.</param>
/// <param name="time">Clock.</param>
/// <param name="logger">Log.</param>
internal sealed class WatchdogService(
    SystemdNotifier notifier, Func<CancellationToken, Task<bool>> probe, Func<string> summary, TimeProvider time, ILogger<WatchdogService> logger) : BackgroundService
{
    /// <summary>How often the status line is renewed when systemd does not watch.</summary>
    private static readonly TimeSpan StatusInterval = TimeSpan.FromSeconds(30);

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        if (!notifier.IsActive) return;
        var interval = notifier.WatchdogInterval is { } watched ? watched / 2 : StatusInterval;
        while (!stoppingToken.IsCancellationRequested)
        {
            await StepAsync(stoppingToken);
            await Task.Delay(interval, time, stoppingToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }

    /// <summary>One turn: probe, then feed or complain.</summary>
    internal async Task StepAsync(CancellationToken cancellationToken)
    {
        try
        {
            if (await probe(cancellationToken)) notifier.Watchdog(summary());
            else logger.ProbeUnanswered();
        }
        catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
        {
            // The service stops.
        }
        catch (Exception e)
        {
            // A probe that fails is one that was not answered. Thrown further, it would end the service.
            logger.ProbeFailed(e);
        }
    }
}
