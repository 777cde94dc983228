using Gateway.Buffering;

namespace Gateway.Replay;

/// <summary>What becomes of a queue when time passes or a scrape comes. Everything here is called within the lock.</summary>
internal sealed partial class ReplayService
{
    /// <summary>
    /// Takes over what an earlier run left. Of a disk that comes late that is possible only later: then what is known by now and what was left belong together.
    /// </summary>
    private void Adopt()
    {
        if (_isAdopted || !buffer.Figures.Available) return;
        _isAdopted = true;
        foreach (var reader in buffer.Readers)
        {
            if (!reader.Name.StartsWith(BufferReader.ScrapePrefix, StringComparison.Ordinal)) continue;
            _isContinued = true;
            var left = ConsumerQueue.FromReader(reader, options);
            // One that never came and is expected no more would be waited for without end.
            if (left.Seen is null && !options.Consumers.Contains(left.Name, StringComparer.Ordinal)) left.Close(NextSequence());
            if (!_queues.TryGetValue((left.Name, left.Kind), out var known))
            {
                _queues.Add((left.Name, left.Kind), left);
                continue;
            }

            known.Add(left.Backlog);
            if (known.State == PresenceState.Present && !left.Backlog.IsEmpty) Become(known, PresenceState.Replaying);
        }
    }

    /// <summary>The queue of whoever asks; null when there are too many.</summary>
    private ConsumerQueue? Meet(string consumer, SnapshotKind kind)
    {
        if (_queues.TryGetValue((consumer, kind), out var known)) return known;
        var queue = Add(consumer, kind);
        if (queue is null)
        {
            if (!_tooManyLogged) logger.TooManyConsumers(consumer, options.MaxConsumers);
            _tooManyLogged = true;
            return null;
        }

        Inherit(queue);
        return queue;
    }

    /// <summary>
    /// Who was expected under the common name comes under another one: what was buffered until now was buffered for him, and for those who follow soon.
    /// </summary>
    private void Inherit(ConsumerQueue heir)
    {
        if (!IsOnlyDefaultExpected || !IsUnseen(DefaultConsumer)) return;
        _inheritance ??= time.GetUtcNow();
        if (!_queues.TryGetValue((DefaultConsumer, heir.Kind), out var left)) return;
        left.Close(NextSequence());
        if (buffer.Measure(left.Kind, left.Backlog).Snapshots == 0) return;
        heir.Add(left.Backlog);
        Become(heir, PresenceState.Absent);
    }

    private ConsumerQueue? Add(string consumer, SnapshotKind kind)
    {
        if (_queues.TryGetValue((consumer, kind), out var known)) return known;
        if (_queues.Keys.Where(key => key.Kind == kind).Count() >= options.MaxConsumers) return null;
        var queue = new ConsumerQueue(consumer, kind, options);
        _queues.Add((consumer, kind), queue);
        return queue;
    }

    private bool IsOnlyDefaultExpected => options.Consumers is [DefaultConsumer];

    /// <summary>Expected, but those who came have names of their own.</summary>
    private bool IsOrphan(ConsumerQueue queue) => _inheritance is not null && queue.Name == DefaultConsumer && IsUnseen(DefaultConsumer);

    private bool IsUnseen(string consumer) => !_queues.Values.Any(queue => queue.Name == consumer && queue.Seen is not null);

    /// <summary>Takes delivered pages off. Returns what is poisonous.</summary>
    private SequenceRanges Settle(ConsumerQueue queue)
    {
        if (queue.Pending is not { } ticket) return SequenceRanges.Empty;
        queue.Pending = null;
        switch (ticket.Outcome)
        {
            case PageOutcome.Written when !confirmation.IsOn && ticket.IsDoubtful && !queue.WasDoubted:
                queue.WasDoubted = true;
                break;
            case PageOutcome.Written when !confirmation.IsOn || ticket.IsFound == true:
                queue.Deliver(ticket);
                break;
            case PageOutcome.Failed when ticket.IsFound == true:
                queue.Deliver(ticket);
                break;
            case PageOutcome.Failed:
                queue.Fail(ticket);
                break;
            case PageOutcome.Written:
                // Nobody who answers queries counts as well: what is on the shelf is not lost, and live samples must not wait for ever.
                logger.PageNotFound(ticket.Marker);
                if (queue.Miss(ticket)) return ticket.Covered;
                break;
            default:
                // Another scrape came before the answer ended: the same page again.
                break;
        }

        return SequenceRanges.Empty;
    }

