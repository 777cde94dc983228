using Gateway.State;

namespace Gateway.Push;

/// <summary>Registration of the push store.</summary>
internal static class PushServices
{
    extension(IServiceCollection services)
    {
        /// <summary>
        /// Adds <see cref="IPushStore"/>, <see cref="PushRequest"/> and, with <c>AddState</c>, the state database that keeps them. Call it before the web server's
        /// services: hosted services stop in reverse, and the store must outlive its senders.
        /// </summary>
        public IServiceCollection AddPush()
        {
            services.AddSingleton<PushResults>();
            services.AddSingleton<PushRequest>();
            services.AddSingleton<PushStore>();
            services.AddSingleton<IPushStore>(provider => provider.GetRequiredService<PushStore>());
            services.AddSingleton<IStateTable>(provider => provider.GetRequiredService<PushStore>());
            return services.AddState();
        }
    }
}
