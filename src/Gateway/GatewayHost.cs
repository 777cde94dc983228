using Gateway.Collectors;
using Gateway.Http;
using Gateway.Listen;
using Gateway.Logging;
using Gateway.Push;
using Gateway.Replay;
using Gateway.Scrape;
using Gateway.SelfMetrics;
using Gateway.State;
using Gateway.Status;
using Gateway.Web;

namespace Gateway;

/// <summary>Composition root: which parts there are and how they meet. Reads top to bottom; holds no logic of its own.</summary>
internal static class GatewayHost
{
    /// <summary>Builds the service. Nothing listens and nothing is read from disk before it is started.</summary>
    /// <param name="settings">Checked settings.</param>
    /// <param name="configuration">The same in raw form, for the log levels.</param>
    /// <param name="customize">Last word on the services; tests replace the clock here.</param>
    public static WebApplication Build(GatewaySettings settings, IConfiguration configuration, Action<IServiceCollection>? customize = null)
    {
        var builder = WebApplication.CreateEmptyBuilder(new WebApplicationOptions { ApplicationName = "Gateway", ContentRootPath = AppContext.BaseDirectory });
        builder.Logging.AddGatewayLogging(settings.Log, configuration);
        builder.Services.AddRoutingCore();
        builder.Services.Configure<Microsoft.Extensions.Hosting.HostOptions>(host => host.ShutdownTimeout = settings.Gateway.StopTimeout);
        var listeners = new Listeners();
        listeners.Configure(builder, settings.Listen, settings.StateDirectory);
        AddServices(builder.Services, settings, listeners);
        customize?.Invoke(builder.Services);
        var app = builder.Build();
        // These count from their creation.
        app.Services.GetRequiredService<Heartbeats>();
        app.Services.GetRequiredService<StatusReport>();
        app.Services.GetRequiredService<IPushStore>().Observer = app.Services.GetRequiredService<IPushObserver>();
        UseRequests(app);
        return app;
    }

    private static void AddServices(IServiceCollection services, GatewaySettings settings, Listeners listeners)
    {
        services.AddSingleton(TimeProvider.System);
        services.AddSingleton(settings);
        services.AddSingleton(settings.Gateway);
        services.AddSingleton(settings.Agents);
        services.AddSingleton(settings.Scrape);
        services.AddSingleton(settings.Log);
        services.AddSingleton(listeners);
        services.AddSingleton(new HostPaths(settings.Host.ProcPath, settings.Host.SysPath, settings.Host.RootPath));
        services.AddSingleton<FailureLog>();

        services.AddSingleton<CollectorLanes>();
        services.AddSingleton<CollectorRegistry>();
        services.AddSingleton<ScrapePipeline>();
        services.AddSingleton<SelfMetricsWriter>();
        services.AddSingleton<PipelineProbe>();
        services.AddSingleton<ScrapeService>();
        services.AddSelfMetrics<ScrapeCounters>();
        services.AddSelfMetrics<AgentGate>();
        services.AddSelfMetrics<CollectorSelfMetrics>();
        services.AddSelfMetrics<BuildMetrics>();
        services.AddSelfMetrics<HeartbeatMetrics>();
        services.AddSelfMetrics<ProcessMetrics>();
        services.AddSelfMetrics<RuntimeMetrics>();

        // Before the web server: hosted services stop in reverse, and the store must outlive its senders.
        services.AddSingleton(settings.State);
        services.AddSingleton(settings.Push);
        services.AddPush();
        services.AddSingleton<IPushedSamples, PushedSamples>();
        services.AddReplay(settings);
        services.AddSingleton<IPushObserver, PushedEvents>();
        services.AddSelfMetrics<BufferMetrics>();
        services.AddSelfMetrics<ReplayMetrics>();
        services.AddSelfMetrics<RemoteWriteMetrics>();
        services.AddSelfMetrics<PushRate>();
        services.AddSelfMetrics<PushMetrics>();
        services.AddSelfMetrics<StateMetrics>();

        services.AddSingleton<Readiness>();
        services.AddSingleton<SystemdNotifier>();
        services.AddSingleton<IHeartbeatStore, PersistedHeartbeats>();
        services.AddSingleton<Heartbeats>();
        services.AddSingleton<StatusReport>();
        services.AddSingleton<IStatusSection>(provider => new ServiceStatus(provider.GetRequiredService<TimeProvider>(), () => listeners.Addresses));
        services.AddSingleton<IStatusSection, ScrapeHeartbeatStatus>();
        services.AddSingleton<IStatusSection, CollectorStatus>();
        services.AddSingleton<IStatusSection, PushStatus>();
        services.AddSingleton<IStatusSection, StateStatus>();
        services.AddSingleton<IStatusSection>(provider => provider.GetRequiredService<BufferReport>());
        services.AddSingleton<IStatusSection>(new DiskStatus(settings.StateDirectory));

        services.AddSelfMetrics<RequestEdge>();
        services.AddHostedService<Lifecycle>();
        services.AddHostedService<WatchdogService>(provider => new WatchdogService(
            provider.GetRequiredService<SystemdNotifier>(),
            provider.GetRequiredService<PipelineProbe>().AnswersAsync,
            provider.GetRequiredService<Lifecycle.Summary>().Line,
            provider.GetRequiredService<TimeProvider>(),
            provider.GetRequiredService<ILogger<WatchdogService>>()));
        services.AddSingleton<Lifecycle.Summary>();
    }

    /// <summary>Order matters: exact paths answer 404, routing answers 405, then the agents, then the endpoints look at the input.</summary>
    private static void UseRequests(WebApplication app)
    {
        app.Use(app.Services.GetRequiredService<RequestEdge>().InvokeAsync);
        app.Use(ExactPaths.UseRawPathAsync);
        app.UseRouting();
        ExactPaths? exact = null;
        app.Use((context, next) => (exact ??= new ExactPaths(context.RequestServices.GetRequiredService<EndpointDataSource>())).InvokeAsync(context, next));
        app.Use(app.Services.GetRequiredService<AgentGate>().InvokeAsync);
        app.MapScrape();
        app.MapPush();
        app.MapStatus();
        app.MapBuffer();
        app.MapExport();
        app.MapIndex();
    }

    private static void AddSelfMetrics<T>(this IServiceCollection services)
        where T : class, ISelfMetrics
    {
        services.AddSingleton<T>();
        services.AddSingleton<ISelfMetrics>(provider => provider.GetRequiredService<T>());
    }
}
