using Gateway.Collectors;
using Gateway.Exposition;
using Gateway.Logging;
using Gateway.Scrape;
using Gateway.TestKit;
using Gateway.Tests.Support;
using Microsoft.Extensions.Logging;
using Xunit;

namespace Gateway.Tests.Scrape;

public sealed class CollectorRunnerTests
{
    private static readonly MetricFamily Value = MetricFamily.Gauge("value", "A value.");
    private static readonly TimeSpan Second = TimeSpan.FromSeconds(1);

    private readonly CollectorLanes _lanes = new();
    private readonly ManualTimeProvider _time = new();
    private readonly LogLines _log = new();

    private IReadOnlyList<string> Lines => _log.From(LogLevel.Information);

    [Fact]
    public async Task A_run_gives_its_samples_and_its_state()
    {
        using var runner = Runner(new ScriptedCollector(sink =>
        {
            _time.Advance(Second / 4);
            sink.Add(Value, 7);
        }));
        var run = await runner.RunAsync(Second, CancellationToken.None).InTime();
        Assert.Equal(CollectorOutcome.Success, run.Outcome);
        Assert.Equal(7, run.Batch![0].Values[0]);
        var state = runner.GetState();
        Assert.Equal((CollectorOutcome.Success, null, Second / 4, 1), (state.Outcome, state.LastError, state.Duration, state.Samples));
        Assert.Equal(_time.GetUtcNow(), state.LastSuccess);
        Assert.Equal(_time.GetUtcNow() - (Second / 4), state.LastRun);
        Assert.Null(state.RunningSince);
        run.Release();
    }

    [Fact]
    public async Task A_throwing_collector_fails_with_its_message_is_logged_once_and_recovers()
    {
        var broken = true;
        using var runner = Runner(new ScriptedCollector(sink =>
        {
            sink.Add(Value, 1);
            if (broken) throw new IOException("sensor gone");
        }));
        for (var i = 0; i < 3; i++)
        {
            var run = await runner.RunAsync(Second, CancellationToken.None).InTime();
            Assert.Equal(CollectorOutcome.Failed, run.Outcome);
            Assert.Null(run.Batch);
        }

        Assert.Equal("sensor gone", runner.GetState().LastError);
        broken = false;
        Assert.Equal(CollectorOutcome.Success, (await runner.RunAsync(Second, CancellationToken.None).InTime()).Outcome);
        Assert.Null(runner.GetState().LastError);
        Assert.Equal(
            ["Warning FailureLog: test: sensor gone; repetitions are counted, not logged | IOException", "Information FailureLog: test: works again after 3 failure(s) in 0 s"],
            Lines);
    }

    [Fact]
    public async Task A_collector_that_throws_before_its_first_await_fails_like_any_other()
    {
        using var runner = Runner(new ScriptedCollector((MetricSink _, CancellationToken _) => throw new InvalidOperationException("at once")));
        Assert.Equal(CollectorOutcome.Failed, (await runner.RunAsync(Second, CancellationToken.None).InTime()).Outcome);
    }

    [Fact]
    public async Task A_collector_without_its_subject_has_no_data_and_no_line()
    {
        using var runner = Runner(new ScriptedCollector(_ => throw new NoDataException("no such hardware")));
        Assert.Equal(CollectorOutcome.NoData, (await runner.RunAsync(Second, CancellationToken.None).InTime()).Outcome);
        Assert.Empty(Lines);
    }

    [Fact]
    public async Task One_that_hangs_and_obeys_is_cancelled_at_its_limit_runs_again_and_does_not_fill_the_log()
    {
        var collector = new GatedCollector(obeys: true);
        using var runner = Runner(collector);
        for (var round = 1; round <= 5; round++)
        {
            var pending = runner.RunAsync(Second, CancellationToken.None);
            await collector.Entered.InTime();
            _time.Advance(Second);
            Assert.Equal(CollectorOutcome.TimedOut, (await pending.InTime()).Outcome);
            Assert.True(collector.Token.IsCancellationRequested);
            await Eventually.TrueAsync(() => runner.GetState().RunningSince is null, "the collector returned");
            Assert.Equal("did not end within 1 s; it returned after 1 s", runner.GetState().LastError);
            Assert.Equal(round, collector.Runs);
            collector.Release();
        }

        Assert.Equal(0, runner.GetState().Skips);
        Assert.Equal(["Warning FailureLog: test: did not end within 1 s; it is skipped until it returns; repetitions are counted, not logged"], Lines);
    }

