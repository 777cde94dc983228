using System.Globalization;
using Gateway.Listen;
using Gateway.Scrape;
using Gateway.Status;

namespace Gateway;

/// <summary>What happens when the service starts and stops: collectors are put in, systemd is told, and a stop gives what is under way a bounded time to end.</summary>
internal sealed class Lifecycle(
    GatewaySettings settings,
    CollectorRegistry registry,
    IServiceProvider services,
    IHostApplicationLifetime lifetime,
    Readiness readiness,
    SystemdNotifier notifier,
    Listeners listeners,
    Lifecycle.Summary summary,
    TimeProvider time,
    ILogger<Lifecycle> logger) : IHostedService
{
    public Task StartAsync(CancellationToken cancellationToken)
    {
        // A collector that blocks holds a pool thread; the pool grows only slowly past this number, and a scrape must not wait for that.
        ThreadPool.GetMinThreads(out var workers, out var completions);
        var registrations = settings.Collectors.Create(services, settings.Scrape.MaxSamplesPerCollector).ToList();
        ThreadPool.SetMinThreads(Math.Max(workers, registrations.Count + Environment.ProcessorCount + 4), completions);
        foreach (var registration in registrations) registry.Register(registration);
        logger.CollectorsRunning(registrations.Count, string.Join(", ", registrations.Select(registration => registration.Name)));
        lifetime.ApplicationStarted.Register(OnStarted);
        lifetime.ApplicationStopping.Register(OnStopping);
        return Task.CompletedTask;
    }

    public async Task StopAsync(CancellationToken cancellationToken) => await registry.DisposeAsync();

    private void OnStarted()
    {
        readiness.Set(true);
        logger.Started(Build.Version, string.Join(", ", listeners.Addresses), settings.StateDirectory);
        notifier.Ready(summary.Line());
    }

    private void OnStopping()
    {
        readiness.Set(false);
        notifier.Stopping();
        logger.Stopping(settings.Gateway.StopTimeout);
        // Half of the time for collectors to end by themselves, the other half to write their answers.
        var cancel = new CancellationTokenSource(settings.Gateway.StopTimeout / 2, time);
        cancel.Token.Register(registry.CancelRuns);
    }

    /// <summary>One line about the service, for <c>systemctl status</c>.</summary>
    internal sealed class Summary(CollectorRegistry registry, Heartbeats heartbeats)
    {
        public string Line()
        {
            var last = heartbeats.HasBeenScraped
                ? string.Create(CultureInfo.InvariantCulture, $"last scrape {heartbeats.SinceLastScrape().TotalSeconds:0} s ago")
                : "not scraped yet";
            return $"{registry.Entries.Length} collectors, {last}";
        }
    }
}