    /// <summary>A clock that is wrong at the start makes everybody look long gone: nobody is forgotten before the service has waited for a while itself.</summary>
    private bool IsForgotten(ConsumerQueue queue)
    {
        var waited = time.GetElapsedTime(_start);
        return !options.Consumers.Contains(queue.Name, StringComparer.Ordinal)
            && heartbeats.Since(queue.Endpoint, queue.Name) > options.ConsumerRetention && (waited > ForgetNobody || waited > options.ConsumerRetention);
    }

    private void Judge(ConsumerQueue queue)
    {
        // An answer under way decides by its end.
        if (queue.UnderWay > 0 || IsOrphan(queue)) return;
        var since = heartbeats.Since(queue.Endpoint, queue.Name);
        // Never seen here: away as long as it is expected, and once away until it comes.
        var isAway = since is { } age ? age > AbsentAfter : IsAwaited(queue);
        var drained = buffer.Measure(queue.Kind, queue.Backlog).Snapshots == 0;
        var state = Presence.OnTime(queue.State, isAway, queue.Forced, drained);
        if (state == PresenceState.Absent && queue.AbsentSince is null)
        {
            queue.IsReplayLogged = false;
            if (since is { } seconds) logger.ConsumerAbsent(queue.Name, queue.Endpoint, seconds.TotalSeconds);
            else logger.ConsumerAwaited(queue.Name, queue.Endpoint);
        }

        Become(queue, state);
    }

    /// <summary>Never seen at this endpoint: expected by name, or known from the other endpoint and away here ever since.</summary>
    private bool IsAwaited(ConsumerQueue queue) =>
        options.Consumers.Contains(queue.Name, StringComparer.Ordinal) || (queue.State == PresenceState.Absent && !IsUnseen(queue.Name));

    private void Become(ConsumerQueue queue, PresenceState state)
    {
        switch (state)
        {
            case PresenceState.Absent:
                // Whether the last page arrived is doubtful now: what should have followed it did not come.
                if (queue.Pending is { } last) last.IsDoubtful = true;
                queue.AbsentSince ??= time.GetUtcNow() - (heartbeats.Since(queue.Endpoint, queue.Name) ?? TimeSpan.Zero);
                queue.Open(NextSequence());
                break;
            case PresenceState.Replaying:
                // It gets the live samples of its own scrapes; those of others would keep two replays going for ever.
                queue.Close(NextSequence());
                break;
            default:
                queue.Empty();
                (queue.AbsentSince, queue.IsReplayLogged) = (null, false);
                _pages.Trim();
                break;
        }

        if (queue.State != state) queue.IsDirty = true;
        queue.State = state;
    }

    /// <summary>What no scrape can bring to this consumer any more: too old, or stamped by a clock that was ahead.</summary>
    private List<(ConsumerQueue Queue, SequenceRanges Ranges, SetAsideReason Reason)> Undeliverable(ConsumerQueue queue, DateTimeOffset now, TimeSpan clockStep)
    {
        List<(ConsumerQueue, SequenceRanges, SetAsideReason)> result = [];
        if (queue.Backlog.IsEmpty) return result;
        var tooOld = queue.Backlog.Intersect(buffer.Find(queue.Kind, long.MinValue, (now - options.MaxAge).ToUnixTimeMilliseconds()));
        if (!tooOld.IsEmpty) result.Add((queue, tooOld, SetAsideReason.TooOld));
        var ahead = queue.Backlog.Intersect(buffer.Find(queue.Kind, (now + FutureTolerance).ToUnixTimeMilliseconds() + 1, long.MaxValue));
        if (!ahead.IsEmpty) result.Add((queue, ahead, SetAsideReason.Clock));
        // The clock was ahead and made good snapshots look too old.
        if (clockStep < TimeSpan.Zero)
        {
            var good = shelf.Ranges(queue.Kind).Intersect(buffer.Find(queue.Kind, (now - options.MaxAge).ToUnixTimeMilliseconds() + 1, now.ToUnixTimeMilliseconds()));
            if (!good.IsEmpty && queue.State != PresenceState.Present) queue.Add(good);
        }

        return result;
    }

    private long NextSequence()
    {
        var newest = 0L;
        foreach (var kind in Enum.GetValues<SnapshotKind>()) newest = Math.Max(newest, buffer.Newest(kind)?.Sequence ?? 0);
        return newest + 1;
    }
}
