using Gateway.Buffering;
using Gateway.Exposition;

namespace Gateway.Replay;

/// <summary>
/// One scrape of one consumer, from the request to the end of the answer: says what to write, and settles by how the writing went. Dispose it before the samples
/// it was prepared with are given back. Not thread-safe.
/// </summary>
internal sealed class ScrapeTurn(ReplayService replay, ConsumerQueue? queue, SnapshotKind kind, TimeSpan patience, SequenceRanges poison) : IAsyncDisposable
{
    /// <summary>Gives the position of a page, and lets a query find out whether it was stored.</summary>
    private static readonly MetricFamily Marker = MetricFamily.Gauge(
        "gateway_replay_page", "Number of the last snapshot on a page that was handed over; its time is the newest one of the page.",
        "consumer", "endpoint");

    /// <summary>Part of the patience that a scrape may wait for a snapshot that is being taken: it had begun before this one, so it is nearly done.</summary>
    private const int SnapshotShare = 4;

    private readonly long _start = replay.Time.GetTimestamp();
    private SnapshotPage? _page;
    private PageTicket? _ticket;
    private BatchMerger? _live;
    private DateTimeOffset _at;
    private Task<SnapshotStamp?>? _recording;
    private bool _isWritten;
    private bool _isSettled;

    /// <summary>Decides what to write. Null: the live samples, plain. Otherwise a page, which holds the live samples as far as they may be in it.</summary>
    /// <param name="live">What was collected; held by the caller until this turn is disposed of.</param>
    /// <param name="at">When it was collected.</param>
    /// <param name="cancellationToken">Nobody waits for the answer any more.</param>
    public async Task<SnapshotPage?> PrepareAsync(BatchMerger live, DateTimeOffset at, CancellationToken cancellationToken)
    {
        (_live, _at) = (live, at);
        if (queue is null || await replay.DecideAsync(queue, poison, patience / SnapshotShare, cancellationToken) == PresenceState.Present)
        {
            // Somebody else is away: what this one gets is recorded for him, while it is written.
            if (kind == SnapshotKind.Metrics && replay.IsRecording(kind)) _recording = RecordAsync(live, CancellationToken.None);
            return null;
        }

        var stamp = await RecordAsync(live, cancellationToken);
        _page = replay.Pages.Take();
        await ReadAsync(_page, queue, stamp, cancellationToken);
        // Everything the queue named is gone from the disk: nothing to hand over after all.
        if (_page.SampleCount == 0) return null;
        Mark(_page, queue);
        _page.Complete();
        return _page;
    }

    /// <summary>The answer was written to its end.</summary>
    public void Written() => _isWritten = true;

    /// <summary>Settles; a second call does nothing.</summary>
    public async ValueTask DisposeAsync()
    {
        if (_isSettled) return;
        _isSettled = true;
        var elapsed = replay.Time.GetElapsedTime(_start);
        // Whoever asked has given up by then, whatever the socket says.
        var written = _isWritten && elapsed <= patience;
        if (queue is not null)
        {
            replay.Answered(queue, _ticket, written, slow: elapsed > patience / 2);
            if (!written && _ticket is null && _live is not null) await OweAsync(queue, _live);
        }

        if (_recording is not null) await _recording;
        if (_page is not null) replay.Pages.GiveBack(_page);
    }

    /// <summary>A plain answer broke off: its samples are recorded, unless they are already.</summary>
    private async Task OweAsync(ConsumerQueue owed, BatchMerger live)
    {
        if (kind != SnapshotKind.Metrics) return;
        var stamp = _recording is not null ? await _recording : await RecordAsync(live, CancellationToken.None);
        if (stamp is { } known) replay.Owe(owed, known.Sequence);
    }

    private async Task<SnapshotStamp?> RecordAsync(BatchMerger live, CancellationToken cancellationToken)
    {
        if (kind == SnapshotKind.Metrics) replay.Recorder.NoteScrape();
        return await replay.Recorder.RecordAsync(kind, live, _at, cancellationToken);
    }

    private async Task ReadAsync(SnapshotPage page, ConsumerQueue from, SnapshotStamp? live, CancellationToken cancellationToken)
    {
        var (backlog, limit) = await replay.AskAsync(from, live?.Sequence, cancellationToken);
        for (; ; )
        {
            await ReadAsync(page, backlog, live, limit, cancellationToken);
            var bytes = page.EstimateTextBytes();
            if (bytes <= replay.Options.MaxPageBytes || page.SnapshotCount <= SmallestPage(live)) return;
            // The next try is a little smaller than what the bytes ask for, so that it is the last one.
            limit = (int)Math.Min(limit * 0.9, page.SampleCount * (double)replay.Options.MaxPageBytes / bytes * 0.9);
            page.Clear();
        }
    }

    /// <summary>Snapshots that a page has at least, whatever they weigh: one that is missing, and with a window the live one.</summary>
    private int SmallestPage(SnapshotStamp? live) => replay.Options.HasWindow && live is not null ? 2 : 1;

    /// <summary>
    /// Without a window nothing that is newer may come before what is older, so the live samples are on the last page only; with one they are on every page.
    /// </summary>
    private async Task ReadAsync(SnapshotPage page, SequenceRanges backlog, SnapshotStamp? stamp, int limit, CancellationToken cancellationToken)
    {
        if (!replay.Options.HasWindow || stamp is not { } known)
        {
            await replay.Buffer.ReadAsync(new PageQuery(kind, backlog, limit), page, cancellationToken);
            return;
        }

        var live = SequenceRanges.Of(known.Sequence, known.Sequence);
        var older = backlog.Except(live);
        if (!older.IsEmpty) await replay.Buffer.ReadAsync(new PageQuery(kind, older, Math.Max(1, limit - known.Samples)), page, cancellationToken);
        await replay.Buffer.ReadAsync(new PageQuery(kind, live, int.MaxValue), page, cancellationToken);
    }

    private void Mark(SnapshotPage page, ConsumerQueue from)
    {
        var last = page.Covered.Ranges[^1].Last;
        _ticket = new PageTicket(page.Covered, page.SampleCount, page.SnapshotCount, page.NewestMs, last) { IsDoubtful = replay.IsJustStarted() };
        page.Add(page.SlotOf(Marker, Series.Create(Marker, [from.Name, from.Endpoint])), page.NewestMs, last);
        replay.HandOut(from, _ticket);
    }
}
