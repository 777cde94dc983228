using Gateway.Buffering.Outlets;
using Gateway.Exposition;
using Gateway.TestKit;
using Microsoft.Extensions.Logging;

namespace Gateway.Buffering.Tests.Outlets;

/// <summary>One target over a buffer in memory, stepped by hand.</summary>
internal sealed class TargetRig : IDisposable
{
    public const string Name = "t";

    private readonly Shelf _shelf;
    private readonly TargetBacklogs _backlogs;

    public TargetRig(RemoteWriteOptions? options = null, FakeReceiver? receiver = null, MemorySnapshotBuffer? buffer = null)
    {
        Options = options ?? new RemoteWriteOptions { Mode = RemoteWriteMode.Always };
        Receiver = receiver ?? new FakeReceiver();
        Buffer = buffer ?? new MemorySnapshotBuffer();
        Tally = new RemoteWriteTally(new RemoteWriteTargetOptions { Url = "http://target/api/v1/write", Name = Name }, Time, Log);
        _shelf = new Shelf(Buffer);
        _backlogs = new TargetBacklogs(Buffer, _shelf, Time);
        _backlogs.StartAsync([Name], Options.EffectiveMode, CancellationToken.None).GetAwaiter().GetResult();
        Target = new RemoteWriteTarget(Name, Options, Buffer, _backlogs, Receiver, Tally, Time, new Random(1));
    }

    public ManualTimeProvider Time { get; } = new();

    public RecordingLogger Log { get; } = new();

    public RemoteWriteOptions Options { get; }

    public FakeReceiver Receiver { get; }

    public MemorySnapshotBuffer Buffer { get; }

    public RemoteWriteTally Tally { get; }

    public RemoteWriteTarget Target { get; }

    public RemoteWriteFigures Figures => Tally.Figures([]);

    public long Now => Time.GetUtcNow().ToUnixTimeMilliseconds();

    public static Series[] Gauges(int count) => [.. Enumerable.Range(0, count).Select(i => Series.Create(MetricFamily.Gauge($"g{i / 10}", "", "i"), [$"{i}"]))];

    /// <summary>Appends snapshots that end now, a quarter of a minute apart.</summary>
    public void Fill(int snapshots, Series[] series)
    {
        for (var i = 0; i < snapshots; i++) Buffer.Append(Now - ((snapshots - 1 - i) * 15_000), series.Select((one, at) => (one, (i * 1000.0) + at)));
    }

    /// <summary>Steps until there is nothing to send; pauses take no time. Returns the pauses.</summary>
    public async Task<List<TimeSpan>> DrainAsync(int maxSteps = 100_000)
    {
        var pauses = new List<TimeSpan>();
        for (var i = 0; i < maxSteps; i++)
        {
            var pause = await Target.StepAsync(CancellationToken.None);
            if (pause is null) return pauses;
            if (pause > TimeSpan.Zero) pauses.Add(pause.Value);
            Time.Advance(pause.Value);
        }

        throw new InvalidOperationException($"Not drained after {maxSteps} steps.");
    }

    public SequenceRanges Backlog(SnapshotKind kind = SnapshotKind.Metrics) => Buffer.Readers.Single(reader => reader.Kind == kind && reader.Name == "remote-write/" + Name).Backlog;

    public void Dispose()
    {
        Target.Dispose();
        _backlogs.Dispose();
        _shelf.Dispose();
    }
}

/// <summary>Keeps the lines of the log.</summary>
internal sealed class RecordingLogger : ILogger
{
    private readonly Lock _lock = new();
    private readonly List<(int Id, LogLevel Level, string Text)> _lines = [];

    public IReadOnlyList<(int Id, LogLevel Level, string Text)> Lines
    {
        get { lock (_lock) return [.. _lines]; }
    }

    public IDisposable? BeginScope<TState>(TState state)
        where TState : notnull => null;

    public bool IsEnabled(LogLevel logLevel) => true;

    public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter)
    {
        lock (_lock) _lines.Add((eventId.Id, logLevel, formatter(state, exception)));
    }
}