    [Fact]
    public async Task One_that_ignores_its_token_is_left_behind_and_skipped_until_it_returns_and_its_late_samples_never_appear()
    {
        var value = 1;
        var collector = new GatedCollector(obeys: false, sink => sink.Add(Value, value));
        using var runner = Runner(collector);
        var pending = runner.RunAsync(Second, CancellationToken.None);
        await collector.Entered.InTime();
        _time.Advance(Second);
        Assert.Equal(CollectorOutcome.TimedOut, (await pending.InTime()).Outcome);

        for (var i = 0; i < 3; i++) Assert.Equal(CollectorOutcome.Skipped, (await runner.RunAsync(Second, CancellationToken.None).InTime()).Outcome);
        var state = runner.GetState();
        Assert.Equal((CollectorOutcome.Skipped, 3L, 1), (state.Outcome, state.Skips, collector.Runs));
        Assert.Equal("did not end within 1 s; it is skipped until it returns", state.LastError);
        Assert.NotNull(state.RunningSince);

        _time.Advance(Second * 9);
        collector.Release();
        await Eventually.TrueAsync(() => runner.GetState().RunningSince is null, "the collector returned");
        Assert.Equal("did not end within 1 s; it returned after 10 s", runner.GetState().LastError);
        Assert.Null(runner.GetState().LastSuccess);

        value = 2;
        pending = runner.RunAsync(Second, CancellationToken.None);
        await collector.Entered.InTime();
        collector.Release();
        var run = await pending.InTime();
        Assert.Equal(2, run.Batch![0].Values[0]);
        Assert.Equal(1, run.Batch.SampleCount);
    }

    [Fact]
    public async Task One_that_blocks_its_thread_holds_up_nobody()
    {
        using var gate = new ManualResetEventSlim();
        using var entered = new ManualResetEventSlim();
        using var runner = Runner(new ScriptedCollector(_ =>
        {
            entered.Set();
            gate.Wait();
        }));
        var pending = runner.RunAsync(Second, CancellationToken.None);
        await Eventually.TrueAsync(() => entered.IsSet, "the collector began");
        _time.Advance(Second);
        Assert.Equal(CollectorOutcome.TimedOut, (await pending.InTime()).Outcome);
        gate.Set();
        await Eventually.TrueAsync(() => runner.GetState().RunningSince is null, "the collector returned");
    }

    [Fact]
    public async Task A_hang_that_nobody_waits_for_any_more_is_judged_all_the_same()
    {
        var collector = new GatedCollector(obeys: false, sink => sink.Add(Value, 1));
        using var runner = Runner(collector);
        using var scraper = new CancellationTokenSource();
        var pending = runner.RunAsync(Second, scraper.Token);
        await collector.Entered.InTime();
        await scraper.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => pending.InTime());

