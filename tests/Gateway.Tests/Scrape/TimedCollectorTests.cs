using Gateway.Collectors;
using Gateway.Exposition;
using Gateway.Scrape;
using Gateway.Tests.Support;
using Xunit;

namespace Gateway.Tests.Scrape;

public sealed class TimedCollectorTests
{
    private static readonly MetricFamily Value = MetricFamily.Gauge("timed", "A value.");
    private static readonly TimeSpan Minute = TimeSpan.FromMinutes(1);

    private readonly ScrapeKit _kit = new();
    private int _runs;
    private bool _broken;

    [Fact]
    public async Task It_runs_at_once_then_on_its_own_clock_and_scrapes_serve_the_last_result()
    {
        await using var kit = _kit;
        await StartAsync();
        for (var i = 0; i < 3; i++) Assert.Contains("\ntimed 1\n", await kit.ScrapeAsync(), StringComparison.Ordinal);
        var state = kit.State("timed");
        Assert.Equal((Minute, kit.Clock.GetUtcNow() + Minute), (state.Schedule, state.NextRun));

        await AdvanceAsync(Minute);
        Assert.Equal(2, _runs);
        Assert.Contains("\ntimed 2\n", await kit.ScrapeAsync(), StringComparison.Ordinal);
        await AdvanceAsync(Minute / 2);
        Assert.Equal(2, _runs);
        Assert.Equal(kit.Clock.GetUtcNow() + (Minute / 2), kit.State("timed").NextRun);
    }

    [Fact]
    public async Task A_failure_keeps_the_last_good_result_until_it_is_too_old()
    {
        await using var kit = _kit;
        await StartAsync();
        _broken = true;
        for (var i = 0; i < 3; i++)
        {
            await AdvanceAsync(Minute);
            var text = await kit.ScrapeAsync();
            Assert.Contains("\ntimed 1\n", text, StringComparison.Ordinal);
            Assert.Contains("\ngateway_collector_success{collector=\"timed\"} 0\n", text, StringComparison.Ordinal);
        }

        await AdvanceAsync(Minute); // four minutes old, MaxAge is three
        Assert.DoesNotContain("\ntimed ", await kit.ScrapeAsync(), StringComparison.Ordinal);
        _broken = false;
        await AdvanceAsync(Minute);
        Assert.Contains("\ntimed 6\n", await kit.ScrapeAsync(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_batch_of_the_last_result_is_not_reused_while_a_scrape_writes_it()
    {
        await using var kit = _kit;
        await StartAsync();
        using var held = await kit.Pipeline.CollectAsync(Minute, CancellationToken.None).InTime();
        for (var i = 0; i < 5; i++) await AdvanceAsync(Minute);
        Assert.Contains("\ntimed 1\n", ScrapeKit.Text(held), StringComparison.Ordinal);
        Assert.Contains("\ntimed 6\n", await kit.ScrapeAsync(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task One_that_hangs_is_left_behind_keeps_its_clock_and_comes_back()
    {
        await using var kit = _kit;
        var hanging = new GatedCollector(obeys: false, sink => sink.Add(Value, 1));
        Register(hanging);
        await hanging.Entered.InTime();
        kit.Clock.Advance(TimeSpan.FromSeconds(5)); // its timeout
        await Eventually.TrueAsync(() => kit.State("timed").NextRun is not null, "the loop went on");
        Assert.Equal(CollectorOutcome.TimedOut, kit.State("timed").Outcome);
        await AdvanceToNextRunAsync();
        await Eventually.TrueAsync(() => kit.State("timed").Skips == 1, "it was skipped");
        hanging.Release();
        await Eventually.TrueAsync(() => kit.State("timed").RunningSince is null, "it returned");
        await AdvanceToNextRunAsync();
        await hanging.Entered.InTime();
        hanging.Release();
        await Eventually.TrueAsync(() => kit.State("timed").LastSuccess is not null, "it gave samples");
        await SettleAsync();
        Assert.Contains("\ntimed 1\n", await kit.ScrapeAsync(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Taking_it_out_ends_its_clock()
    {
        await using var kit = _kit;
        await StartAsync();
        Assert.True(await kit.Registry.UnregisterAsync("timed").InTime());
        Assert.Equal(0, kit.Clock.WaitingTimers);
        kit.Clock.Advance(Minute * 10);
        Assert.Equal(1, _runs);
    }

    private async Task StartAsync()
    {
        Register(new ScriptedCollector(sink =>
        {
            _runs++;
            if (_broken) throw new IOException("no");
            sink.Add(Value, _runs);
        }));
        await SettleAsync();
    }

    private void Register(ICollector collector) =>
        _kit.Registry.Register(new CollectorRegistration("timed", collector) { Schedule = Minute, MaxAge = Minute * 3 });

    private async Task AdvanceAsync(TimeSpan by)
    {
        _kit.Clock.Advance(by);
        await SettleAsync();
    }

    /// <summary>Not a moment further: the run that begins must have all its time.</summary>
    private async Task AdvanceToNextRunAsync()
    {
        await SettleAsync();
        _kit.Clock.Advance(_kit.State("timed").NextRun!.Value - _kit.Clock.GetUtcNow());
    }

    /// <summary>
    /// Until the loop rests: the next timer is that of its pause. To count timers is not enough: that of a run ends a moment after the next run is known, and the
    /// pause begins a moment later still.
    /// </summary>
    private Task SettleAsync() => Eventually.TrueAsync(
        () => _kit.State("timed").NextRun is { } next && next > _kit.Clock.GetUtcNow() && _kit.Clock.NextTimer == next, "the loop rests");
}
