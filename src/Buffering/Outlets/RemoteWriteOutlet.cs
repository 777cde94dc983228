using Microsoft.Extensions.Logging;

namespace Gateway.Buffering.Outlets;

/// <summary>
/// Remote write 1.0 as a way out of the buffer: one loop per target brings it what <see cref="TargetBacklogs"/> says that it has still to get. Without
/// targets it does nothing. Nothing here blocks a caller or throws because of a target.
/// </summary>
/// <remarks>
/// Order of calls: the buffer's <c>StartAsync</c>, <see cref="StartAsync"/>, then any thread may call the others; <see cref="StopAsync"/> before the buffer
/// is disposed. Memory: a page per target, about <see cref="RemoteWriteOptions.MaxSamplesPerRequest"/> samples, or one snapshot where that is larger.
/// </remarks>
public sealed class RemoteWriteOutlet : IAsyncDisposable
{
    /// <summary>The buffer is looked at so often without a call of <see cref="Wake"/>: for snapshots whose time has come, and for calls that were
    /// forgotten.</summary>
    private static readonly TimeSpan Poll = TimeSpan.FromSeconds(30);

    private readonly ISnapshotBuffer _buffer;
    private readonly TimeProvider _time;
    private readonly ILogger _logger;
    private readonly Shelf _shelf;
    private readonly TargetBacklogs _backlogs;
    private readonly RemoteWriteOptions _options;
    private readonly Loop[] _loops;
    private readonly CancellationTokenSource _stopped = new();
    private readonly CancellationTokenSource _aborted = new();
    private Task _running = Task.CompletedTask;

    /// <summary>An outlet that does nothing yet.</summary>
    /// <param name="options">Checked, <see cref="RemoteWriteOptions.CheckWhole"/> included.</param>
    /// <param name="buffer">Not disposed here.</param>
    /// <param name="shelf">Where whoever cannot deliver by scrape puts snapshots aside; not disposed here.</param>
    /// <param name="time">The clock of pauses and time limits.</param>
    /// <param name="logger">Event ids 2100 to 2199.</param>
    public RemoteWriteOutlet(RemoteWriteOptions options, ISnapshotBuffer buffer, Shelf shelf, TimeProvider time, ILogger<RemoteWriteOutlet> logger)
        : this(options, buffer, shelf, time, logger, target => new RemoteWriteClient(target, options.Timeout, time), new Random())
    {
    }

    internal RemoteWriteOutlet(
        RemoteWriteOptions options, ISnapshotBuffer buffer, Shelf shelf, TimeProvider time, ILogger logger,
        Func<RemoteWriteTargetOptions, IWriteSender> senders, Random random)
    {
        (_options, _buffer, _shelf, _time, _logger) = (options, buffer, shelf, time, logger);
        _backlogs = new TargetBacklogs(buffer, shelf, time);
        _loops = options.EffectiveMode == RemoteWriteMode.Off ? [] : [.. options.AllTargets.Select(CreateLoop)];

        Loop CreateLoop(RemoteWriteTargetOptions target)
        {
            var tally = new RemoteWriteTally(target, time, logger);
            // A source of chance of its own: loops run side by side.
            var sending = new RemoteWriteTarget(target.EffectiveName, options, buffer, _backlogs, senders(target), tally, time, new Random(random.Next()));
            return new Loop(target.EffectiveName, sending, tally);
        }
    }

    /// <summary>What it is for.</summary>
    public RemoteWriteMode Mode => _options.EffectiveMode;

    /// <summary>The numbers of each target, in order of the configuration; cheap.</summary>
    public IReadOnlyList<RemoteWriteFigures> Figures => [.. _loops.Select(loop => loop.Tally.Figures(Backlog(loop)))];

    /// <summary>Brings the readers of the buffer in line with the configuration and begins to send.</summary>
    public async Task StartAsync(CancellationToken cancellationToken)
    {
        await _backlogs.StartAsync([.. _loops.Select(loop => loop.Name)], Mode, cancellationToken);
        foreach (var loop in _loops) _logger.RemoteWriteStarted(loop.Name, Mode, Backlog(loop).Sum(size => size.Snapshots));
        _shelf.Added += OnAdded;
        _running = Task.WhenAll(_loops.Select(loop => Task.Run(() => RunAsync(loop), CancellationToken.None)));
    }

    /// <summary>There may be something to send: a snapshot was appended (what is put on the shelf tells by itself). Quick; a pause that runs is not cut
    /// short.</summary>
    public void Wake()
    {
        foreach (var loop in _loops) loop.Signal.Set();
    }

    /// <summary>Stops: requests under way may end until the token is cancelled, then they are broken off and sent again after the next start.</summary>
    public async Task StopAsync(CancellationToken cancellationToken)
    {
        _shelf.Added -= OnAdded;
        await _stopped.CancelAsync();
        try
        {
            await _running.WaitAsync(cancellationToken);
        }
        catch (OperationCanceledException)
        {
            await _aborted.CancelAsync();
            await _running;
        }

        _running = Task.CompletedTask;
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        _shelf.Added -= OnAdded;
        await _stopped.CancelAsync();
        await _aborted.CancelAsync();
        await _running;
        foreach (var loop in _loops) loop.Target.Dispose();
        _backlogs.Dispose();
        _stopped.Dispose();
        _aborted.Dispose();
    }

    private void OnAdded(SnapshotKind kind) => Wake();

    private BacklogSize[] Backlog(Loop loop)
    {
        var name = BufferReader.RemoteWritePrefix + loop.Name;
        var backlog = new BacklogSize[Enum.GetValues<SnapshotKind>().Length];
        foreach (var reader in _buffer.Readers)
        {
            if (reader.Name == name) backlog[(int)reader.Kind] = _buffer.Measure(reader.Kind, reader.Backlog);
        }

        return backlog;
    }

    private async Task RunAsync(Loop loop)
    {
        while (!_stopped.IsCancellationRequested)
        {
            try
            {
                var pause = await loop.Target.StepAsync(_aborted.Token);
                if (pause is null) await loop.Signal.WaitAsync(Poll, _time, _stopped.Token);
                else if (pause > TimeSpan.Zero) await Task.Delay(pause.Value, _time, _stopped.Token);
            }
            catch (OperationCanceledException) when (_stopped.IsCancellationRequested)
            {
                break;
            }
            catch (Exception e)
            {
                await RecoverAsync(loop, e);
            }
        }

        var left = Backlog(loop);
        _logger.RemoteWriteStopped(loop.Name, left.Sum(size => size.Snapshots), left.Sum(size => size.Samples));
    }

    /// <summary>A fault of our own must not end the loop, nor run round in it.</summary>
    private async Task RecoverAsync(Loop loop, Exception exception)
    {
        _logger.RemoteWriteStepFailed(loop.Name, exception);
        loop.Target.Drop();
        try
        {
            await Task.Delay(_options.MaxBackoff, _time, _stopped.Token);
        }
        catch (OperationCanceledException)
        {
            // Stopping ends the pause.
        }
    }

    private sealed record Loop(string Name, RemoteWriteTarget Target, RemoteWriteTally Tally)
    {
        public WakeSignal Signal { get; } = new();
    }
}
