using Gateway.Exposition;
using Gateway.Scrape;
using Gateway.Tests.Support;
using Xunit;

namespace Gateway.Tests.Scrape;

public sealed class PipelineProbeTests
{
    [Fact]
    public async Task Answers_while_collectors_fail_and_hang_and_never_shows_its_sample()
    {
        await using var kit = new ScrapeKit();
        var hanging = new GatedCollector(obeys: false);
        kit.Register("hang", hanging);
        kit.Register("throw", _ => throw new IOException("no"));
        using var probe = new PipelineProbe(kit.SelfMetrics, kit.Lanes, kit.Clock, kit.Failures, kit.Log.For<PipelineProbe>());
        var scrape = kit.ScrapeAsync(TimeSpan.FromSeconds(1));
        await hanging.Entered.InTime();
        Assert.True(await probe.AnswersAsync(CancellationToken.None).InTime());
        Assert.True(await probe.AnswersAsync(CancellationToken.None).InTime());
        kit.Clock.Advance(TimeSpan.FromSeconds(1));
        Assert.DoesNotContain("gateway_probe", await scrape.InTime(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Answers_many_at_once()
    {
        await using var kit = new ScrapeKit();
        kit.Register("good", sink => sink.Add(MetricFamily.Gauge("good", "Good."), 1));
        using var probe = new PipelineProbe(kit.SelfMetrics, kit.Lanes, kit.Clock, kit.Failures, kit.Log.For<PipelineProbe>());
        // Before the first scrape the self metrics are empty, and the probe must not take that for a fault.
        var answers = await Task.WhenAll(Enumerable.Range(0, 50).Select(_ => Task.Run(() => probe.AnswersAsync(CancellationToken.None)))).InTime();
        Assert.All(answers, Assert.True);
    }
}
