using System.Threading.Channels;
using Gateway.Buffering;

namespace Gateway.Replay;

/// <summary>
/// Records pushes while a consumer of the pushed values is away, each with its own time, and remembers those since the last scrape for the case that it turns out
/// to have been the last one. Called by one thread (<see cref="Push"/>); everything else by any.
/// </summary>
internal sealed class PushRecorder : IAsyncDisposable
{
    /// <summary>Pushes waiting for the buffer; whoever pushes more waits a little longer for the answer.</summary>
    private const int MaxBatch = 5_000;

    /// <summary>A time this close to the present is the one of the push itself, not one that the script gave.</summary>
    private const int OwnTimeMs = 1000;

    private readonly SnapshotRecorder _recorder;
    private readonly ReplayService _replay;
    private readonly ReplayOptions _options;
    private readonly TimeProvider _time;
    private readonly ILogger<PushRecorder> _logger;
    private readonly Channel<(PushedEvent Event, TaskCompletionSource Done)> _waiting =
        Channel.CreateUnbounded<(PushedEvent, TaskCompletionSource)>(new UnboundedChannelOptions { SingleReader = true });

    private readonly Task _loop;
    private readonly Lock _lock = new();

    /// <summary>Last time recorded by series, so that times increase; emptied when nobody is away.</summary>
    private readonly Dictionary<string, long> _lastTimes = new(StringComparer.Ordinal);

    /// <summary>Pushes since the last scrape, oldest first.</summary>
    private readonly Queue<PushedEvent> _recent = new();

    private bool _wasRecording;
    private long _forgotten;
    private long _backward;

    public PushRecorder(SnapshotRecorder recorder, ReplayService replay, ReplayOptions options, TimeProvider time, ILogger<PushRecorder> logger)
    {
        (_recorder, _replay, _options, _time, _logger) = (recorder, replay, options, time, logger);
        _loop = Task.Run(RunAsync);
    }

    /// <summary>Pushes left out because the series had a newer or equal time already.</summary>
    public long Backward => Interlocked.Read(ref _backward);

    /// <summary>Pushes before an absence that were not remembered.</summary>
    public long Forgotten => Interlocked.Read(ref _forgotten);

    /// <summary>A push that is durable as the last value of its series. Returns what to wait for before its sender is answered.</summary>
    public Task Push(PushedEvent pushed)
    {
        if (_replay.IsRecording(SnapshotKind.Pushes))
        {
            List<PushedEvent> before;
            lock (_lock) before = _wasRecording ? [] : Begin();
            foreach (var earlier in before) _ = Enqueue(earlier);
            return Enqueue(pushed);
        }

        lock (_lock)
        {
            if (_wasRecording) _lastTimes.Clear();
            _wasRecording = false;
            if (_options.MaxRecentPushes == 0) return Task.CompletedTask;
            if (_recent.Count >= _options.MaxRecentPushes)
            {
                _recent.Dequeue();
                _forgotten++;
            }

            _recent.Enqueue(pushed);
        }

        return Task.CompletedTask;
    }

    /// <summary>An absence has begun, perhaps without a push since: what was pushed since the last scrape belongs to it.</summary>
    public void AbsenceBegan()
    {
        List<PushedEvent> before;
        lock (_lock)
        {
            if (_wasRecording) return;
            before = Begin();
        }

        foreach (var earlier in before) _ = Enqueue(earlier);
    }

    /// <summary>A scrape got through: what was pushed before is known by its last values.</summary>
    public void Scraped(DateTimeOffset at)
    {
        var ms = at.ToUnixTimeMilliseconds();
        lock (_lock)
        {
            while (_recent.TryPeek(out var oldest) && oldest.TimeMs <= ms) _recent.Dequeue();
        }
    }

    /// <summary>Records what waits and takes no more.</summary>
    public async Task CompleteAsync()
    {
        _waiting.Writer.TryComplete();
        await _loop;
    }

    public async ValueTask DisposeAsync() => await CompleteAsync();

    private List<PushedEvent> Begin()
    {
        _wasRecording = true;
        if (_forgotten > 0) _logger.RecentPushesDropped(_forgotten);
        List<PushedEvent> before = [.. _recent];
        _recent.Clear();
        return before;
    }

    private Task Enqueue(PushedEvent pushed)
    {
        var done = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        return _waiting.Writer.TryWrite((pushed, done)) ? done.Task : Task.CompletedTask;
    }

    private async Task RunAsync()
    {
        List<PushedEvent> events = [];
        List<TaskCompletionSource> senders = [];
        while (await _waiting.Reader.WaitToReadAsync())
        {
            while (events.Count < MaxBatch && _waiting.Reader.TryRead(out var next))
            {
                senders.Add(next.Done);
                if (TryStamp(next.Event, out var stamped)) events.Add(stamped);
            }

            try
            {
                await _recorder.RecordAsync(events, CancellationToken.None);
            }
            catch (ObjectDisposedException)
            {
                // The service stops: the last values are safe, these points are lost with the memory they were in.
            }

            // The value itself is durable; the buffer says by itself when the disk takes nothing.
            foreach (var sender in senders) sender.TrySetResult();
            events.Clear();
            senders.Clear();
        }
    }

    /// <summary>Times of a series increase and none is ahead of the clock, or Prometheus would refuse them.</summary>
    private bool TryStamp(PushedEvent pushed, out PushedEvent stamped)
    {
        var now = _time.GetUtcNow().ToUnixTimeMilliseconds();
        // A little ahead is what the script said; more than that would be refused.
        var time = pushed.TimeMs > now + ReplayService.FutureTolerance.TotalMilliseconds ? now : pushed.TimeMs;
        var key = pushed.Series.ToString();
        lock (_lock)
        {
            if (_lastTimes.TryGetValue(key, out var last) && time <= last)
            {
                var isOwnTime = now - time < OwnTimeMs;
                if (!isOwnTime)
                {
                    // An older explicit time, one that Prometheus would not take.
                    _backward++;
                    stamped = default;
                    return false;
                }

                // Two within a millisecond are two points; what lies further ahead was stamped by a clock that has been set back since.
                if (last - time < SnapshotRecorder.SmallStep.TotalMilliseconds) time = last + 1;
            }

            _lastTimes[key] = time;
        }

        stamped = pushed with { TimeMs = time };
        return true;
    }
}