        _time.Advance(Second * 15);
        // The next scrape neither waits for the old run nor gets what it read 15 s ago.
        Assert.Equal(CollectorOutcome.Skipped, (await runner.RunAsync(Second, CancellationToken.None).InTime()).Outcome);
    }

    [Fact]
    public async Task Concurrent_scrapes_share_one_run_and_its_batch_until_the_last_lets_go()
    {
        var collector = new GatedCollector(obeys: true, sink => sink.Add(Value, 1));
        using var runner = Runner(collector);
        var waiting = Enumerable.Range(0, 10).Select(_ => runner.RunAsync(Second, CancellationToken.None)).ToList();
        await collector.Entered.InTime();
        collector.Release();
        var runs = await Task.WhenAll(waiting).InTime();
        Assert.Equal(1, collector.Runs);
        var batch = Assert.Single(runs.Select(run => run.Batch).Distinct());

        foreach (var run in runs.Skip(1)) run.Release();
        Assert.Equal(1, batch!.SampleCount); // still held by one
        Assert.NotSame(batch, (await NextAsync()).Batch);
        runs[0].Release();
        Assert.Same(batch, (await NextAsync()).Batch);

        async Task<CollectorRun> NextAsync()
        {
            var pending = runner.RunAsync(Second, CancellationToken.None);
            await collector.Entered.InTime();
            collector.Release();
            return await pending.InTime();
        }
    }

    [Fact]
    public async Task A_short_scrape_that_joins_a_long_one_goes_away_without_judging_it()
    {
        var collector = new GatedCollector(obeys: true, sink => sink.Add(Value, 1));
        using var runner = Runner(collector);
        var patient = runner.RunAsync(Second * 4, CancellationToken.None);
        await collector.Entered.InTime();
        var hasty = runner.RunAsync(Second, CancellationToken.None);
        _time.Advance(Second);
        Assert.Equal(CollectorOutcome.TimedOut, (await hasty.InTime()).Outcome);
        Assert.False(collector.Token.IsCancellationRequested);
        collector.Release();
        Assert.Equal(CollectorOutcome.Success, (await patient.InTime()).Outcome);
        Assert.Empty(Lines);
    }

    [Fact]
    public async Task A_long_scrape_that_joins_a_short_one_gets_its_own_time()
    {
        var collector = new GatedCollector(obeys: true, sink => sink.Add(Value, 1));
        using var runner = Runner(collector);
        var hasty = runner.RunAsync(Second, CancellationToken.None);
        await collector.Entered.InTime();
        var patient = runner.RunAsync(Second * 4, CancellationToken.None);
        _time.Advance(Second * 3);
        Assert.Equal(CollectorOutcome.TimedOut, (await hasty.InTime()).Outcome);
        Assert.False(collector.Token.IsCancellationRequested);
        collector.Release();
        Assert.Equal(CollectorOutcome.Success, (await patient.InTime()).Outcome);
        Assert.Empty(Lines);
    }

    [Fact]
    public async Task Nobody_who_joins_moves_the_end_of_a_run_beyond_the_collectors_own_limit()
    {
        var collector = new GatedCollector(obeys: true);
        using var runner = Runner(collector);
        var first = runner.RunAsync(Second * 5, CancellationToken.None);
        await collector.Entered.InTime();
        _time.Advance(Second * 4);
        var second = runner.RunAsync(Second * 5, CancellationToken.None);
        _time.Advance(Second);
        Assert.Equal(CollectorOutcome.TimedOut, (await first.InTime()).Outcome);
        Assert.Equal(CollectorOutcome.TimedOut, (await second.InTime()).Outcome);
        Assert.True(collector.Token.IsCancellationRequested);
    }

    [Fact]
    public async Task A_waiter_that_is_cancelled_leaves_the_run_to_the_others()
    {
        var collector = new GatedCollector(obeys: true, sink => sink.Add(Value, 1));
        using var runner = Runner(collector);
        using var gone = new CancellationTokenSource();
        var leaving = runner.RunAsync(Second, gone.Token);
        var staying = runner.RunAsync(Second, CancellationToken.None);
        await collector.Entered.InTime();
        await gone.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => leaving.InTime());
        Assert.False(collector.Token.IsCancellationRequested);
        collector.Release();
        Assert.Equal(1, (await staying.InTime()).Batch!.SampleCount);
    }

    [Fact]
    public async Task What_a_collector_throws_when_it_is_cancelled_stays_with_it()
    {
        var gate = new TaskCompletionSource();
        var entered = new TaskCompletionSource();
        using var runner = Runner(new ScriptedCollector(async (_, cancellationToken) =>
        {
            using var registration = cancellationToken.Register(() => throw new InvalidOperationException("mine"));
            entered.SetResult();
            await gate.Task;
        }));
        var pending = runner.RunAsync(Second, CancellationToken.None);
        await entered.Task.InTime();
        _time.Advance(Second); // on a timer thread an exception here would end the process
        Assert.Equal(CollectorOutcome.TimedOut, (await pending.InTime()).Outcome);
        Assert.Contains(Lines, line => line.Contains("test/end: threw when its run was cancelled", StringComparison.Ordinal));
        gate.SetResult();
    }

    [Fact]
    public async Task What_a_collector_does_when_it_is_cancelled_does_not_hold_up_a_stop()
    {
        using var gate = new ManualResetEventSlim();
        var entered = new TaskCompletionSource();
        var runner = Runner(new ScriptedCollector(async (_, cancellationToken) =>
        {
            using var registration = cancellationToken.Register(gate.Wait);
            entered.SetResult();
            await Task.Delay(Timeout.InfiniteTimeSpan, _time, cancellationToken);
        }));
        var pending = runner.RunAsync(Second, CancellationToken.None);
        await entered.Task.InTime();
        runner.Cancel();
        runner.Dispose();
        gate.Set();
        await pending.InTime();
    }

    [Fact]
    public async Task A_collector_is_disposed_of_once_when_its_run_has_ended()
    {
        var gate = new TaskCompletionSource();
        var entered = new TaskCompletionSource();
        var collector = new ScriptedCollector(async (_, _) =>
        {
            entered.SetResult();
            await gate.Task;
        })
        { ThrowOnDispose = new InvalidOperationException("mine") };
        var runner = Runner(collector);
        var pending = runner.RunAsync(Second, CancellationToken.None);
        await entered.Task.InTime();
        runner.Dispose();
        runner.Dispose();
        Assert.Equal(0, collector.Disposals);
        gate.SetResult();
        await pending.InTime();
        Assert.Equal(1, collector.Disposals);
        Assert.Contains(Lines, line => line.Contains("test/end: threw when it was closed", StringComparison.Ordinal));
        Assert.Equal(CollectorOutcome.Skipped, (await runner.RunAsync(Second, CancellationToken.None).InTime()).Outcome);
        Assert.Equal(1, collector.Runs);
    }

    [Fact]
    public async Task A_flood_is_dropped_as_a_whole_and_the_next_run_is_clean()
    {
        var flood = true;
        var family = MetricFamily.Gauge("flood", "Many.", "n");
        using var runner = Runner(
            new ScriptedCollector(sink =>
            {
                for (var i = 0; i < (flood ? 1_000_000 : 3); i++) sink.Add(family, [i.ToString(System.Globalization.CultureInfo.InvariantCulture)], i);
            }),
            maxSamples: 1000);
        var run = await runner.RunAsync(Second, CancellationToken.None).InTime();
        Assert.Equal(CollectorOutcome.OverLimit, run.Outcome);
        Assert.Null(run.Batch);
        Assert.Equal("more than 1000 samples; the run is dropped (limit: Gateway:Scrape:MaxSamplesPerCollector)", runner.GetState().LastError);
        flood = false;
        Assert.Equal(3, (await runner.RunAsync(Second, CancellationToken.None).InTime()).Batch!.SampleCount);
    }

    [Fact]
    public async Task A_flood_whose_exception_the_collector_swallows_is_dropped_as_well()
    {
        using var runner = Runner(
            new ScriptedCollector(sink =>
            {
                for (var i = 0; i < 10; i++)
                {
                    try
                    {
                        sink.Add(Value, i);
                    }
                    catch (SampleLimitException)
                    {
                        // The collector thinks it knows better.
                    }
                }
            }),
            maxSamples: 5);
        Assert.Equal(CollectorOutcome.OverLimit, (await runner.RunAsync(Second, CancellationToken.None).InTime()).Outcome);
    }

    [Fact]
    public async Task Duplicates_and_unreadable_parts_are_counted_and_logged_once()
    {
        using var runner = Runner(new ScriptedCollector(sink =>
        {
            sink.Add(Value, 1);
            sink.Add(Value, 2);
            sink.Fault("line 3: no number");
        }));
        for (var i = 0; i < 3; i++)
        {
            var run = await runner.RunAsync(Second, CancellationToken.None).InTime();
            Assert.Equal([1.0], run.Batch![0].Values.ToArray());
            run.Release();
        }

        var state = runner.GetState();
        Assert.Equal((3L, 1, "line 3: no number"), (state.Duplicates, state.FaultCount, state.Faults[0]));
        Assert.Equal(
            [
                "Warning FailureLog: test/part: 1 part(s) could not be read: line 3: no number; repetitions are counted, not logged",
                "Warning FailureLog: test/duplicates: 1 sample(s) left out because their series came twice, first value; repetitions are counted, not logged",
            ],
            Lines);
    }

    private CollectorRunner Runner(ICollector collector, int maxSamples = int.MaxValue) => new(
        new CollectorRegistration("test", collector) { MaxSamples = maxSamples }, _lanes, _time, new FailureLog(_time, new LogOptions(), _log.For<FailureLog>()), _log.For<CollectorRegistry>());
}
