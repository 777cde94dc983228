namespace Gateway.Status;

/// <summary>
/// Remembers when each consumer completed its last valid scrape of each endpoint: what the watchdog asks for, and what decides that Prometheus is absent.
/// Survives restarts. Created with the service, because age is counted from there. Safe for concurrent use.
/// </summary>
internal sealed class Heartbeats(IHeartbeatStore store, TimeProvider time)
{
    /// <summary>The path by which presence is judged.</summary>
    public const string MetricsEndpoint = "/prom/metrics";

    /// <summary>The path of the pushed values, as it was first spelled.</summary>
    public const string PushEndpoint = "/prom/deamon/metrics";

    /// <summary>Consumers remembered per endpoint; the one not seen for longest makes room for a new one.</summary>
    public const int MaxConsumers = 64;

    private readonly Lock _lock = new();
    private readonly Dictionary<(string Endpoint, string Consumer), Beat> _beats = [];
    private readonly long _start = time.GetTimestamp();
    private bool _loaded;

    /// <summary>A scrape was answered completely. Returns the time since the one before, null for the first.</summary>
    public TimeSpan? Record(string endpoint, string consumer)
    {
        TimeSpan? before = null;
        var now = time.GetUtcNow();
        lock (_lock)
        {
            Load();
            if (_beats.TryGetValue((endpoint, consumer), out var last)) before = Age(last);
            else KeepWithin(endpoint, MaxConsumers - 1);
            _beats[(endpoint, consumer)] = new Beat(now, time.GetTimestamp());
        }

        store.Record(endpoint, consumer, now);
        return before;
    }

    /// <summary>Time since the last valid scrape of an endpoint by a consumer; null when there never was one.</summary>
    public TimeSpan? Since(string endpoint, string consumer)
    {
        lock (_lock)
        {
            Load();
            return _beats.TryGetValue((endpoint, consumer), out var beat) ? Age(beat) : null;
        }
    }

    /// <summary>Time since the last valid scrape of <c>/prom/metrics</c> by anybody; before any, time since the first start of the service.</summary>
    public TimeSpan SinceLastScrape()
    {
        lock (_lock)
        {
            Load();
            TimeSpan? youngest = null;
            foreach (var (key, beat) in _beats)
            {
                if (key.Endpoint == MetricsEndpoint && (youngest is null || Age(beat) < youngest)) youngest = Age(beat);
            }

            return youngest ?? NotNegative(time.GetUtcNow() - store.FirstStart, time.GetElapsedTime(_start));
        }
    }

    /// <summary>True when <c>/prom/metrics</c> has been scraped since the first start.</summary>
    public bool HasBeenScraped
    {
        get
        {
            lock (_lock)
            {
                Load();
                return _beats.Keys.Any(key => key.Endpoint == MetricsEndpoint);
            }
        }
    }

    /// <summary>All that is remembered, by endpoint and consumer.</summary>
    public IReadOnlyList<ScrapeHeartbeat> All()
    {
        lock (_lock)
        {
            Load();
            return
            [
                .. _beats.Select(entry => new ScrapeHeartbeat(entry.Key.Endpoint, entry.Key.Consumer, entry.Value.Time, Age(entry.Value)))
                    .OrderBy(beat => beat.Endpoint, StringComparer.Ordinal).ThenBy(beat => beat.Consumer, StringComparer.Ordinal),
            ];
        }
    }

    private void Load()
    {
        if (_loaded) return;
        // A disk that comes late is asked again.
        _loaded = store.IsLoaded;
        foreach (var (endpoint, consumer, at) in store.Load())
        {
            if (_beats.TryAdd((endpoint, consumer), new Beat(at, null))) KeepWithin(endpoint, MaxConsumers);
        }
    }

    private void KeepWithin(string endpoint, int most)
    {
        var held = _beats.Where(entry => entry.Key.Endpoint == endpoint).ToList();
        if (held.Count > most) _beats.Remove(held.MaxBy(entry => Age(entry.Value)).Key);
    }

    /// <summary>A beat of this run ages by the monotonic clock; one of an earlier run by the wall clock, which may have been set back meanwhile.</summary>
    private TimeSpan Age(Beat beat) => beat.Timestamp is { } timestamp
        ? time.GetElapsedTime(timestamp)
        : NotNegative(time.GetUtcNow() - beat.Time, time.GetElapsedTime(_start));

    /// <summary>What came before this run is at least as old as the run.</summary>
    private static TimeSpan NotNegative(TimeSpan byWallClock, TimeSpan ofThisRun) => byWallClock < ofThisRun ? ofThisRun : byWallClock;

    private readonly record struct Beat(DateTimeOffset Time, long? Timestamp);
}
