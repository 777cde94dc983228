using Gateway.Collectors;

namespace Gateway.Tests.Support;

/// <summary>A collector that does what a test says. Counts its runs, and notes when two of them overlapped.</summary>
internal sealed class ScriptedCollector(Func<MetricSink, CancellationToken, ValueTask> run) : ICollector, IDisposable
{
    private int _running;

    public ScriptedCollector(Action<MetricSink> run)
        : this((sink, _) =>
        {
            run(sink);
            return ValueTask.CompletedTask;
        })
    {
    }

    public int Runs { get; private set; }

    public int Disposals { get; private set; }

    public bool Overlapped { get; private set; }

    public Exception? ThrowOnDispose { get; init; }

    public async ValueTask CollectAsync(MetricSink sink, CancellationToken cancellationToken)
    {
        if (Interlocked.Increment(ref _running) > 1) Overlapped = true;
        Runs++;
        try
        {
            await run(sink, cancellationToken);
        }
        finally
        {
            Interlocked.Decrement(ref _running);
        }
    }

    public void Dispose()
    {
        Disposals++;
        if (ThrowOnDispose is { } exception) throw exception;
    }
}

/// <summary>A collector that waits until a test lets it go on.</summary>
/// <param name="obeys">Whether it returns when it is cancelled.</param>
/// <param name="then">What it adds when it has gone on.</param>
internal sealed class GatedCollector(bool obeys, Action<MetricSink>? then = null) : ICollector
{
    private readonly Lock _lock = new();
    private TaskCompletionSource _gate = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private TaskCompletionSource _entered = new(TaskCreationOptions.RunContinuationsAsynchronously);

    public int Runs { get; private set; }

    /// <summary>The token of the last run.</summary>
    public CancellationToken Token { get; private set; }

    /// <summary>Ends when the next run (or the one under way) has begun.</summary>
    public Task Entered
    {
        get { lock (_lock) return _entered.Task; }
    }

    public async ValueTask CollectAsync(MetricSink sink, CancellationToken cancellationToken)
    {
        Runs++;
        Token = cancellationToken;
        Task gate;
        lock (_lock)
        {
            gate = _gate.Task;
            _entered.TrySetResult();
        }

        if (obeys) await gate.WaitAsync(cancellationToken);
        else await gate;
        then?.Invoke(sink);
    }

    /// <summary>Lets the run under way go on; the next one waits again.</summary>
    public void Release()
    {
        TaskCompletionSource gate;
        lock (_lock)
        {
            gate = _gate;
            _gate = new(TaskCreationOptions.RunContinuationsAsynchronously);
            _entered = new(TaskCreationOptions.RunContinuationsAsynchronously);
        }

        gate.SetResult();
    }
}
