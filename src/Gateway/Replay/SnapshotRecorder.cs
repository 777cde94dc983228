using Gateway.Buffering;
using Gateway.Exposition;

namespace Gateway.Replay;

/// <summary>Puts snapshots into the buffer, one after the other, with times that increase. Any thread.</summary>
internal sealed class SnapshotRecorder(ISnapshotBuffer buffer, TimeProvider time) : IDisposable
{
    /// <summary>
    /// A time that is not after the one before, but no further back than this, becomes the next millisecond: two snapshots at once, a clock that was trimmed. What
    /// lies further back is a clock that was set, and takes its own time.
    /// </summary>
    public static readonly TimeSpan SmallStep = TimeSpan.FromSeconds(5);

    private readonly SemaphoreSlim _turn = new(1);
    private readonly SnapshotDraft _draft = new();
    private readonly long[] _lastMs = [long.MinValue, long.MinValue];
    private long _scraped = long.MinValue;

    /// <summary>Told after each snapshot; must return at once and not throw.</summary>
    public Action? Appended { get; set; }

    /// <summary>Time since a scrape brought a snapshot of the collectors; null when none has.</summary>
    public TimeSpan? SinceScraped => Interlocked.Read(ref _scraped) is var at and not long.MinValue ? time.GetElapsedTime(at) : null;

    /// <summary>A scrape brought a snapshot of the collectors.</summary>
    public void NoteScrape() => Interlocked.Exchange(ref _scraped, time.GetTimestamp());

    /// <summary>Reads where the times of an earlier run ended; once, after the buffer has started.</summary>
    public void Continue()
    {
        foreach (var kind in Enum.GetValues<SnapshotKind>())
        {
            if (buffer.Newest(kind) is { } newest) _lastMs[(int)kind] = newest.TimeMs;
        }
    }

    /// <summary>Records what a scrape shows. Null when there is nothing in it.</summary>
    /// <param name="kind">Its kind.</param>
    /// <param name="exposition">Held by the caller until the task has ended.</param>
    /// <param name="at">When it was collected.</param>
    /// <param name="cancellationToken">Ends the wait for the turn of others; the snapshot itself is taken to its end.</param>
    public async Task<SnapshotStamp?> RecordAsync(SnapshotKind kind, BatchMerger exposition, DateTimeOffset at, CancellationToken cancellationToken)
    {
        await _turn.WaitAsync(cancellationToken);
        try
        {
            _draft.Reset(kind, NextMs(kind, at.ToUnixTimeMilliseconds()));
            _draft.AddAll(exposition);
            return await AppendAsync();
        }
        finally
        {
            _turn.Release();
        }
    }

    /// <summary>Records events, each with its own time; of one series they increase. Null when there are none.</summary>
    public async Task<SnapshotStamp?> RecordAsync(IReadOnlyList<PushedEvent> events, CancellationToken cancellationToken)
    {
        if (events.Count == 0) return null;
        await _turn.WaitAsync(cancellationToken);
        try
        {
            _draft.Reset(SnapshotKind.Pushes, events[0].TimeMs);
            foreach (var pushed in events) _draft.Add(pushed.Series.Family, pushed.Series, pushed.Value, pushed.TimeMs);
            return await AppendAsync();
        }
        finally
        {
            _turn.Release();
        }
    }

    public void Dispose() => _turn.Dispose();

    private async Task<SnapshotStamp?> AppendAsync()
    {
        if (_draft.Count == 0) return null;
        var stamp = await buffer.AppendAsync(_draft, CancellationToken.None);
        Appended?.Invoke();
        return stamp;
    }

    private long NextMs(SnapshotKind kind, long wantedMs)
    {
        ref var last = ref _lastMs[(int)kind];
        // Compared this way round, for the first value is the smallest there is.
        var isSmallStep = wantedMs <= last && wantedMs > last - SmallStep.TotalMilliseconds;
        last = isSmallStep ? last + 1 : wantedMs;
        return last;
    }
}

/// <summary>A push on its way into the buffer.</summary>
/// <param name="Series">Its series.</param>
/// <param name="Value">The value.</param>
/// <param name="TimeMs">Unix ms.</param>
internal readonly record struct PushedEvent(Series Series, double Value, long TimeMs);
