using System.Runtime.InteropServices;
using Gateway.State;
using Gateway.TestKit;
using Microsoft.Data.Sqlite;
using Xunit;

namespace Gateway.Tests.State;

/// <summary>Disks that cannot be written: the service starts, reads go on, pushes are refused with a reason, and writing comes back by itself.</summary>
public sealed partial class StateUnavailableTests : IDisposable
{
    private readonly TempFolder _folder = new();

    public static TheoryData<string> Obstacles => ["a directory", "a link to itself", "a link to nowhere", "a pipe"];

    public void Dispose() => _folder.Dispose();

    [Theory, MemberData(nameof(Obstacles))]
    public async Task Something_else_in_the_place_of_the_file_refuses_pushes_until_it_is_gone(string obstacle)
    {
        var path = _folder["state.db"];
        switch (obstacle)
        {
            case "a directory": Directory.CreateDirectory(Path.Join(path, "inside")); break;
            case "a link to itself": File.CreateSymbolicLink(path, path); break;
            case "a link to nowhere": File.CreateSymbolicLink(path, _folder["missing/state.db"]); break;
            default: Assert.Equal(0, MakePipe(path, 0b110_000_000)); break;
        }

        await using var state = await TestState.StartAsync(_folder);
        Assert.False(state.Database.Figures().Available);
        Assert.NotNull(state.Database.Figures().Reason);
        Assert.Equal("", state.Text());
        var refusal = await Assert.ThrowsAsync<StateUnavailableException>(() => state.PushAsync("a", "1"));
        Assert.Equal(state.Database.Figures().Reason, refusal.Message);
        Assert.InRange(refusal.RetryAfter, TimeSpan.FromSeconds(1), TimeSpan.FromMinutes(1));
        Assert.Equal(1, state.Pushes.Figures().Unavailable);

        if (Directory.Exists(path)) Directory.Delete(path, recursive: true);
        else File.Delete(path);
        await RecoverAsync(state);
        await state.PushAsync("a", "1");
        Assert.Equal(["a 1"], state.Samples());
    }

    [Fact]
    public async Task A_lost_connection_is_opened_again_and_keeps_what_memory_holds()
    {
        var table = new FaultTable();
        await using (var state = await TestState.StartAsync(_folder, more: table))
        {
            await state.PushAsync("a", "1");
            table.Next = new SqliteException("disk I/O error", 10);
            var refusal = await Assert.ThrowsAsync<StateUnavailableException>(() => state.PushAsync("a", "2"));
            Assert.Equal("The disk of the state directory reports an I/O error.", refusal.Message);
            await Assert.ThrowsAsync<StateUnavailableException>(() => state.PushAsync("a", "3"));
            Assert.Equal(["a 1"], state.Samples());
            Assert.Equal(1, state.Log.Count(4101));
            await RecoverAsync(state);
            Assert.Equal(1, state.Log.Count(4102));
        }

        await using var again = await TestState.StartAsync(_folder);
        Assert.Equal(["a 1"], again.Samples());
    }

    [Fact]
    public async Task A_disk_that_takes_one_write_and_refuses_the_next_does_not_flood_the_log()
    {
        var table = new FaultTable();
        await using var state = await TestState.StartAsync(_folder, more: table);
        for (var i = 0; i < 50; i++)
        {
            table.Next = new SqliteException("database or disk is full", 13);
            await Assert.ThrowsAsync<StateUnavailableException>(() => state.PushAsync("a", "1"));
            await state.PushAsync("a", "2");
        }

        Assert.Equal((1, 1), (state.Log.Count(4101), state.Log.Count(4102)));
        state.Time.Advance(TimeSpan.FromMinutes(1));
        table.Next = new SqliteException("database or disk is full", 13);
        await Assert.ThrowsAsync<StateUnavailableException>(() => state.PushAsync("a", "1"));
        Assert.Equal(2, state.Log.Count(4101));
        Assert.Equal(51, state.Database.Figures().CommitFailures);
    }

