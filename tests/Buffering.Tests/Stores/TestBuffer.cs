using Gateway.Buffering.Records;
using Gateway.Buffering.Stores;
using Gateway.Exposition;
using Gateway.TestKit;

namespace Gateway.Buffering.Tests.Stores;

/// <summary>A buffer over a store with a clock moved by hand, and a record of its own of everything that was appended.</summary>
internal sealed class TestBuffer : IAsyncDisposable
{
    public const long StartMs = 1_700_000_000_000;

    private readonly Dictionary<(SnapshotKind Kind, long Sequence), List<Sample>> _appended;

    private TestBuffer(IBufferStore store, BufferOptions options, ManualTimeProvider time, DiskSpace disk, TestBuffer? before)
    {
        (Options, Time) = (options, time);
        _appended = before?._appended ?? [];
        Buffer = new SnapshotBuffer(store, options, time, Log, disk);
    }

    public BufferOptions Options { get; }

    public ManualTimeProvider Time { get; }

    public EventLog Log { get; } = new();

    public SnapshotBuffer Buffer { get; }

    public List<SnapshotStamp> Stamps { get; } = [];

    /// <summary>Opens a buffer in a folder, over SQLite unless a store is given.</summary>
    /// <param name="folder">Folder of the file.</param>
    /// <param name="set">Changes options.</param>
    /// <param name="store">Another store.</param>
    /// <param name="before">A buffer that was open there before; what it appended is expected.</param>
    /// <param name="time">The clock.</param>
    /// <param name="disk">Free space.</param>
    public static async Task<TestBuffer> StartAsync(
        string folder, Action<BufferOptions>? set = null, IBufferStore? store = null, TestBuffer? before = null, ManualTimeProvider? time = null, DiskSpace? disk = null)
    {
        var options = new BufferOptions { Directory = folder, MinFreeBytes = 0 };
        set?.Invoke(options);
        time ??= before?.Time ?? new ManualTimeProvider(DateTimeOffset.FromUnixTimeMilliseconds(StartMs));
        var result = new TestBuffer(store ?? BufferStores.Create(options, time), options, time, disk ?? new DiskSpace(folder), before);
        await result.Buffer.StartAsync(default);
        return result;
    }

    /// <summary>Appends a snapshot of metrics and remembers it.</summary>
    public Task<SnapshotStamp> AppendAsync(Fleet fleet, long timeMs) => AppendAsync(fleet.Draft(timeMs));

    /// <summary>Appends a draft and remembers it.</summary>
    public async Task<SnapshotStamp> AppendAsync(SnapshotDraft draft)
    {
        var stamp = await Buffer.AppendAsync(draft, default);
        lock (_appended)
        {
            _appended[(draft.Kind, stamp.Sequence)] = Sample.Of(draft);
            Stamps.Add(stamp);
        }

        return stamp;
    }

    /// <summary>Everything remembered of the sequences, in no order.</summary>
    public List<Sample> Expected(SnapshotKind kind, SequenceRanges ranges) =>
        [.. _appended.Where(one => one.Key.Kind == kind && ranges.Contains(one.Key.Sequence)).SelectMany(one => one.Value).Order(Comparer<Sample>.Create(Sample.Compare))];

    /// <summary>Sequences remembered.</summary>
    public IEnumerable<long> Sequences(SnapshotKind kind) => _appended.Keys.Where(key => key.Kind == kind).Select(key => key.Sequence).Order();

    /// <summary>Reads pages until the ranges are covered.</summary>
    public async Task<List<Sample>> ReadAllAsync(SnapshotKind kind, SequenceRanges? ranges = null, int maxSamples = 10_000)
    {
        var left = ranges ?? SequenceRanges.All;
        var all = new List<Sample>();
        using var page = new SnapshotPage();
        while (true)
        {
            page.Clear();
            await Buffer.ReadAsync(new PageQuery(kind, left, maxSamples), page, default);
            page.Complete();
            if (page.SnapshotCount == 0) break;
            all.AddRange(Sample.Of(page));
            left = left.Except(page.Covered);
        }

        all.Sort(Sample.Compare);
        return all;
    }

