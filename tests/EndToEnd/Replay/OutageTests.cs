using Gateway.EndToEnd.Parts;
using Gateway.TestKit;
using Xunit;
using Xunit.Abstractions;

namespace Gateway.EndToEnd.Replay;

/// <summary>
/// Prometheus stays away in every way there is and comes back, without out-of-order window: all that was collected arrives exactly once at its own time, and the
/// service is back at plain samples afterwards. <c>GATEWAY_OUTAGE_SECONDS</c> makes the outages longer.
/// </summary>
public sealed class OutageTests(OutagesAtOnce outages, ITestOutputHelper output) : IClassFixture<OutagesAtOnce>
{
    private const string Text = "text/plain;version=0.0.4";

    private static readonly Dictionary<string, Func<Task<string>>> All = new(StringComparer.Ordinal)
    {
        [nameof(A_Prometheus_that_was_stopped_gets_all_in_OpenMetrics)] = () => StoppedAsync(accept: null, wiped: false),
        [nameof(A_Prometheus_that_was_stopped_gets_all_in_text)] = () => StoppedAsync(Text, wiped: false),
        [nameof(A_Prometheus_that_lost_its_data_gets_all_of_the_outage)] = () => StoppedAsync(accept: null, wiped: true),
        [nameof(A_Prometheus_that_crashed_gets_all)] = CrashedAsync,
        [nameof(A_Prometheus_whose_network_was_refused_gets_all_while_it_scrapes_on)] = () => CutAsync(relay => relay.Refuse()),
        [nameof(A_Prometheus_whose_network_was_silent_gets_all_while_it_scrapes_on)] = () => CutAsync(relay => relay.Blackhole()),
        [nameof(A_Prometheus_that_hung_gets_all)] = HungAsync,
    };

    [RequiresToolFact("prometheus", "nginx")]
    public Task A_Prometheus_that_was_stopped_gets_all_in_OpenMetrics() => RunAsync(nameof(A_Prometheus_that_was_stopped_gets_all_in_OpenMetrics));

    [RequiresToolFact("prometheus", "nginx")]
    public Task A_Prometheus_that_was_stopped_gets_all_in_text() => RunAsync(nameof(A_Prometheus_that_was_stopped_gets_all_in_text));

    [RequiresToolFact("prometheus", "nginx")]
    public Task A_Prometheus_that_lost_its_data_gets_all_of_the_outage() => RunAsync(nameof(A_Prometheus_that_lost_its_data_gets_all_of_the_outage));

    [RequiresToolFact("prometheus", "nginx")]
    public Task A_Prometheus_that_crashed_gets_all() => RunAsync(nameof(A_Prometheus_that_crashed_gets_all));

    [RequiresToolFact("prometheus", "nginx")]
    public Task A_Prometheus_whose_network_was_refused_gets_all_while_it_scrapes_on() =>
        RunAsync(nameof(A_Prometheus_whose_network_was_refused_gets_all_while_it_scrapes_on));

    [RequiresToolFact("prometheus", "nginx")]
    public Task A_Prometheus_whose_network_was_silent_gets_all_while_it_scrapes_on() =>
        RunAsync(nameof(A_Prometheus_whose_network_was_silent_gets_all_while_it_scrapes_on));

    [RequiresToolFact("prometheus", "nginx")]
    public Task A_Prometheus_that_hung_gets_all() => RunAsync(nameof(A_Prometheus_that_hung_gets_all));

    private static async Task<string> StoppedAsync(string? accept, bool wiped)
    {
        await using var run = await OutageRun.StartAsync(new ReplaySetup { Accept = accept });
        await run.BeginAsync();
        await run.Prometheus.StopAsync();
        if (wiped)
        {
            // What it had scraped before is gone with its data; nothing was buffered of that.
            run.Prometheus.Wipe();
            run.Start = await run.Parts.Record.MarkAsync();
        }

        await run.PassAsync();
        return await BackAsync(run);
    }

    private static async Task<string> CrashedAsync()
    {
        await using var run = await OutageRun.StartAsync();
        await run.BeginAsync();
        await run.Prometheus.KillAsync();
        await run.PassAsync();
        return await BackAsync(run);
    }

    private static async Task<string> BackAsync(OutageRun run)
    {
        var back = Clock.Now;
        await run.Prometheus.StartAsync();
        await run.SettledAsync();
        var difference = await run.AssertAllArrivedAsync();
        await run.AssertUpSinceAsync(back);
        await run.AssertNothingRefusedAsync();
        await run.AssertPlainAsync();
        return $"{difference}";
    }

    private static async Task<string> CutAsync(Action<CuttableRelay> cut)
    {
        await using var run = await OutageRun.StartAsync(alsoItself: true);
        await run.BeginAsync();
        var gone = Clock.Now;
        cut(run.Parts.Relay);
        await run.PassAsync();
        // It went on: with the other target, and with failing scrapes of ours, of which the first puts stale markers on all series.
        Assert.Contains(await run.Prometheus.UpAsync("gateway", gone), sample => sample.Value == 0);
        Assert.All(await run.Prometheus.UpAsync("itself", gone), sample => Assert.Equal(1, sample.Value));
        run.Parts.Relay.Restore();
        await run.Prometheus.ScrapedAsync("gateway", Clock.Now);
        var back = Clock.Now;
        await run.SettledAsync();
        var difference = await run.AssertAllArrivedAsync();
        await run.AssertUpSinceAsync(back);
        await run.AssertNothingRefusedAsync();
        await run.AssertPlainAsync();
        return $"{difference}";
    }

    private static async Task<string> HungAsync()
    {
        await using var run = await OutageRun.StartAsync();
        await run.BeginAsync();
        run.Prometheus.Suspend();
        await run.PassAsync();
        run.Prometheus.Resume();
        await run.Prometheus.ScrapedAsync("gateway", Clock.Now);
        var back = Clock.Now;
        await run.SettledAsync();
        var difference = await run.AssertAllArrivedAsync();
        await run.AssertUpSinceAsync(back);
        await run.AssertPlainAsync();
        return $"{difference}";
    }

    private async Task RunAsync(string name) => output.WriteLine(await outages.RunAsync(All, name));
}
