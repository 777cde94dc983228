using Gateway.Exposition;
using Gateway.Push;
using Gateway.State;
using Gateway.TestKit;
using Gateway.Tests.State;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Xunit;

namespace Gateway.Tests.Push;

public sealed class PushServicesTests : IDisposable
{
    private readonly TempFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task A_host_with_the_push_store_keeps_values_over_a_restart()
    {
        for (var run = 0; run < 2; run++)
        {
            using var host = Build(_folder);
            await host.StartAsync();
            var store = host.Services.GetRequiredService<IPushStore>();
            var requests = host.Services.GetRequiredService<PushRequest>();
            if (run == 0) await store.SetAsync(requests.Insert("a", null, "1", []), default);
            using (var snapshot = store.Snapshot())
            {
                Assert.EndsWith("\na 1\n", Exposed.Text(snapshot.Batch, ExpositionFormat.Text), StringComparison.Ordinal);
            }

            host.Services.GetRequiredService<StateStore>().RecordScrape("/prom/metrics", "default", run);
            await host.StopAsync();
            Assert.Throws<StateUnavailableException>(() => { _ = store.SetAsync(requests.Insert("a", null, "2", []), default); });
        }
    }

    [Fact]
    public async Task A_directory_in_use_fails_the_start()
    {
        await using var first = await TestState.StartAsync(_folder);
        using var host = Build(_folder);
        await Assert.ThrowsAsync<StateInUseException>(() => host.StartAsync());
    }

    private static IHost Build(string directory)
    {
        var builder = Host.CreateEmptyApplicationBuilder(new HostApplicationBuilderSettings());
        builder.Services.AddSingleton(new PushOptions());
        builder.Services.AddSingleton(new StateOptions { Directory = directory });
        builder.Services.AddPush();
        return builder.Build();
    }
}
