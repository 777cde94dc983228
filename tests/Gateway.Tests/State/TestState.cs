using Gateway.Exposition;
using Gateway.Push;
using Gateway.Sqlite;
using Gateway.State;
using Gateway.TestKit;
using Microsoft.Extensions.Logging.Abstractions;
using Xunit;

namespace Gateway.Tests.State;

/// <summary>State database, scrape record and push store on a folder and a clock moved by hand, wired as the service wires them.</summary>
internal sealed class TestState : IAsyncDisposable
{
    public TestState(string directory, ManualTimeProvider? time = null, PushOptions? options = null, params IStateTable[] more)
    {
        Directory = directory;
        Time = time ?? new ManualTimeProvider();
        Database = new StateDatabase(new StateOptions { Directory = directory }, Time, Log);
        Scrapes = new StateStore(Database, Time);
        var results = new PushResults();
        var pushOptions = options ?? new PushOptions();
        Pushes = new PushStore(Database, pushOptions, results, Time, NullLogger<PushStore>.Instance);
        Requests = new PushRequest(pushOptions, results, Time);
        Database.Register(Scrapes);
        Database.Register(Pushes);
        foreach (var table in more)
        {
            if (table is FaultTable fault) fault.Beside = Pushes;
            Database.Register(table);
        }
    }

    public string Directory { get; }

    public string File => Path.Join(Directory, StateFile.FileName);

    public ManualTimeProvider Time { get; }

    public EventLog<StateDatabase> Log { get; } = new();

    public StateDatabase Database { get; }

    public StateStore Scrapes { get; }

    public PushStore Pushes { get; }

    public PushRequest Requests { get; }

    public static async Task<TestState> StartAsync(string directory, ManualTimeProvider? time = null, PushOptions? options = null, params IStateTable[] more)
    {
        var state = new TestState(directory, time, options, more);
        await state.Database.StartAsync(CancellationToken.None);
        return state;
    }

    public Task PushAsync(string metric, string value, string? instance = null, params (string Name, string Value)[] query) =>
        Pushes.SetAsync(Requests.Insert(metric, instance, value, Pairs(query)), CancellationToken.None);

    public Task DeleteAsync(string metric, string? instance = null, params (string Name, string Value)[] query) =>
        Pushes.DeleteAsync(Requests.Delete(metric, instance, Pairs(query)), CancellationToken.None);

    /// <summary>The whole exposition.</summary>
    public string Text(ExpositionFormat format = ExpositionFormat.Text)
    {
        using var snapshot = Pushes.Snapshot();
        return Exposed.Text(snapshot.Batch, format);
    }

    /// <summary>The exposition without header lines.</summary>
    public string[] Samples() => [.. Text().Split('\n').Where(line => line.Length > 0 && line[0] != '#')];

    /// <summary>Copies the files of the running database to another folder, as a power cut would leave them.</summary>
    public void CopyTo(string folder)
    {
        foreach (var suffix in (string[])["", "-wal"])
        {
            if (System.IO.File.Exists(File + suffix)) System.IO.File.Copy(File + suffix, Path.Join(folder, StateFile.FileName + suffix));
        }
    }

    public async ValueTask DisposeAsync()
    {
        await Database.DisposeAsync();
        Scrapes.Dispose();
    }

    private static IEnumerable<KeyValuePair<string, string>> Pairs((string Name, string Value)[] query) =>
        query.Select(option => KeyValuePair.Create(option.Name, option.Value));
}

/// <summary>Holds the writer loop until it is opened, so that writes pile up behind it.</summary>
internal sealed class Gate : StateWork, IDisposable
{
    private readonly ManualResetEventSlim _open = new();
    private readonly ManualResetEventSlim _reached = new();

    public void Open() => _open.Set();

    public void WaitUntilReached() => Assert.True(_reached.Wait(TimeSpan.FromSeconds(30)), "the writer loop took no work");

    public override void Prepare()
    {
        _reached.Set();
        _open.Wait(TimeSpan.FromSeconds(30));
    }

    public override void Complete()
    {
        // Only a gate.
    }

    public override void Fail(StateUnavailableException fault)
    {
        // Only a gate.
    }

    public void Dispose()
    {
        _open.Dispose();
        _reached.Dispose();
    }
}

/// <summary>A table without rows that throws when told to.</summary>
internal sealed class FaultTable : IStateTable
{
    /// <summary>Thrown by the next write, once.</summary>
    public Exception? Next { get; set; }

    /// <summary>
    /// The table whose write is to fail: the fault waits for a transaction of that one. The loop takes turns that nobody asked for, and one of those must not
    /// use the fault up.
    /// </summary>
    public IStateTable? Beside { get; set; }

    public bool HasChanges => Next is not null && Beside is not { HasChanges: false };

    public void Load(SqliteDatabase database)
    {
        // No rows.
    }

    public void Refill(SqliteDatabase database)
    {
        // No rows.
    }

    public void Gather(bool last)
    {
        // Nothing is due.
    }

    public void Write(SqliteDatabase database)
    {
        var fault = Next;
        Next = null;
        if (fault is not null) throw fault;
    }

    public void Committed()
    {
        // No rows.
    }

    public void RolledBack()
    {
        // No rows.
    }
}
