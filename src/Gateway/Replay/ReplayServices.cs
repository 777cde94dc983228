using Gateway.Buffering;
using Gateway.Buffering.Outlets;
using Gateway.Buffering.Stores;

namespace Gateway.Replay;

/// <summary>Registration of buffering and replay.</summary>
internal static class ReplayServices
{
    extension(IServiceCollection services)
    {
        /// <summary>
        /// Adds the buffer, who is away, and how what was missed is handed over. Call it before the web server's services: hosted services stop in reverse, and the
        /// buffer must outlive the scrapes.
        /// </summary>
        public void AddReplay(GatewaySettings settings)
        {
            services.AddSingleton(settings.Buffer);
            services.AddSingleton(settings.Replay);
            services.AddSingleton(settings.Confirm);
            services.AddSingleton<ISnapshotBuffer>(provider => new SnapshotBuffer(
                BufferStores.Create(settings.Buffer, provider.GetRequiredService<TimeProvider>()), settings.Buffer, provider.GetRequiredService<TimeProvider>(),
                provider.GetRequiredService<ILogger<SnapshotBuffer>>()));
            services.AddSingleton<Shelf>();
            services.AddSingleton<SnapshotRecorder>();
            services.AddSingleton(provider => new PageConfirmation(
                settings.Confirm.QueryUrl.Length == 0 ? null : new PrometheusMarkerQuery(settings.Confirm), provider.GetRequiredService<TimeProvider>()));
            services.AddSingleton<ReplayCounters>();
            services.AddSingleton<ReplayService>();
            services.AddSingleton<PushRecorder>();
            services.AddSingleton(settings.RemoteWrite);
            services.AddSingleton<RemoteWriteOutlet>();
            services.AddSingleton<OutletReport>();
            services.AddSingleton<BufferReport>();
            services.AddSingleton<ReplayLoop>();
            services.AddHostedService(provider => provider.GetRequiredService<ReplayLoop>());
        }
    }
}
