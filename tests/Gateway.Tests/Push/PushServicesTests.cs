using Gateway.Exposition;
using Gateway.Push;
using Gateway.State;
using Gateway.TestKit;
using Gateway.Tests.State;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Options;
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
            using var host = Build(("Gateway:State:Directory", _folder));
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
        using var host = Build(("Gateway:State:Directory", _folder));
        await Assert.ThrowsAsync<StateInUseException>(() => host.StartAsync());
    }

    [Fact]
    public void Every_fault_of_the_options_is_named_at_once()
    {
        using var host = Build(
            ("Gateway:Push:MaxSeries", "0"), ("Gateway:Push:MaxTimestampAge", "02:00:00"), ("Gateway:Push:MaxLabels", "1000"), ("Gateway:Push:MaxWaiting", "0"));
        var faults = Assert.Throws<OptionsValidationException>(() => host.Services.GetRequiredService<IOptions<PushOptions>>().Value).Failures;
        Assert.Equal(4, faults.Count());
        using var other = Build(("Gateway:State:Directory", "relative"), ("Gateway:State:MaxQuarantined", "-1"), ("Gateway:State:StopTimeout", "00:02:00"));
        Assert.Equal(3, Assert.Throws<OptionsValidationException>(() => other.Services.GetRequiredService<IOptions<StateOptions>>().Value).Failures.Count());
    }

    [Fact]
    public void The_defaults_are_within_their_ranges()
    {
        using var host = Build();
        Assert.Equal(200_000, host.Services.GetRequiredService<IOptions<PushOptions>>().Value.MaxSeries);
        Assert.Equal("/var/lib/gateway", host.Services.GetRequiredService<IOptions<StateOptions>>().Value.Directory);
    }

    private static IHost Build(params (string Key, string Value)[] settings)
    {
        var builder = Host.CreateEmptyApplicationBuilder(new HostApplicationBuilderSettings());
        builder.Configuration.AddInMemoryCollection(settings.Select(setting => KeyValuePair.Create(setting.Key, (string?)setting.Value)));
        builder.Services.AddPush();
        return builder.Build();
    }
}
