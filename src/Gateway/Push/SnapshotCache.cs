using Gateway.Exposition;

namespace Gateway.Push;

/// <summary>The newest rendering of the table as a batch, kept while it is true. Not thread-safe but for <see cref="Frame.Release"/>: the store's lock guards it.</summary>
/// <remarks>
/// Building a batch while others of the same series are being written is safe: the mark in <see cref="Series"/> is read and set only by
/// <see cref="SampleBatch.Add"/>, batches are built here one at a time under the lock, and writers read only columns that no longer change.
/// </remarks>
internal sealed class SnapshotCache(PushOptions options)
{
    /// <summary>Emptied batches kept for the next building: one is being written while the next is built, seldom two.</summary>
    private const int MaxFree = 2;

    private static readonly MetricFamily PushTime =
        MetricFamily.Gauge("gateway_push_time_seconds", "Unix time of the last push of a metric and instance.", "metric", "instance");

    private readonly Lock _freeLock = new();
    private readonly Stack<SampleBatch> _free = new();
    private readonly SeriesTable _pushTimeSeries = new();
    private readonly long _maxAgeMs = (long)options.MaxTimestampAge.TotalMilliseconds;
    private readonly long _maxAheadMs = (long)options.MaxTimestampAhead.TotalMilliseconds;
    private Frame? _current;

    /// <summary>Series withheld from the newest batch.</summary>
    public int Withheld => _current?.Withheld ?? 0;

    /// <summary>Batches built so far.</summary>
    public long Builds { get; private set; }

    /// <summary>A snapshot of the table at this moment.</summary>
    public PushSnapshot Get(PushTable table, Moment now)
    {
        if (_current is not { } frame || !frame.Holds(table.Version, now))
        {
            frame = Build(table, now);
            _current?.Release();
            _current = frame;
        }

        frame.Take();
        return new PushSnapshot(frame);
    }

    private Frame Build(PushTable table, Moment now)
    {
        Builds++;
        var frame = new Frame(this, TakeBatch(), table.Version);
        var times = options.PushTimeSeries ? new Dictionary<(string Metric, string Instance), long>() : null;
        foreach (var family in table.SortedFamilies())
        {
            foreach (var series in family.Series)
            {
                if (series.DeadlineMs <= now.MonotonicMs) continue;
                frame.UntilMonotonicMs = Math.Min(frame.UntilMonotonicMs, series.DeadlineMs);
                if (times is not null) NoteTime(times, series);
                if (series.TimestampMs != SampleBatch.NoTimestamp && !IsServed(frame, series.TimestampMs, now.WallMs)) frame.Withheld++;
                else frame.Batch.Add(family.Family, series.Series, series.Value, series.TimestampMs);
            }
        }

        if (times is not null) AddTimes(frame.Batch, times);
        return frame;
    }

    /// <summary>Whether a sample is within the age and the lead that Prometheus takes; narrows the time for which the frame holds to that answer.</summary>
    private bool IsServed(Frame frame, long timestampMs, long nowMs)
    {
        var (first, last) = (timestampMs - _maxAheadMs, timestampMs + _maxAgeMs);
        if (nowMs > last) frame.FromWallMs = Math.Max(frame.FromWallMs, last + 1);
        else if (nowMs < first) frame.UntilWallMs = Math.Min(frame.UntilWallMs, first);
        else (frame.FromWallMs, frame.UntilWallMs) = (Math.Max(frame.FromWallMs, first), Math.Min(frame.UntilWallMs, last + 1));
        return nowMs >= first && nowMs <= last;
    }

    private static void NoteTime(Dictionary<(string Metric, string Instance), long> times, PushedSeries series)
    {
        var key = (series.Family.Name, series.Key.Label(SeriesKey.InstanceLabel) ?? "");
        ref var time = ref System.Runtime.InteropServices.CollectionsMarshal.GetValueRefOrAddDefault(times, key, out var known);
        if (!known || time < series.PushedAtMs) time = series.PushedAtMs;
    }

    private void AddTimes(SampleBatch batch, Dictionary<(string Metric, string Instance), long> times)
    {
        foreach (var ((metric, instance), time) in times) batch.Add(PushTime, _pushTimeSeries.Get(PushTime, [metric, instance]), time / 1000.0);
        _pushTimeSeries.EndRun();
    }

    private SampleBatch TakeBatch()
    {
        lock (_freeLock) return _free.TryPop(out var batch) ? batch : new SampleBatch();
    }

    private void Free(SampleBatch batch)
    {
        batch.Clear();
        lock (_freeLock)
        {
            if (_free.Count < MaxFree) _free.Push(batch);
        }
    }

    /// <summary>A batch with the time for which it is true, counted by reference: the cache holds one, each snapshot one.</summary>
    internal sealed class Frame(SnapshotCache owner, SampleBatch batch, long version)
    {
        private int _references = 1;

        public SampleBatch Batch { get; } = batch;

        public int Withheld { get; set; }

        /// <summary>A ttl ends.</summary>
        public long UntilMonotonicMs { get; set; } = long.MaxValue;

        /// <summary>Before it (a clock stepped back), a withheld timestamp is young enough or a served one too far ahead.</summary>
        public long FromWallMs { get; set; } = long.MinValue;

        /// <summary>From it on, a served timestamp is too old or a withheld one no longer too far ahead.</summary>
        public long UntilWallMs { get; set; } = long.MaxValue;

        public bool Holds(long tableVersion, Moment now) =>
            version == tableVersion && now.MonotonicMs < UntilMonotonicMs && now.WallMs >= FromWallMs && now.WallMs < UntilWallMs;

        public void Take() => Interlocked.Increment(ref _references);

        public void Release()
        {
            if (Interlocked.Decrement(ref _references) == 0) owner.Free(Batch);
        }
    }
}
