using Gateway.Buffering;
using Gateway.Status;

namespace Gateway.Replay;

/// <summary>
/// One consumer at one endpoint: its state, what it still has to get, the page it was given last. Not thread-safe: <see cref="ReplayService"/> guards it with its lock.
/// </summary>
internal sealed class ConsumerQueue(string name, SnapshotKind kind, ReplayOptions options)
{
    /// <summary>Fewer samples are not worth a scrape, whatever failed; one snapshot always comes whole.</summary>
    private const int SmallestLimit = 100;

    /// <summary>A page that a query did not find shrinks by this: few scrapes may fail because of what poisons it.</summary>
    private const int PoisonDivisor = 4;

    private static readonly TimeSpan LogPause = TimeSpan.FromHours(1);

    /// <summary>
    /// Pages that a query did not find, since the replay began or one as large was found: tells a bad spot from a Prometheus that refuses pages whatever is in them.
    /// </summary>
    private int _misses;

    private int _missedSamples;

    private readonly long?[] _said = new long?[Enum.GetValues<SetAsideReason>().Length];

    public string Name { get; } = name;

    public SnapshotKind Kind { get; } = kind;

    /// <summary>Path of its endpoint, as the heartbeats know it.</summary>
    public string Endpoint => EndpointOf(Kind);

    public PresenceState State { get; set; }

    public ForcedState Forced { get; set; }

    /// <summary>What it still has to get; without end while snapshots are recorded for it.</summary>
    public SequenceRanges Backlog { get; private set; } = SequenceRanges.Empty;

    /// <summary>True while new snapshots are for it as well.</summary>
    public bool IsRecording => !Backlog.IsEmpty && Backlog.Ranges[^1].Last == SequenceRange.NoEnd;

    /// <summary>The page that is not settled yet.</summary>
    public PageTicket? Pending { get; set; }

    /// <summary>Samples that the next page may have.</summary>
    public int Limit { get; private set; } = options.MaxPageSamples;

    /// <summary>Pages in a row that a query did not find.</summary>
    public int Repeats { get; private set; }

    /// <summary>The page before this one was repeated because nobody came when the next scrape was due. Once is enough: a consumer may simply be slow.</summary>
    public bool WasDoubted { get; set; }

    /// <summary>What has to be written to the buffer's table of readers.</summary>
    public bool IsDirty { get; set; }

    public DateTimeOffset? Seen { get; set; }

    /// <summary>Since when it has been away, as far as that is known; null once a scrape got through.</summary>
    public DateTimeOffset? AbsentSince { get; set; }

    /// <summary>Answers being written to it.</summary>
    public int UnderWay { get; set; }

    /// <summary>The log knows of this replay.</summary>
    public bool IsReplayLogged { get; set; }

    /// <summary>Since the start: pages delivered, failed and not found, samples delivered.</summary>
    public long DeliveredPages { get; private set; }

    public long FailedPages { get; private set; }

    public long UnconfirmedPages { get; private set; }

    public long DeliveredSamples { get; private set; }

    public long DeliveredSnapshots { get; private set; }

    public static string EndpointOf(SnapshotKind kind) => kind == SnapshotKind.Metrics ? Heartbeats.MetricsEndpoint : Heartbeats.PushEndpoint;

    /// <summary>From now on new snapshots are for it.</summary>
    public void Open(long nextSequence)
    {
        if (IsRecording) return;
        Backlog = Backlog.Add(nextSequence);
        IsDirty = true;
    }

    /// <summary>New snapshots are not for it any more; what it has still to get stays.</summary>
    public void Close(long nextSequence)
    {
        if (!IsRecording) return;
        Backlog = Backlog.Remove(nextSequence);
        IsDirty = true;
    }

    public void Add(SequenceRanges ranges)
    {
        Backlog = Backlog.Union(ranges);
        IsDirty = true;
    }

    public void Remove(SequenceRanges ranges)
    {
        Backlog = Backlog.Except(ranges);
        IsDirty = true;
    }

    public void Empty()
    {
        (_misses, _missedSamples) = (0, 0);
        if (Backlog.IsEmpty) return;
        Backlog = SequenceRanges.Empty;
        IsDirty = true;
    }

    /// <summary>A later scrape, or a query, says that the page arrived.</summary>
    public void Deliver(PageTicket ticket)
    {
        Remove(ticket.Covered);
        WasDoubted = false;
        DeliveredPages++;
        DeliveredSamples += ticket.Samples;
        DeliveredSnapshots += ticket.Snapshots;
        if (ticket.Samples >= _missedSamples) (_misses, _missedSamples) = (0, 0);
        Repeats = 0;
        Limit = ticket.WasSlow ? Shrunk(ticket.Samples / 2) : Math.Min(options.MaxPageSamples, Math.Max(Limit, SmallestLimit) * 2);
    }

    /// <summary>The answer did not get through: it comes again, half as large.</summary>
    public void Fail(PageTicket ticket)
    {
        FailedPages++;
        Limit = Shrunk(ticket.Samples / 2);
    }

    /// <summary>The answer got through and was not stored. True when it has been repeated often enough and must be set aside.</summary>
    public bool Miss(PageTicket ticket)
    {
        UnconfirmedPages++;
        _misses++;
        _missedSamples = Math.Max(_missedSamples, ticket.Samples);
        // The first repetition is the same page: Prometheus may only have been slow. Where setting aside a small page did not help, the next one goes as a whole:
        // each of these scrapes adds a snapshot to the queue, and a quarter of it every few scrapes would never come to an end.
        if (Repeats > 0 && _misses <= options.MaxRepeats) Limit = Shrunk(ticket.Samples / PoisonDivisor);
        Repeats++;
        if (Repeats <= options.MaxRepeats) return false;
        (Repeats, Limit) = (0, options.MaxPageSamples);
        return true;
    }

    /// <summary>True once an hour per reason: an outage of days sets something aside every few seconds.</summary>
    public bool MaySay(SetAsideReason reason, TimeProvider time)
    {
        ref var said = ref _said[(int)reason];
        if (said is { } at && time.GetElapsedTime(at) < LogPause) return false;
        said = time.GetTimestamp();
        return true;
    }

    /// <summary>As it is kept over restarts.</summary>
    public BufferReader ToReader()
    {
        var state = Forced.Word() is { } order ? $"{State.Word()} {order}" : State.Word();
        return new BufferReader(BufferReader.ScrapePrefix + Name, Kind, Backlog, Seen?.ToUnixTimeMilliseconds() ?? 0, state);
    }

    /// <summary>The queue that an earlier run left.</summary>
    public static ConsumerQueue FromReader(BufferReader reader, ReplayOptions options)
    {
        var words = reader.State.Split(' ');
        return new ConsumerQueue(reader.Name[BufferReader.ScrapePrefix.Length..], reader.Kind, options)
        {
            Backlog = reader.Backlog,
            Seen = reader.SeenMs == 0 ? null : DateTimeOffset.FromUnixTimeMilliseconds(reader.SeenMs),
            State = Array.Find(Enum.GetValues<PresenceState>(), state => state.Word() == words[0]),
            Forced = Array.Find(Enum.GetValues<ForcedState>(), forced => words.Length > 1 && forced.Word() == words[1]),
        };
    }

    private static int Shrunk(int samples) => Math.Max(SmallestLimit, samples);
}
