using Gateway.Buffering;
using Gateway.Buffering.Outlets;
using Gateway.EndToEnd.Parts;
using Gateway.Exposition;
using Gateway.TestKit;
using Microsoft.Extensions.Logging.Abstractions;

namespace Gateway.EndToEnd;

/// <summary>The outlet as the service runs it, with real clock and sockets, over a buffer in memory; and what it was given, to compare with what
/// arrived.</summary>
internal sealed class RemoteWriteRig : IAsyncDisposable
{
    private readonly Shelf _shelf;
    private readonly Dictionary<(string Series, long Time), double> _given = [];

    public RemoteWriteRig(RemoteWriteTargetOptions target, Action<RemoteWriteOptions>? change = null, MemorySnapshotBuffer? buffer = null)
    {
        Options = new RemoteWriteOptions
        {
            Mode = RemoteWriteMode.Always,
            MinBackoff = TimeSpan.FromMilliseconds(50),
            MaxBackoff = TimeSpan.FromMilliseconds(500),
            RefusalPause = TimeSpan.FromMilliseconds(300),
        };
        Options.Targets.Add(target);
        change?.Invoke(Options);
        Buffer = buffer ?? new MemorySnapshotBuffer();
        _shelf = new Shelf(Buffer);
        Outlet = new RemoteWriteOutlet(Options, Buffer, _shelf, TimeProvider.System, NullLogger<RemoteWriteOutlet>.Instance);
    }

    public RemoteWriteOptions Options { get; }

    public MemorySnapshotBuffer Buffer { get; }

    public RemoteWriteOutlet Outlet { get; }

    public RemoteWriteFigures Figures => Outlet.Figures[0];

    /// <summary>Samples given, by name and labels and time.</summary>
    public IReadOnlyDictionary<(string Series, long Time), double> Given => _given;

    public static RemoteWriteTargetOptions To(string url) => new() { Url = url };

    public static Series[] Gauges(string name, int count)
    {
        var family = MetricFamily.Gauge(name, "", "i", "text");
        return [.. Enumerable.Range(0, count).Select(i => Series.Create(family, [$"{i}", "ü \\ \" \n 字"]))];
    }

    public async Task StartAsync() => await Outlet.StartAsync(CancellationToken.None);

    /// <summary>Appends a snapshot whose values no two series share.</summary>
    public void Append(long time, IEnumerable<Series> series)
    {
        var samples = series.Select((one, i) => (one, (time % 100_000 * 1000.0) + i)).ToArray();
        foreach (var (one, value) in samples) _given[(Key(one.SampleName, one), time)] = value;
        Buffer.Append(time, samples);
        Outlet.Wake();
    }

    /// <summary>Appends snapshots up to a time, 15 s apart.</summary>
    public void Fill(int snapshots, long newest, IReadOnlyCollection<Series> series)
    {
        for (var i = snapshots - 1; i >= 0; i--) Append(newest - (i * 15_000), series);
    }

    /// <summary>Waits until nothing is left to send.</summary>
    public Task DrainedAsync(TimeSpan? limit = null) => Poll.UntilAsync(
        "everything is sent", () => Figures.Backlog.Sum(size => size.Snapshots) == 0, limit,
        () => $"{Figures} {string.Join(',', Figures.Requests)} {string.Join(',', Figures.GivenUpSamples)}");

    /// <summary>Samples of a store in the form of <see cref="Given"/>; a sample that stands twice fails.</summary>
    public static Dictionary<(string Series, long Time), double> Flat(StoredSamples stored)
    {
        var flat = new Dictionary<(string, long), double>();
        foreach (var (series, samples) in stored.Series)
        {
            foreach (var (time, value) in samples) flat.Add(($"{series.Name},{series.Labels}", time), value);
        }

        return flat;
    }

    public async ValueTask DisposeAsync()
    {
        await Outlet.DisposeAsync();
        _shelf.Dispose();
        await Buffer.DisposeAsync();
    }

    private static string Key(string name, Series series) =>
        $"{name},{string.Join(SeriesName.Separator, series.LabelNames.Zip(series.LabelValues, (label, value) => $"{label}={value}").Order(StringComparer.Ordinal))}";
}
