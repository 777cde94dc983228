using System.Globalization;
using Gateway.EndToEnd.Parts;
using Gateway.TestKit;
using Xunit;

namespace Gateway.EndToEnd.Replay;

/// <summary>
/// A Prometheus that forwards to VictoriaMetrics is restarted: what it is handed of the time before its start it stores and does not forward.
/// </summary>
public sealed class ForwardingPrometheusTests : IDisposable
{
    private readonly TempFolder _folder = new();

    [RequiresToolFact("prometheus", "nginx", "victoria-metrics")]
    public async Task What_it_does_not_forward_is_written_by_the_service_and_nothing_is_shown_twice()
    {
        await using var parts = await ReplayParts.StartAsync(_folder, new ReplaySetup { Options = ["--Gateway:Replay:AbsentAfterIntervals=3"] });
        var victoria = await parts.StartVictoriaAsync(deduplicate: true);
        await parts.StopGatewayAsync();
        await parts.StartGatewayAsync(
            $"--Gateway:Replay:RemoteWrite:Urls:0={victoria.RemoteWriteUrl}", "--Gateway:Replay:RemoteWrite:Mode=always",
            "--Gateway:Replay:RemoteWrite:ExternalLabels:job=gateway",
            string.Create(CultureInfo.InvariantCulture, $"--Gateway:Replay:RemoteWrite:ExternalLabels:instance=127.0.0.1:{parts.Relay.Port}"));
        var first = await parts.Record.MarkAsync();
        var prometheus = await parts.StartPrometheusAsync(parts.Configuration with { RemoteWriteUrl = victoria.RemoteWriteUrl });
        await QueueState.UntilAsync(parts, "the consumer is present", queue => queue.State == "present");
        await prometheus.ScrapedAsync("gateway", Clock.Now);
        // What it scraped last and did not forward before its end it does not forward afterwards either.
        var before = Clock.Now;
        await Poll.UntilAsync(
            "a fresh scrape is forwarded",
            async () => (await victoria.RawSamplesAsync("up", before)).Count > 0,
            evidence: () => parts.Evidence(prometheus, victoria));
        await prometheus.StopAsync();

        await QueueState.UntilAsync(parts, "snapshots wait", queue => queue is { State: "absent", Backlog: >= 8 });
        await prometheus.StartAsync();
        await QueueState.UntilAsync(parts, "the consumer is present again", queue => queue.State == "present");
        await prometheus.ScrapedAsync("gateway", Clock.Now);
        var end = await parts.Record.MarkAsync();

        var ofVictoria = await parts.Record.ArrivedAsync(first, end, () => victoria.RawSamplesAsync(SampleRecord.Selector, first));
        Whole.Check(ofVictoria, parts, prometheus, victoria);
        Assert.True(ofVictoria.Collected.Count >= 12, ofVictoria.ToString());
        var ofPrometheus = parts.Record.Compare(first, end, await ReplayParts.RecordedAsync(prometheus, first));
        Whole.Check(ofPrometheus, parts, prometheus, victoria);
        // The same series with the same labels in both, not two kinds of series side by side.
        Assert.Equal(
            (await ReplayParts.RecordedAsync(prometheus, first)).Series.Keys.ToHashSet(),
            (await victoria.RawSamplesAsync(SampleRecord.Selector, first)).Series.Keys.ToHashSet());
        Assert.Equal(0, (await TargetState.OfAsync(parts.Gateway)).GivenUp);
    }

    public void Dispose() => _folder.Dispose();
}