    [RequiresRootFact]
    public async Task A_full_disk_refuses_pushes_serves_reads_and_recovers_when_there_is_room()
    {
        using var mount = new SmallMount(_folder, kibibytes: 1024);
        await using (var state = await TestState.StartAsync(_folder))
        {
            await state.PushAsync("kept", "1", null, ("ttl", "1h"));
            var ballast = mount.Fill();
            var refusal = await RefusedAsync(state);
            Assert.Equal("The disk of the state directory is full.", refusal.Message);
            Assert.False(state.Database.Figures().Available);
            Assert.Contains("kept 1", state.Samples(), StringComparer.Ordinal);
            File.Delete(ballast);
            await state.PushAsync("kept", "3");
            Assert.True(state.Database.Figures().Available);
            Assert.Contains("kept 3", state.Samples(), StringComparer.Ordinal);
        }

        await using var again = await TestState.StartAsync(_folder);
        Assert.Contains("kept 3", again.Samples(), StringComparer.Ordinal);
        Assert.Equal(0, again.Database.Figures().Quarantines);
    }

    [RequiresRootFact]
    public async Task The_service_starts_on_a_full_disk_with_what_it_held()
    {
        using var mount = new SmallMount(_folder, kibibytes: 1024);
        await using (var first = await TestState.StartAsync(_folder)) await first.PushAsync("kept", "1");
        var ballast = mount.Fill();
        await using var state = await TestState.StartAsync(_folder);
        Assert.Equal(["kept 1"], state.Samples());
        await RefusedAsync(state);
        Assert.Equal(0, state.Database.Figures().Quarantines);
        File.Delete(ballast);
        await RecoverAsync(state);
        await state.PushAsync("kept", "2");
        Assert.Contains("kept 2", state.Samples(), StringComparer.Ordinal);
    }

    [RequiresRootFact]
    public async Task The_service_starts_on_a_read_only_disk_and_serves_what_it_held()
    {
        using var copy = new TempFolder();
        await using (var first = await TestState.StartAsync(copy))
        {
            await first.PushAsync("kept", "1"); // only in the log, as after a power cut
            using var mount = new SmallMount(_folder, kibibytes: 8192);
            first.CopyTo(_folder);
            mount.SetReadOnly(true);
            await using var state = await TestState.StartAsync(_folder);
            Assert.False(state.Database.Figures().Available);
            Assert.Equal(["kept 1"], state.Samples());
            Assert.Equal(1, state.Log.Count(4104));
            await RefusedAsync(state);
            mount.SetReadOnly(false);
            await RecoverAsync(state);
            await state.PushAsync("kept", "2");
            Assert.Equal(["kept 2"], state.Samples());
            await state.Database.StopAsync(default);
        }
    }

    /// <summary>Pushes until one is refused: the log may have room for some.</summary>
    private static async Task<StateUnavailableException> RefusedAsync(TestState state)
    {
        for (var i = 0; i < 2000; i++)
        {
            try
            {
                await state.PushAsync("filler", "1", $"a long enough instance to fill pages {new string('x', 300)} {i}");
            }
            catch (StateUnavailableException e)
            {
                return e;
            }
        }

        throw new InvalidOperationException("No push was refused.");
    }

    /// <summary>Lets the pauses between attempts pass.</summary>
    private static async Task RecoverAsync(TestState state)
    {
        for (var i = 0; i < 100 && !state.Database.Figures().Available; i++)
        {
            state.Time.Advance(TimeSpan.FromMinutes(1));
            try
            {
                await state.Database.FlushAsync(default);
            }
            catch (StateUnavailableException)
            {
                // Not yet.
            }
        }

        Assert.True(state.Database.Figures().Available);
    }

    [LibraryImport("libc", EntryPoint = "mkfifo", StringMarshalling = StringMarshalling.Utf8)]
    private static partial int MakePipe(string path, uint mode);
}
