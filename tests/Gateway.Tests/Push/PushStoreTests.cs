using Gateway.Exposition;
using Gateway.Push;
using Gateway.State;
using Gateway.TestKit;
using Gateway.Tests.State;
using Xunit;

namespace Gateway.Tests.Push;

public sealed class PushStoreTests : IDisposable
{
    private const long Now = 1_767_225_600_000; // where the clock of the tests starts

    private readonly TempFolder _folder = new();
    private readonly ManualTimeProvider _time = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task Exposes_what_was_pushed_by_name_with_type_and_help()
    {
        await using var state = await StartAsync();
        await state.PushAsync("zeta", "2", "b");
        await state.PushAsync("zeta", "1", "a", ("labels.area", "x\"y"));
        await state.PushAsync("alpha_total", "7", null, ("type", "counter"), ("help", "Things."));
        await state.PushAsync("mid", "NaN", null, ("type", "untyped"));
        const string Expected =
            """
            # HELP alpha_total Things.
            # TYPE alpha_total counter
            alpha_total 7
            # HELP mid Pushed value; the sender gave no help text.
            # TYPE mid untyped
            mid NaN
            # HELP zeta Pushed value; the sender gave no help text.
            # TYPE zeta gauge
            zeta{instance="b"} 2
            zeta{area="x\"y",instance="a"} 1

            """;
        Assert.Equal(Expected, state.Text());
        Assert.EndsWith("# EOF\n", state.Text(ExpositionFormat.OpenMetrics), StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_last_push_of_a_series_wins()
    {
        await using var state = await StartAsync();
        await Task.WhenAll(Enumerable.Range(0, 100).Select(i => state.PushAsync("a", Text(i))));
        Assert.Equal(["a 99"], state.Samples());
        Assert.Equal(100, state.Pushes.Figures().Ok);
    }

    [Theory]
    [InlineData("NaN", "NaN"), InlineData("-0", "-0"), InlineData("0", "0"), InlineData("+Inf", "+Inf"), InlineData("-Inf", "-Inf"), InlineData("4.9e-324", "5E-324")]
    public async Task Every_value_survives_a_restart(string pushed, string exposed)
    {
        await using (var state = await StartAsync()) await state.PushAsync("a", pushed);
        await using var again = await StartAsync();
        Assert.Equal([$"a {exposed}"], again.Samples());
    }

    [Fact]
    public async Task Every_acknowledged_push_is_in_the_files_at_any_moment()
    {
        await using var state = await StartAsync();
        for (var i = 0; i < 20; i++)
        {
            await state.PushAsync("a", Text(i), "one");
            await state.PushAsync("b", "1", $"host{i}", ("help", $"Round {i}."), ("type", "counter"));
            using var copy = new TempFolder();
            state.CopyTo(copy);
            await using var cut = await TestState.StartAsync(copy);
            Assert.Equal(state.Text(), cut.Text());
            Assert.Equal(0, cut.Database.Figures().Quarantines);
        }
    }

    [Fact]
    public async Task A_deletion_is_on_disk_before_it_is_answered_and_takes_the_metric_along_with_its_last_series()
    {
        await using var state = await StartAsync();
        await state.PushAsync("a", "1", "x", ("type", "counter"), ("help", "Old."));
        await state.PushAsync("a", "2", "y");
        await state.DeleteAsync("a", "x");
        Assert.Equal(["a{instance=\"y\"} 2"], state.Samples());
        await state.DeleteAsync("a", "y");
        Assert.Equal("", state.Text());
        using var copy = new TempFolder();
        state.CopyTo(copy);
        await using var cut = await TestState.StartAsync(copy);
        Assert.Equal("", cut.Text());
        await cut.PushAsync("a", "-3");
        Assert.Equal("# HELP a Pushed value; the sender gave no help text.\n# TYPE a gauge\na -3\n", cut.Text());
    }

    [Fact]
    public async Task Deleting_needs_exactly_the_labels()
    {
        await using var state = await StartAsync();
        await state.PushAsync("a", "1", "x", ("labels.zone", "z"));
        foreach (var attempt in (Func<Task>[])[() => state.DeleteAsync("a", "x"), () => state.DeleteAsync("a"), () => state.DeleteAsync("b", "x", ("labels.zone", "z"))])
        {
            Assert.Equal(PushFault.NotFound, (await Assert.ThrowsAsync<PushException>(attempt)).Kind);
        }

        await state.DeleteAsync("a", "x", ("labels.zone", "z"));
        Assert.Empty(state.Samples());
        Assert.Equal((3, 1), (state.Pushes.Figures().NotFound, state.Pushes.Figures().Deleted));
    }

    [Fact]
    public async Task Another_type_is_a_conflict_that_says_how_to_get_out_of_it()
    {
        await using var state = await StartAsync();
        await state.PushAsync("a", "1");
        var fault = await Assert.ThrowsAsync<PushException>(() => state.PushAsync("a", "1", null, ("type", "counter")));
        Assert.Equal(PushFault.Conflict, fault.Kind);
        Assert.Equal(
            "The metric \"a\" is a gauge and was pushed as a counter; push it without type or with type=gauge, or delete all its series first (DELETE) to give it another type.",
            fault.Message);
        await state.DeleteAsync("a");
        await state.PushAsync("a", "1", null, ("type", "counter"));
        await state.PushAsync("a", "2"); // keeps the type
        Assert.Contains("# TYPE a counter\na 2\n", state.Text(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_counter_stays_a_number_that_is_not_negative_whoever_pushes_it()
    {
        await using var state = await StartAsync();
        await state.PushAsync("a", "1", null, ("type", "counter"));
        Assert.Equal(PushFault.BadInput, (await Assert.ThrowsAsync<PushException>(() => state.PushAsync("a", "-1"))).Kind);
        Assert.Equal(PushFault.BadInput, (await Assert.ThrowsAsync<PushException>(() => state.PushAsync("a", "nan"))).Kind);
        Assert.Equal(["a 1"], state.Samples());
    }

    [Theory]
    [InlineData("x", "counter", "x_total", "gauge")]
    [InlineData("x_total", "gauge", "x", "counter")]
    [InlineData("x_total", "counter", "x", "gauge")]
    [InlineData("x", "gauge", "x_total", "counter")]
    [InlineData("x_total", "counter", "x_created", "gauge")] // OpenMetrics keeps the name for the counter's time of creation
    [InlineData("x_created", "gauge", "x", "counter")]
    public async Task Two_metrics_never_write_one_name(string first, string firstType, string second, string secondType)
    {
        await using var state = await StartAsync();
        await state.PushAsync(first, "1", null, ("type", firstType));
        var fault = await Assert.ThrowsAsync<PushException>(() => state.PushAsync(second, "1", null, ("type", secondType)));
        Assert.Equal(PushFault.Conflict, fault.Kind);
        Assert.Contains($"belongs to the held metric \"{first}\"", fault.Message, StringComparison.Ordinal);
        await state.DeleteAsync(first);
        await state.PushAsync(second, "1", null, ("type", secondType));
        Assert.Equal([$"{second} 1"], state.Samples());
    }

    [Fact]
    public async Task Writes_of_one_transaction_are_judged_one_after_the_other()
    {
        await using var state = await StartAsync(new PushOptions { MaxSeries = 2 });
        await state.PushAsync("held", "1");
        using var gate = new Gate();
        state.Database.Enqueue(gate);
        gate.WaitUntilReached();
        Task[] writes =
        [
            state.PushAsync("x", "1", null, ("type", "counter")),
            state.PushAsync("x_total", "1"), // the name is taken by the one before
            state.PushAsync("x", "1", null, ("type", "gauge")), // other type
            state.PushAsync("full", "1"), // two are held
            state.DeleteAsync("x"),
            state.DeleteAsync("x"), // gone
            state.PushAsync("x_total", "5"), // free again
            state.DeleteAsync("held"),
            state.PushAsync("held", "9", null, ("type", "counter"), ("help", "New.")), // another type in its place
        ];
        gate.Open();
        await Task.WhenAll(writes.Select(write => write.ContinueWith(_ => { }, TaskScheduler.Default)));
        Assert.Equal(
            [null, PushFault.Conflict, PushFault.Conflict, PushFault.Limit, null, PushFault.NotFound, null, null, null],
            writes.Select(write => (write.Exception?.InnerException as PushException)?.Kind).ToArray());
        const string Expected = "# HELP held New.\n# TYPE held counter\nheld 9\n# HELP x_total Pushed value; the sender gave no help text.\n# TYPE x_total gauge\nx_total 5\n";
        Assert.Equal(Expected, state.Text());
        using var copy = new TempFolder();
        state.CopyTo(copy);
        await using var cut = await TestState.StartAsync(copy);
        Assert.Equal(Expected, cut.Text());
    }

    [Fact]
    public async Task The_number_of_series_is_bounded_and_the_refusal_names_the_limit()
    {
        await using var state = await StartAsync(new PushOptions { MaxSeries = 2 });
        await state.PushAsync("a", "1", "x");
        await state.PushAsync("a", "1", "y");
        var fault = await Assert.ThrowsAsync<PushException>(() => state.PushAsync("a", "1", "z"));
        Assert.Equal(PushFault.Limit, fault.Kind);
        Assert.Contains("Gateway:Push:MaxSeries", fault.Message, StringComparison.Ordinal);
        await state.PushAsync("a", "2", "x"); // held ones go on
        await state.DeleteAsync("a", "y");
        await state.PushAsync("a", "1", "z");
        Assert.Equal(2, state.Pushes.Figures().Series);
    }

    [Fact]
    public async Task The_number_of_waiting_pushes_is_bounded()
    {
        await using var state = await StartAsync(new PushOptions { MaxWaiting = 3 });
        using var gate = new Gate();
        state.Database.Enqueue(gate);
        gate.WaitUntilReached();
        var waiting = Enumerable.Range(0, 3).Select(i => state.PushAsync("a", Text(i))).ToArray();
        Assert.Throws<StateUnavailableException>(() => { _ = state.PushAsync("a", "9"); });
        gate.Open();
        await Task.WhenAll(waiting);
        await state.PushAsync("a", "10");
        Assert.Equal(1, state.Pushes.Figures().Unavailable);
    }

    [Fact]
    public async Task A_push_cancelled_before_its_turn_is_not_kept()
    {
        await using var state = await StartAsync();
        using var gate = new Gate();
        using var cancellation = new CancellationTokenSource();
        state.Database.Enqueue(gate);
        gate.WaitUntilReached();
        var push = state.Pushes.SetAsync(state.Requests.Insert("a", null, "1", []), cancellation.Token);
        await cancellation.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => push);
        gate.Open();
        await state.Database.FlushAsync(default);
        Assert.Empty(state.Samples());
        Assert.Equal(0, state.Pushes.Figures().Waiting);
    }

    [Fact]
    public async Task A_ttl_ends_exactly_for_readers_and_soon_on_disk()
    {
        await using var state = await StartAsync();
        await state.PushAsync("a", "1", null, ("ttl", "30s"));
        await state.PushAsync("b", "1");
        _time.Advance(TimeSpan.FromMilliseconds(29_999));
        Assert.Equal(["a 1", "b 1"], state.Samples());
        _time.Advance(TimeSpan.FromMilliseconds(1));
        Assert.Equal(["b 1"], state.Samples());
        await state.Database.FlushAsync(default);
        Assert.Equal((1, 1), (state.Pushes.Figures().Series, state.Pushes.Figures().Expired));
        await state.PushAsync("a", "1", null, ("type", "counter")); // the type went along
        using var copy = new TempFolder();
        state.CopyTo(copy);
        await using var cut = await TestState.StartAsync(copy);
        Assert.Equal(2, cut.Pushes.Figures().Series);
    }

    [Fact]
    public async Task Each_push_sets_the_ttl_anew_and_one_without_ends_it()
    {
        await using var state = await StartAsync();
        await state.PushAsync("a", "1", null, ("ttl", "10s"));
        await state.PushAsync("b", "1", null, ("ttl", "10s"));
        _time.Advance(TimeSpan.FromSeconds(9));
        await state.PushAsync("a", "2", null, ("ttl", "10s"));
        await state.PushAsync("b", "2");
        _time.Advance(TimeSpan.FromSeconds(9));
        await state.Database.FlushAsync(default);
        Assert.Equal(["a 2", "b 2"], state.Samples());
        _time.Advance(TimeSpan.FromSeconds(1));
        Assert.Equal(["b 2"], state.Samples());
    }

    [Theory, InlineData(3650), InlineData(-3650)]
    public async Task A_stepped_clock_expires_nothing_not_even_over_a_restart(int days)
    {
        await using (var state = await StartAsync())
        {
            await state.PushAsync("a", "1", null, ("ttl", "1h"));
            _time.StepWallClock(TimeSpan.FromDays(days));
            _time.Advance(TimeSpan.FromSeconds(10)); // the tick of the database
            await state.Database.FlushAsync(default);
            Assert.Equal(["a 1"], state.Samples());
        }

        await using (var again = await StartAsync())
        {
            Assert.Equal(["a 1"], again.Samples());
            _time.Advance(TimeSpan.FromMinutes(59.5));
            Assert.Equal(["a 1"], again.Samples());
            _time.Advance(TimeSpan.FromSeconds(21));
            Assert.Empty(again.Samples());
        }
    }

    [Fact]
    public async Task A_ttl_runs_on_while_the_service_is_down_but_never_grows()
    {
        await using (var state = await StartAsync())
        {
            await state.PushAsync("short", "1", null, ("ttl", "1m"));
            await state.PushAsync("long", "1", null, ("ttl", "1h"));
        }

        _time.Advance(TimeSpan.FromMinutes(2));
        await using (var again = await StartAsync()) Assert.Equal(["long 1"], again.Samples());
        _time.StepWallClock(TimeSpan.FromDays(-3650)); // while it is down nobody can tell
        await using var third = await StartAsync();
        Assert.Equal(["long 1"], third.Samples());
        _time.Advance(TimeSpan.FromHours(1));
        Assert.Empty(third.Samples());
    }

    [Fact]
    public async Task An_explicit_timestamp_is_served_until_prometheus_would_refuse_it()
    {
        await using var state = await StartAsync();
        await state.PushAsync("a", "1", null, ("ts", Text(Now - 60_000)));
        Assert.Equal([$"a 1 {Now - 60_000}"], state.Samples());
        _time.Advance(TimeSpan.FromMinutes(54));
        Assert.Single(state.Samples());
        _time.Advance(TimeSpan.FromMilliseconds(1));
        Assert.Empty(state.Samples());
        Assert.Equal((1, 1), (state.Pushes.Figures().Withheld, state.Pushes.Figures().Series));
        _time.StepWallClock(TimeSpan.FromMinutes(-1));
        Assert.Single(state.Samples());
        _time.StepWallClock(TimeSpan.FromMinutes(-70)); // now it lies too far ahead
        Assert.Empty(state.Samples());
        await state.PushAsync("a", "2");
        Assert.Equal(["a 2"], state.Samples());
        Assert.Equal(0, state.Pushes.Figures().Withheld);
    }

    [Fact]
    public async Task A_snapshot_is_built_once_per_change_and_once_per_moment_that_changes_it()
    {
        await using var state = await StartAsync();
        await state.PushAsync("a", "1", null, ("ttl", "1m"));
        using var first = state.Pushes.Snapshot();
        using var second = state.Pushes.Snapshot();
        Assert.Same(first.Batch, second.Batch);
        Assert.Equal(1, state.Pushes.SnapshotBuilds);
        _time.Advance(TimeSpan.FromSeconds(59));
        using (state.Pushes.Snapshot()) Assert.Equal(1, state.Pushes.SnapshotBuilds);
        await state.PushAsync("a", "2", null, ("ttl", "1m"));
        using var third = state.Pushes.Snapshot();
        Assert.NotSame(first.Batch, third.Batch);
        Assert.Equal(1, first.Batch[0].Values[0]);
        Assert.Equal(2, third.Batch[0].Values[0]);
        Assert.Equal(2, state.Pushes.SnapshotBuilds);
    }

    [Fact]
    public async Task A_batch_is_used_again_only_after_its_last_snapshot_was_disposed()
    {
        await using var state = await StartAsync();
        await state.PushAsync("a", "1");
        var first = state.Pushes.Snapshot();
        var batch = first.Batch;
        var second = state.Pushes.Snapshot();
        await state.PushAsync("a", "2");
        using var third = state.Pushes.Snapshot();
        first.Dispose();
        first.Dispose(); // a second time gives nothing back
        Assert.Equal(1, batch.SampleCount);
        second.Dispose();
        Assert.Equal(0, batch.SampleCount);
        await state.PushAsync("a", "3");
        using var fourth = state.Pushes.Snapshot();
        Assert.Same(batch, fourth.Batch);
    }

    [Fact]
    public async Task Snapshots_taken_while_pushes_go_on_are_whole()
    {
        await using var state = await StartAsync();
        const int Series = 200;
        async Task PushRoundAsync(int round) =>
            await Task.WhenAll(Enumerable.Range(0, Series).Select(i => state.PushAsync("a", Text(round), $"host{i}")));
        await PushRoundAsync(0);
        var pushing = Task.Run(async () =>
        {
            for (var round = 1; round < 50; round++) await PushRoundAsync(round);
        });
        while (!pushing.IsCompleted)
        {
            using var snapshot = state.Pushes.Snapshot();
            Assert.Equal(Series, snapshot.Batch.SampleCount);
            Assert.Equal(0, snapshot.Batch.DuplicateCount);
            Assert.Equal(Series, Exposed.Text(snapshot.Batch).Split('\n').Count(line => line.StartsWith("a{", StringComparison.Ordinal)));
        }

        await pushing;
        Assert.All(state.Samples(), sample => Assert.EndsWith(" 49", sample, StringComparison.Ordinal));
    }

    [Fact]
    public async Task The_time_of_the_last_push_is_exposed_when_asked_for()
    {
        await using var state = await StartAsync(new PushOptions { PushTimeSeries = true });
        await state.PushAsync("a", "1");
        await state.PushAsync("a", "1", "x", ("labels.l", "1"));
        _time.Advance(TimeSpan.FromMilliseconds(1500));
        await state.PushAsync("a", "1", "x", ("labels.l", "2"));
        Assert.Equal(
            ["gateway_push_time_seconds{metric=\"a\",instance=\"\"} 1767225600", "gateway_push_time_seconds{metric=\"a\",instance=\"x\"} 1767225601.5"],
            state.Samples().Where(sample => sample.StartsWith("gateway_", StringComparison.Ordinal)).ToArray());
    }

    [Fact]
    public async Task An_observer_hears_of_every_push_in_order_also_of_those_that_share_a_transaction()
    {
        await using var state = new TestState(_folder, _time);
        var observer = new Recorder();
        state.Pushes.Observer = observer;
        await state.Database.StartAsync(default);
        await Task.WhenAll(Enumerable.Range(0, 10).Select(i => state.PushAsync("a", Text(i))));
        await state.PushAsync("a", "11", null, ("ts", Text(Now - 5)));
        Assert.Equal([.. Enumerable.Range(0, 10).Select(i => ((double)i, Now)), (11, Now - 5)], observer.Seen);
    }

    [Fact]
    public async Task A_help_replaces_the_one_before_and_survives_a_restart()
    {
        await using (var state = await StartAsync())
        {
            await state.PushAsync("a", "1", null, ("help", "One."));
            await state.PushAsync("a", "1", "x", ("help", "Two\nlines."));
            await state.PushAsync("a", "2");
        }

        await using var again = await StartAsync();
        Assert.StartsWith("# HELP a Two\\nlines.\n", again.Text(), StringComparison.Ordinal);
    }

    private Task<TestState> StartAsync(PushOptions? options = null) => TestState.StartAsync(_folder, _time, options);

    private static string Text(long number) => number.ToString(System.Globalization.CultureInfo.InvariantCulture);

    private sealed class Recorder : IPushObserver
    {
        public List<(double Value, long TimeMs)> Seen { get; } = [];

        public Task OnPushed(in PushEvent push)
        {
            Seen.Add((push.Value, push.TimeMs));
            return Task.CompletedTask;
        }
    }
}