    public ValueTask DisposeAsync() => Buffer.DisposeAsync();
}

/// <summary>A sample as a server sees it.</summary>
internal readonly record struct Sample(string Series, long TimeMs, long Bits)
{
    public static int Compare(Sample a, Sample b) => string.CompareOrdinal(a.Series, b.Series) is not 0 and var order ? order : a.TimeMs.CompareTo(b.TimeMs);

    public static List<Sample> Of(SnapshotDraft draft)
    {
        var samples = new List<Sample>(draft.Count);
        for (var i = 0; i < draft.Count; i++)
            samples.Add(new Sample(draft.Series[i].Series.ToString(), draft.Times[i], BitConverter.DoubleToInt64Bits(draft.Values[i])));
        return samples;
    }

    public static List<Sample> Of(SnapshotPage page)
    {
        var samples = new List<Sample>(page.SampleCount);
        for (var series = 0; series < page.Series.Length; series++)
        {
            var text = page.Series[series].ToString();
            for (var i = 0; i < page.TimesOf(series).Length; i++)
                samples.Add(new Sample(text, page.TimesOf(series)[i], BitConverter.DoubleToInt64Bits(page.ValuesOf(series)[i])));
        }

        return samples;
    }
}

/// <summary>Some series whose values move like those of a machine: counters, gauges, constants.</summary>
internal sealed class Fleet
{
    private static readonly MetricFamily Counter = MetricFamily.Create("fleet_requests_total", MetricType.Counter, "Requests.", "", ["instance", "code"]);
    private static readonly MetricFamily Gauge = MetricFamily.Create("fleet_temperature_celsius", MetricType.Gauge, "Temperature.", "celsius", ["instance"]);

    private readonly (MetricFamily Family, Series Series)[] _series;
    private readonly SnapshotDraft _draft = new();
    private long _step;

    public Fleet(int series, int first = 0)
    {
        _series = new (MetricFamily, Series)[series];
        for (var i = 0; i < series; i++)
        {
            var family = i % 2 == 0 ? Counter : Gauge;
            string[] labels = i % 2 == 0 ? [$"box-{first + i}.example", "200"] : [$"box-{first + i}.example"];
            _series[i] = (family, Series.Create(family, labels));
        }
    }

    /// <summary>The next snapshot of metrics; used again by the next call.</summary>
    public SnapshotDraft Draft(long timeMs)
    {
        _draft.Reset(SnapshotKind.Metrics, timeMs);
        _step++;
        for (var i = 0; i < _series.Length; i++) _draft.Add(_series[i].Family, _series[i].Series, Value(i));
        return _draft;
    }

    /// <summary>The next snapshot as a draft of its own.</summary>
    public SnapshotDraft Copy(long timeMs)
    {
        var draft = new SnapshotDraft();
        draft.Reset(SnapshotKind.Metrics, timeMs);
        _step++;
        for (var i = 0; i < _series.Length; i++) draft.Add(_series[i].Family, _series[i].Series, Value(i));
        return draft;
    }

    /// <summary>Some pushes, one second apart.</summary>
    public SnapshotDraft Pushes(long timeMs, int count)
    {
        var draft = new SnapshotDraft();
        draft.Reset(SnapshotKind.Pushes, timeMs);
        for (var i = 0; i < count; i++) draft.Add(_series[i % _series.Length].Family, _series[i % _series.Length].Series, _step + i, timeMs + (i * 1000L));
        return draft;
    }

    private double Value(int i) => (i % 4) switch
    {
        0 => _step * (1 + (i % 7)),
        1 => 20 + (((_step * (i + 3)) % 50) / 10.0),
        2 => 1000,
        _ => i % 8 == 3 && _step % 5 == 0 ? double.NaN : Math.Sqrt(_step * i),
    };
}
