using Gateway.TestKit;
using Xunit;

namespace Gateway.EndToEnd.Parts;

public sealed class PrometheusServerTests : IDisposable
{
    private readonly TempFolder _folder = new();

    [RequiresToolFact("prometheus", "promtool")]
    public async Task Raw_samples_are_exactly_those_stored_over_several_pages()
    {
        // Two and a half hours with irregular milliseconds, made by promtool, so that the data do not come through any part of ours.
        var start = Clock.Now - 10_000_000;
        var samples = Enumerable.Range(0, 1000).Select(i => new Sample(start + (i * 9_000) + (i * 37 % 1000), i / 3.0)).ToList();
        var text = string.Concat(samples.Select(sample => FormattableString.Invariant($"paged {sample.Value:R} {sample.Time / 1000m}\n")));
        var file = _folder.Write("paged.txt", $"# TYPE paged gauge\n{text}# EOF\n");
        var (exitCode, output, errors) = await RunningProcess.RunAsync(
            ToolPath.Find("promtool"), ["tsdb", "create-blocks-from", "openmetrics", file, _folder["prometheus"]]);
        Assert.True(exitCode == 0, output + errors);

        await using var prometheus = await PrometheusServer.StartAsync(new PrometheusConfiguration().ToString(), _folder);
        Assert.Equal(samples, (await prometheus.RawSamplesAsync("paged", start, Clock.Now)).Single);
        Assert.Equal(samples[10..20], (await prometheus.RawSamplesAsync("paged", samples[10].Time, samples[19].Time)).Single);
        Assert.Equal(samples[11..19], (await prometheus.RawSamplesAsync("paged", samples[10].Time + 1, samples[19].Time - 1)).Single);
        Assert.Empty((await prometheus.RawSamplesAsync("paged", samples[10].Time + 1, samples[11].Time - 1)).Series);
    }

    [RequiresToolFact("prometheus")]
    public async Task Survives_stop_kill_and_hold_with_port_and_data_and_starts_empty_when_wiped()
    {
        await using var prometheus = await StartScrapingItselfAsync();
        var (port, start) = (prometheus.Port, Clock.Now - 60_000);
        await prometheus.ScrapedAsync("self", start);
        var first = (await prometheus.RawSamplesAsync("up", start, Clock.Now)).Single[0];
        await prometheus.StopAsync();
        await prometheus.StartAsync();
        await prometheus.KillAsync();
        await prometheus.StartAsync();
        Assert.Equal(port, prometheus.Port);
        Assert.Equal(first, (await prometheus.RawSamplesAsync("up", start, Clock.Now)).Single[0]);

        var restarted = Clock.Now;
        await prometheus.ScrapedAsync("self", restarted);
        var held = Clock.Now;
        prometheus.Suspend();
        await Task.Delay(TimeSpan.FromSeconds(2), TimeProvider.System);
        var resumed = Clock.Now;
        prometheus.Resume();
        await prometheus.ScrapedAsync("self", resumed);
        Assert.InRange((await prometheus.RawSamplesAsync("up", held + 300, resumed - 300)).Count, 0, 1); // the scrape under way may carry a time just within

        await prometheus.StopAsync();
        prometheus.Wipe();
        await prometheus.StartAsync();
        Assert.Empty((await prometheus.RawSamplesAsync("up", start, resumed)).Series);
    }

    [RequiresToolFact("prometheus", "victoria-metrics")]
    public async Task Window_remote_write_and_flags_of_the_configuration_take_effect()
    {
        await using var victoria = await VictoriaServer.StartAsync(_folder);
        var configuration = new PrometheusConfiguration { OutOfOrderWindow = "5h", RemoteWriteUrl = victoria.RemoteWriteUrl };
        await using var prometheus = await PrometheusServer.StartAsync(configuration.ToString(), _folder, "one", "--web.enable-remote-write-receiver");
        var job = new ScrapeJob("self", prometheus.Port, "/metrics") { Consumer = "a", More = ["sample_limit: 0"] };
        prometheus.Configure((configuration with { Jobs = [job] }).ToString());
        await prometheus.StopAsync();
        await prometheus.StartAsync();
        await prometheus.ScrapedAsync("self", Clock.Now);
        await Poll.UntilAsync("it is forwarded", async () => (await victoria.RawSamplesAsync("up{job=\"self\"}")).Count > 0, evidence: () => prometheus.Log);
        using var client = Http.Tcp(prometheus.Port, "any");
        using var empty = await client.PostAsync("/api/v1/write", null);
        Assert.NotEqual(System.Net.HttpStatusCode.NotFound, empty.StatusCode);
        Assert.Contains("out_of_order_time_window: 5h", await client.GetStringAsync("/api/v1/status/config"), StringComparison.Ordinal);
        Assert.Contains("consumer=a", await client.GetStringAsync("/api/v1/targets"), StringComparison.Ordinal);
    }

    [RequiresToolFact("prometheus")]
    public async Task Its_own_counters_can_be_read()
    {
        await using var prometheus = await PrometheusServer.StartAsync(new PrometheusConfiguration().ToString(), _folder);
        Assert.Equal(0, await prometheus.OwnMetricAsync("prometheus_target_scrapes_sample_out_of_order_total"));
        Assert.True(await prometheus.OwnMetricAsync("prometheus_build_info") > 0);
    }

    public void Dispose() => _folder.Dispose();

    private async Task<PrometheusServer> StartScrapingItselfAsync()
    {
        var prometheus = await PrometheusServer.StartAsync(new PrometheusConfiguration().ToString(), _folder);
        var job = new ScrapeJob("self", prometheus.Port, "/metrics") { ScrapeInterval = TimeSpan.FromMilliseconds(500) };
        prometheus.Configure(new PrometheusConfiguration { Jobs = [job] }.ToString());
        await prometheus.StopAsync();
        await prometheus.StartAsync();
        return prometheus;
    }
}
