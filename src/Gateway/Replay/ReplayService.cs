using Gateway.Buffering;
using Gateway.Status;

namespace Gateway.Replay;

/// <summary>
/// Knows who is away, what is buffered for whom and what was handed over: the owner of all queues. Scrapes come in through <see cref="Begin"/>, time through
/// <see cref="TickAsync"/>, orders through <see cref="ForceAsync"/> and <see cref="OfferAgainAsync"/>. Any thread; one lock guards the queues, and nothing waits within it.
/// </summary>
internal sealed partial class ReplayService(
    ISnapshotBuffer buffer,
    Shelf shelf,
    SnapshotRecorder recorder,
    Heartbeats heartbeats,
    PageConfirmation confirmation,
    ReplayOptions options,
    GatewayOptions gateway,
    TimeProvider time,
    ILogger<ReplayService> logger) : IDisposable
{
    /// <summary>Stamps this far ahead of the clock are two machines' difference or the next millisecond; more comes from a clock that was wrong.</summary>
    public static readonly TimeSpan FutureTolerance = TimeSpan.FromSeconds(5);

    /// <summary>The consumer that a scrape without a name is.</summary>
    public const string DefaultConsumer = "default";

    /// <summary>What was buffered before anybody came is kept this long for consumers that come after the first one.</summary>
    private static readonly TimeSpan InheritanceTime = TimeSpan.FromHours(1);

    /// <summary>From the making of this object to the first answers: requests that waited in the queue of the socket come at once.</summary>
    private static readonly TimeSpan StartTime = TimeSpan.FromSeconds(2);

    /// <summary>Time after the start in which no consumer is forgotten.</summary>
    private static readonly TimeSpan ForgetNobody = TimeSpan.FromDays(1);

    private readonly Lock _lock = new();
    private readonly long _start = time.GetTimestamp();
    private readonly Dictionary<(string Consumer, SnapshotKind Kind), ConsumerQueue> _queues = [];
    private readonly long[,] _setAside = new long[Enum.GetValues<SnapshotKind>().Length, Enum.GetValues<SetAsideReason>().Length];
    private readonly PagePool _pages = new();
    private readonly SemaphoreSlim _saving = new(1);
    private DateTimeOffset? _inheritance;
    private SnapshotUnderWay? _underWay;
    private long _forgottenSamples;
    private bool _isAdopted;
    private bool _isContinued;
    private bool _isSnapshotWanted;
    private bool _tooManyLogged;

    /// <summary>Scrape intervals without a scrape after which a consumer is away.</summary>
    public TimeSpan AbsentAfter => gateway.ScrapeInterval * options.AbsentAfterIntervals;

    public ISnapshotBuffer Buffer => buffer;

    public SnapshotRecorder Recorder => recorder;

    public PageConfirmation Confirmation => confirmation;

    public ReplayOptions Options => options;

    public TimeProvider Time => time;

    public ILogger Logger => logger;

    public PagePool Pages => _pages;

    /// <summary>Reads what an earlier run left; after the buffer has started, before the first scrape.</summary>
    public void Continue()
    {
        recorder.Continue();
        lock (_lock)
        {
            Adopt();
            foreach (var beat in heartbeats.All())
            {
                foreach (var kind in Enum.GetValues<SnapshotKind>())
                {
                    if (beat.Endpoint == ConsumerQueue.EndpointOf(kind) && Add(beat.Consumer, kind) is { Seen: null } queue) queue.Seen = beat.Time;
                }
            }

            var isNamed = IsOnlyDefaultExpected && IsUnseen(DefaultConsumer) && _queues.Values.Any(queue => queue.Seen is not null);
            if (isNamed) _inheritance = time.GetUtcNow();
            foreach (var consumer in isNamed ? [] : options.Consumers)
            {
                foreach (var kind in Enum.GetValues<SnapshotKind>()) Add(consumer, kind);
            }
        }
    }

    /// <summary>A valid scrape has come: settles the page that its consumer was given before.</summary>
    /// <param name="kind">The endpoint.</param>
    /// <param name="consumer">Who asks; a checked name.</param>
    /// <param name="patience">Time after which nobody waits for the answer any more.</param>
    public ScrapeTurn Begin(SnapshotKind kind, string consumer, TimeSpan patience)
    {
        var poison = SequenceRanges.Empty;
        ConsumerQueue? queue;
        lock (_lock)
        {
            queue = options.Enabled ? Meet(consumer, kind) : null;
            if (queue is not null)
            {
                queue.Seen = time.GetUtcNow();
                queue.UnderWay++;
                poison = Settle(queue);
            }
        }

        return new ScrapeTurn(this, queue, kind, patience, poison);
    }

    /// <summary>Moves on what time moves on. Returns true when a snapshot is to be taken for somebody.</summary>
    public async Task<bool> TickAsync(TimeSpan clockStep, CancellationToken cancellationToken)
    {
        List<(ConsumerQueue Queue, SequenceRanges Ranges, SetAsideReason Reason)> aside = [];
        List<ConsumerQueue> forgotten = [];
        bool recording;
        lock (_lock)
        {
            var now = time.GetUtcNow();
            var orphans = _inheritance is { } begun && now - begun >= InheritanceTime;
            foreach (var queue in _queues.Values)
            {
                if (IsForgotten(queue) || (orphans && IsOrphan(queue))) forgotten.Add(queue);
                else Judge(queue);
            }

            if (orphans) _inheritance = null;

            foreach (var queue in forgotten)
            {
                _queues.Remove((queue.Name, queue.Kind));
                if (queue.Seen is not null) _forgottenSamples += buffer.Measure(queue.Kind, queue.Backlog).Samples;
            }

            foreach (var queue in _queues.Values) aside.AddRange(Undeliverable(queue, now, clockStep));
            recording = _queues.Values.Any(queue => queue.Kind == SnapshotKind.Metrics && queue.IsRecording);
        }

        foreach (var queue in forgotten)
        {
            await buffer.RemoveReaderAsync(BufferReader.ScrapePrefix + queue.Name, queue.Kind, cancellationToken);
            logger.ConsumerForgotten(
                queue.Name, queue.Endpoint, queue.Seen is null ? "those who came have names of their own" : "it has not scraped for Gateway:Replay:ConsumerRetention",
                queue.Seen is null ? 0 : buffer.Measure(queue.Kind, queue.Backlog).Samples);
        }

        foreach (var (queue, ranges, reason) in aside) await SetAsideAsync(queue, ranges, reason, cancellationToken);
        await SaveAsync(cancellationToken);
        return recording;
    }

    /// <summary>Orders buffering to begin or to end, for one consumer or for all that are known; holds until its next valid scrape.</summary>
    /// <returns>False when there is no such consumer.</returns>
    public async Task<bool> ForceAsync(ForcedState order, string? consumer, CancellationToken cancellationToken)
    {
        var any = false;
        lock (_lock)
        {
            foreach (var queue in _queues.Values)
            {
                if (consumer is not null && queue.Name != consumer) continue;
                any = true;
                queue.Forced = order;
                queue.IsDirty = true;
                if (order == ForcedState.Start) _isSnapshotWanted = true;
                Judge(queue);
                logger.Forced(queue.Name, queue.Endpoint, order.Word() ?? "");
            }
        }

        await SaveAsync(cancellationToken);
        return any;
    }

    /// <summary>Puts snapshots that were delivered, or set aside, into the queue of a consumer once more.</summary>
    /// <returns>How many snapshots; null when there is no such consumer.</returns>
    public async Task<long?> OfferAgainAsync(string consumer, long sinceMs, long untilMs, CancellationToken cancellationToken)
    {
        long? snapshots = null;
        lock (_lock)
        {
            foreach (var kind in Enum.GetValues<SnapshotKind>())
            {
                if (!_queues.TryGetValue((consumer, kind), out var queue)) continue;
                var ranges = buffer.Find(kind, sinceMs, untilMs).Except(queue.Backlog);
                var count = buffer.Measure(kind, ranges).Snapshots;
                snapshots = (snapshots ?? 0) + count;
                if (count == 0) continue;
                queue.Add(ranges);
                if (queue.State == PresenceState.Present) queue.State = PresenceState.Replaying;
                logger.OfferedAgain(consumer, count, queue.Endpoint);
            }
        }

        await SaveAsync(cancellationToken);
        return snapshots;
    }

    /// <summary>
    /// Begins a snapshot of the collectors for all who are away; null when nobody is any more. Dispose of it once it is in the buffer, or cannot be.
    /// </summary>
    public SnapshotUnderWay? BeginSnapshot()
    {
        lock (_lock)
        {
            List<ConsumerQueue> away = [.. _queues.Values.Where(queue => queue is { Kind: SnapshotKind.Metrics, IsRecording: true })];
            return away.Count == 0 ? null : _underWay = new SnapshotUnderWay(away);
        }
    }

    /// <summary>A snapshot of the loop is in the buffer: who was away when it began and came back without waiting for its end gets it all the same.</summary>
    public void Taken(SnapshotUnderWay snapshot, long sequence)
    {
        foreach (var queue in snapshot.Queues)
        {
            bool isTheirs;
            lock (_lock) isTheirs = queue.Backlog.Contains(sequence);
            if (!isTheirs) Owe(queue, sequence);
        }
    }

    /// <summary>True as long as a request may have waited for the service to start: how much of its time was left then, nobody knows.</summary>
    public bool IsJustStarted() => _isContinued && time.GetElapsedTime(_start) < StartTime;

    /// <summary>True once after an order: a snapshot is due whenever the last one was.</summary>
    public bool TakeWanted()
    {
        lock (_lock)
        {
            var wanted = _isSnapshotWanted;
            _isSnapshotWanted = false;
            return wanted;
        }
    }

    /// <summary>True when snapshots of the kind are recorded for somebody.</summary>
    public bool IsRecording(SnapshotKind kind)
    {
        lock (_lock)
        {
            foreach (var queue in _queues.Values)
            {
                if (queue.Kind == kind && queue.IsRecording) return true;
            }

            return false;
        }
    }

    /// <summary>Time since the last scrape of the consumer that went away last.</summary>
    public TimeSpan SinceYoungestAbsence()
    {
        lock (_lock)
        {
            var youngest = TimeSpan.MaxValue;
            foreach (var queue in _queues.Values)
            {
                if (queue is { Kind: SnapshotKind.Metrics, IsRecording: true } && heartbeats.Since(queue.Endpoint, queue.Name) is { } since && since < youngest) youngest = since;
            }

            return youngest;
        }
    }

    /// <summary>Pushes up to here are known to everybody who scrapes them, by their last values; null when nobody does.</summary>
    public DateTimeOffset? PushesKnownUntil()
    {
        lock (_lock)
        {
            DateTimeOffset? oldest = null;
            foreach (var queue in _queues.Values)
            {
                if (queue is { Kind: SnapshotKind.Pushes, State: PresenceState.Present, Seen: { } seen } && !(oldest < seen)) oldest = seen;
            }

            return oldest;
        }
    }

    /// <summary>True while the buffering collector has its place among the collectors: somebody is away or has not got everything yet.</summary>
    public bool IsAnyoneWaiting()
    {
        lock (_lock) return _queues.Values.Any(queue => queue.Kind == SnapshotKind.Metrics && queue.State != PresenceState.Present);
    }

    /// <summary>All queues as they are now, by consumer and endpoint.</summary>
    public IReadOnlyList<QueueView> View()
    {
        lock (_lock)
        {
            return
            [
                .. _queues.Values.OrderBy(queue => queue.Name, StringComparer.Ordinal).ThenBy(queue => queue.Kind).Select(queue => new QueueView(
                    queue.Name, queue.Kind, queue.Endpoint, queue.State, queue.Forced, buffer.Measure(queue.Kind, queue.Backlog), queue.AbsentSince,
                    heartbeats.Since(queue.Endpoint, queue.Name), queue.DeliveredPages, queue.FailedPages, queue.UnconfirmedPages, queue.DeliveredSnapshots,
                    queue.DeliveredSamples, queue.Limit, queue.Repeats)),
            ];
        }
    }

    /// <summary>Samples set aside since the start.</summary>
    public long SetAsideSamples(SnapshotKind kind, SetAsideReason reason)
    {
        lock (_lock) return _setAside[(int)kind, (int)reason];
    }

    /// <summary>Samples that consumers still had to get when they were forgotten, since the start.</summary>
    public long ForgottenSamples
    {
        get { lock (_lock) return _forgottenSamples; }
    }

    /// <summary>Takes snapshots off the shelf: an operator has brought them home by himself. Returns how many there were.</summary>
    public async Task<long> ClearShelfAsync(long sinceMs, long untilMs, CancellationToken cancellationToken)
    {
        var cleared = 0L;
        foreach (var kind in Enum.GetValues<SnapshotKind>())
        {
            var ranges = shelf.Ranges(kind).Intersect(buffer.Find(kind, sinceMs, untilMs));
            cleared += buffer.Measure(kind, ranges).Snapshots;
            await shelf.RemoveAsync(kind, ranges, cancellationToken);
        }

        if (cleared > 0) logger.ShelfCleared(cleared);
        return cleared;
    }

    /// <summary>Samples on the shelf now.</summary>
    public BacklogSize OnShelf(SnapshotKind kind) => buffer.Measure(kind, shelf.Ranges(kind));

    public void Dispose() => _saving.Dispose();

    /// <summary>What a scrape is to be answered with, judged after settling and after what is too old was taken off.</summary>
    /// <param name="queue">Of who asks.</param>
    /// <param name="poison">What settling found to be poisonous.</param>
    /// <param name="patience">How long a snapshot that is being taken for it may keep the scrape waiting.</param>
    /// <param name="cancellationToken">Nobody waits for the answer any more.</param>
    internal async Task<PresenceState> DecideAsync(ConsumerQueue queue, SequenceRanges poison, TimeSpan patience, CancellationToken cancellationToken)
    {
        await SetAsideAsync(queue, poison, SetAsideReason.Poison, cancellationToken);
        List<(ConsumerQueue Queue, SequenceRanges Ranges, SetAsideReason Reason)> aside;
        lock (_lock) aside = Undeliverable(queue, time.GetUtcNow(), TimeSpan.Zero);
        foreach (var (_, ranges, reason) in aside) await SetAsideAsync(queue, ranges, reason, cancellationToken);
        var started = time.GetTimestamp();
        while (SnapshotFor(queue) is { } snapshot && patience - time.GetElapsedTime(started) is var left && left > TimeSpan.Zero)
        {
            await snapshot.Ended.WaitAsync(left, time, cancellationToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            cancellationToken.ThrowIfCancellationRequested();
        }

        PresenceState state;
        lock (_lock)
        {
            var left = buffer.Measure(queue.Kind, queue.Backlog);
            state = Presence.OnScrape(queue.State, left.Snapshots == 0);
            if (state == queue.State) return state;
            if (state == PresenceState.Replaying)
            {
                if (!queue.IsReplayLogged) logger.ReplayBegins(queue.Name, queue.Endpoint, left.Snapshots, left.Samples);
                queue.IsReplayLogged = true;
            }
            else if (queue.IsReplayLogged) logger.ReplayEnds(queue.Name, queue.Endpoint, queue.DeliveredPages, queue.DeliveredSnapshots, queue.DeliveredSamples);
            Become(queue, state);
        }

        await SaveAsync(cancellationToken);
        return state;
    }

    /// <summary>Sequences for a page: what the consumer still has to get, the live snapshot of its scrape included.</summary>
    internal async Task<(SequenceRanges Backlog, int Limit)> AskAsync(ConsumerQueue queue, long? liveSequence, CancellationToken cancellationToken)
    {
        (SequenceRanges, int) asked;
        lock (_lock)
        {
            if (liveSequence is { } live) queue.Add(SequenceRanges.Of(live, live));
            asked = (queue.Backlog, queue.Limit);
        }

        // Before the answer: after a power cut in the middle of it the live samples must be offered again, too.
        await SaveAsync(cancellationToken);
        return asked;
    }

    internal void HandOut(ConsumerQueue queue, PageTicket ticket)
    {
        lock (_lock) queue.Pending = ticket;
        logger.PageServed(queue.Name, queue.Endpoint, ticket.Snapshots, ticket.Samples);
    }

    /// <summary>The answer ended. Whoever wrote it has told the heartbeats before.</summary>
    internal void Answered(ConsumerQueue queue, PageTicket? ticket, bool written, bool slow)
    {
        lock (_lock)
        {
            queue.UnderWay--;
            if (written)
            {
                queue.AbsentSince = null;
                if (queue.Forced != ForcedState.None) (queue.Forced, queue.IsDirty) = (ForcedState.None, true);
            }

            if (ticket is null) return;
            (ticket.Outcome, ticket.WasSlow) = (written ? PageOutcome.Written : PageOutcome.Failed, slow);
            // Without a query nothing more can become of it.
            if (!written && !confirmation.IsOn)
            {
                queue.Fail(ticket);
                if (ReferenceEquals(queue.Pending, ticket)) queue.Pending = null;
            }
        }

        // Of one that broke off as well: what the proxy in between had already may have been stored.
        confirmation.Ask(queue.Name, queue.Endpoint, ticket);
    }

    /// <summary>A plain answer did not get through: its samples are in the buffer now and are handed over like those of an absence.</summary>
    internal void Owe(ConsumerQueue queue, long sequence)
    {
        lock (_lock)
        {
            if (queue.Forced == ForcedState.Stop) return;
            queue.Add(SequenceRanges.Of(sequence, sequence));
            if (queue.State == PresenceState.Present) queue.State = PresenceState.Replaying;
        }
    }

    private async Task SetAsideAsync(ConsumerQueue queue, SequenceRanges ranges, SetAsideReason reason, CancellationToken cancellationToken)
    {
        if (ranges.IsEmpty) return;
        var size = buffer.Measure(queue.Kind, ranges);
        // On the shelf first: a power cut between the two leaves it in both places, not in none.
        await shelf.AddAsync(queue.Kind, ranges, cancellationToken);
        lock (_lock)
        {
            queue.Remove(ranges);
            _setAside[(int)queue.Kind, (int)reason] += size.Samples;
        }

        if (size.Snapshots > 0 && queue.MaySay(reason, time)) logger.SetAside(size.Snapshots, size.Samples, queue.Name, queue.Endpoint, reason.Word());
        await SaveAsync(cancellationToken);
    }

    private async Task SaveAsync(CancellationToken cancellationToken)
    {
        // One at a time: an older state must not overwrite a newer one.
        await _saving.WaitAsync(cancellationToken);
        try
        {
            foreach (var reader in TakeDirty()) await buffer.SaveReaderAsync(reader, cancellationToken);
        }
        finally
        {
            _saving.Release();
        }
    }

    private List<BufferReader> TakeDirty()
    {
        List<BufferReader> dirty = [];
        lock (_lock)
        {
            Adopt();
            foreach (var queue in _queues.Values)
            {
                if (!queue.IsDirty) continue;
                queue.IsDirty = false;
                dirty.Add(queue.ToReader());
            }
        }

        return dirty;
    }

    /// <summary>The snapshot that is being taken for an absent consumer; null when none is.</summary>
    private SnapshotUnderWay? SnapshotFor(ConsumerQueue queue)
    {
        lock (_lock) return queue.IsRecording && _underWay is { Ended.IsCompleted: false } snapshot && snapshot.Queues.Contains(queue) ? snapshot : null;
    }
}
