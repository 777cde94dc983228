using Microsoft.Extensions.DependencyInjection.Extensions;

namespace Gateway.State;

/// <summary>Registration of the state database and of what the status part keeps in it.</summary>
internal static class StateServices
{
    extension(IServiceCollection services)
    {
        /// <summary>Adds <see cref="StateDatabase"/> and <see cref="StateStore"/>; the database is opened by a hosted service and closed when it stops.</summary>
        public IServiceCollection AddState()
        {
            services.TryAddSingleton(TimeProvider.System);
            services.TryAddSingleton<StateDatabase>();
            if (services.Any(service => service.ServiceType == typeof(StateStore))) return services;
            services.AddSingleton<StateStore>();
            services.AddSingleton<IStateTable>(provider => provider.GetRequiredService<StateStore>());
            services.AddHostedService<StateService>();
            return services;
        }
    }
}

/// <summary>Opens the state database at start, with every table that the services hold, and closes it at stop.</summary>
internal sealed class StateService(StateDatabase state, IEnumerable<IStateTable> tables) : IHostedService
{
    public Task StartAsync(CancellationToken cancellationToken)
    {
        foreach (var table in tables) state.Register(table);
        return state.StartAsync(cancellationToken);
    }

    public Task StopAsync(CancellationToken cancellationToken) => state.StopAsync(cancellationToken);
}
