using Gateway.Sqlite;
using Gateway.State;
using Gateway.TestKit;
using Microsoft.Data.Sqlite;
using Xunit;

namespace Gateway.Tests.State;

public sealed class StateDatabaseTests : IDisposable
{
    private readonly TempFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task Waiting_writes_share_one_transaction_and_one_sync()
    {
        await using var state = await TestState.StartAsync(_folder);
        await state.Database.FlushAsync(default);
        using var gate = new Gate();
        state.Database.Enqueue(gate);
        gate.WaitUntilReached();
        var before = state.Database.Figures().Commits;
        var pushes = Enumerable.Range(0, 500).Select(i => state.PushAsync("load", "1", $"host{i}")).ToArray();
        Assert.Equal(500, state.Pushes.Figures().Waiting);
        Assert.Empty(state.Samples());
        gate.Open();
        await Task.WhenAll(pushes);
        Assert.InRange(state.Database.Figures().Commits - before, 1, 2);
        Assert.Equal(500, state.Samples().Length);
        Assert.Equal(0, state.Pushes.Figures().Waiting);
    }

    [Fact]
    public async Task A_group_is_bounded()
    {
        await using var state = await TestState.StartAsync(_folder);
        using var gate = new Gate();
        state.Database.Enqueue(gate);
        gate.WaitUntilReached();
        await Task.Yield();
        var before = state.Database.Figures().Commits;
        var pushes = Enumerable.Range(0, (2 * StateDatabase.MaxGroup) + 1).Select(i => state.PushAsync("load", "1", $"host{i}")).ToArray();
        gate.Open();
        await Task.WhenAll(pushes);
        Assert.InRange(state.Database.Figures().Commits - before, 3, 4);
    }

    [Fact]
    public async Task A_second_process_is_refused_and_told_which_process_is_there()
    {
        await using var first = await TestState.StartAsync(_folder);
        await using var second = new TestState(_folder);
        var refusal = await Assert.ThrowsAsync<StateInUseException>(() => second.Database.StartAsync(default));
        Assert.Equal(Environment.ProcessId, refusal.ProcessId);
        Assert.Contains($"in use by process {Environment.ProcessId}", refusal.Message, StringComparison.Ordinal);
        Assert.Contains("(Gateway:StateDirectory)", refusal.Message, StringComparison.Ordinal);
        await first.PushAsync("still_works", "1");
    }

    [Fact]
    public async Task The_directory_is_free_after_a_stop()
    {
        await using (var first = await TestState.StartAsync(_folder)) await first.PushAsync("a", "1");
        await using var second = await TestState.StartAsync(_folder);
        Assert.Equal(["a 1"], second.Samples());
    }

    [Fact]
    public async Task A_database_of_a_newer_program_is_refused_and_left_alone()
    {
        await using (var first = await TestState.StartAsync(_folder)) await first.PushAsync("a", "1");
        Execute($"PRAGMA user_version={StateSchema.Version + 1}");
        await using (var second = new TestState(_folder))
        {
            var refusal = await Assert.ThrowsAsync<SqliteVersionException>(() => second.Database.StartAsync(default));
            Assert.Contains("install the newer program", refusal.Message, StringComparison.Ordinal);
            Assert.Throws<StateUnavailableException>(() => { _ = second.PushAsync("b", "1"); });
        }

        Execute($"PRAGMA user_version={StateSchema.Version}");
        await using var third = await TestState.StartAsync(_folder);
        Assert.Equal(["a 1"], third.Samples());
    }

    [Fact]
    public void A_missing_library_is_named_with_its_package()
    {
        var fault = Assert.Throws<SqliteMissingException>(() => SqliteLibrary.Find("libgatewaynothing.so.0"));
        Assert.Contains("libsqlite3-0", fault.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_database_syncs_each_commit_and_keeps_a_bounded_log()
    {
        await using var state = await TestState.StartAsync(_folder);
        for (var i = 0; i < 40; i++)
        {
            await Task.WhenAll(Enumerable.Range(0, 500).Select(j => state.PushAsync("load", "1", $"host{i * 500 + j}")));
        }

        Assert.InRange(new FileInfo(state.File + "-wal").Length, 1, 9 << 20);
        await state.Database.StopAsync(default);
        Assert.False(File.Exists(state.File + "-wal"));
    }

    [Fact]
    public async Task A_stop_writes_what_waits_and_refuses_what_comes_later()
    {
        var state = await TestState.StartAsync(_folder);
        using var gate = new Gate();
        state.Database.Enqueue(gate);
        gate.WaitUntilReached();
        var push = state.PushAsync("a", "1");
        var stop = state.Database.StopAsync(default);
        Assert.Throws<StateUnavailableException>(() => { _ = state.PushAsync("b", "1"); });
        gate.Open();
        await stop;
        await push;
        Assert.Equal(["a 1"], state.Samples());
        await state.DisposeAsync();
        await using var second = await TestState.StartAsync(_folder);
        Assert.Equal(["a 1"], second.Samples());
    }

    [Fact]
    public async Task A_stop_ends_in_its_bound_when_the_disk_hangs_and_refuses_the_rest()
    {
        var state = await TestState.StartAsync(_folder);
        using var gate = new Gate();
        state.Database.Enqueue(gate);
        gate.WaitUntilReached();
        var push = state.PushAsync("a", "1");
        var stop = state.Database.StopAsync(default);
        while (!stop.IsCompleted)
        {
            state.Time.Advance(TimeSpan.FromSeconds(1));
            await Task.Yield();
        }

        await stop;
        Assert.Equal(1, state.Log.Count(4108));
        gate.Open();
        await Assert.ThrowsAsync<StateUnavailableException>(() => push);
        await state.DisposeAsync();
    }

    [Fact]
    public async Task A_fault_of_the_program_in_one_turn_does_not_end_the_loop()
    {
        var table = new FaultTable();
        await using var state = await TestState.StartAsync(_folder, more: table);
        await state.PushAsync("a", "1");
        table.Next = new InvalidOperationException("a bug");
        await Assert.ThrowsAsync<StateUnavailableException>(() => state.PushAsync("a", "2"));
        await state.PushAsync("a", "3");
        Assert.Equal(["a 3"], state.Samples());
        Assert.Equal(1, state.Log.Count(4107));
    }

    [Fact]
    public void Pauses_grow_to_their_limit_and_start_again()
    {
        var pause = new RetryPause(TimeSpan.FromSeconds(5));
        Assert.Equal([1, 2, 4, 5, 5], Enumerable.Range(0, 5).Select(_ => pause.Next().TotalSeconds));
        pause.Reset();
        Assert.Equal(TimeSpan.FromSeconds(1), pause.Next());
    }

    private void Execute(string sql)
    {
        using var connection = new SqliteConnection($"Data Source={_folder["state.db"]};Pooling=False");
        connection.Open();
        using var command = connection.CreateCommand();
#pragma warning disable CA2100 // a constant of the test
        command.CommandText = sql;
#pragma warning restore CA2100
        command.ExecuteNonQuery();
    }
}
