using Gateway.Buffering;
using Gateway.Buffering.Stores;
using Gateway.EndToEnd.Parts;
using Gateway.Exposition;
using Microsoft.Extensions.Logging.Abstractions;

namespace Gateway.EndToEnd.Replay;

/// <summary>
/// What a service would hold after hours without Prometheus, put into its buffer before it starts: snapshots of many series, 15 s apart, the consumer absent since.
/// Knows each value, so that what arrived can be judged.
/// </summary>
/// <param name="span">From the first snapshot to now.</param>
/// <param name="width">Number of series.</param>
internal sealed class FilledBuffer(TimeSpan span, int width)
{
    /// <summary>Selects its series in a store.</summary>
    public const string Selector = "{__name__=\"filled_level\",job=\"gateway\"}";

    private const long StepMs = 15_000;

    /// <summary>Appends under way: they share transactions.</summary>
    private const int Group = 64;

    private static readonly MetricFamily Family = MetricFamily.Gauge("filled_level", "Filled before the start.", "part");

    private readonly long _first = Clock.Now - (long)span.TotalMilliseconds;

    public int Snapshots { get; } = (int)(span.TotalMilliseconds / StepMs);

    public long First => _first;

    public long Samples => (long)Snapshots * width;

    /// <summary>Fills the buffer of a service that does not run.</summary>
    /// <param name="directory">Of its state.</param>
    public async Task FillAsync(string directory)
    {
        Directory.CreateDirectory(directory);
        var options = new BufferOptions { Directory = directory };
        await using var buffer = new SnapshotBuffer(
            BufferStores.Create(options, TimeProvider.System), options, TimeProvider.System, NullLogger<SnapshotBuffer>.Instance);
        await buffer.StartAsync(CancellationToken.None);
        var series = Enumerable.Range(0, width).Select(part => Series.Create(Family, [$"{part}"])).ToArray();
        var drafts = Enumerable.Range(0, Group).Select(_ => new SnapshotDraft()).ToArray();
        for (var from = 0; from < Snapshots; from += Group)
        {
            var appends = new List<Task>();
            for (var number = from; number < Math.Min(Snapshots, from + Group); number++)
            {
                var draft = drafts[number - from];
                draft.Reset(SnapshotKind.Metrics, TimeOf(number));
                for (var part = 0; part < width; part++) draft.Add(Family, series[part], ValueOf(number, part));
                appends.Add(buffer.AppendAsync(draft, CancellationToken.None));
            }

            await Task.WhenAll(appends);
        }

        await buffer.SaveReaderAsync(
            new BufferReader(BufferReader.ScrapePrefix + "default", SnapshotKind.Metrics, SequenceRanges.Of(1), _first, "absent"), CancellationToken.None);
    }

    /// <summary>How what a store holds differs from what was filled in; empty when nothing does.</summary>
    public IReadOnlyList<string> Differences(StoredSamples stored)
    {
        var differences = new List<string>();
        if (stored.Series.Count != width) differences.Add($"{stored.Series.Count} series of {width}");
        foreach (var (name, samples) in stored.Series)
        {
            var part = int.Parse(name.Label("part"), System.Globalization.CultureInfo.InvariantCulture);
            if (samples.Count != Snapshots) differences.Add($"part {part}: {samples.Count} samples of {Snapshots}");
            for (var i = 0; i < Math.Min(samples.Count, Snapshots); i++)
            {
                if (samples[i].Time == TimeOf(i) && samples[i].Value.Equals(ValueOf(i, part))) continue;
                differences.Add($"part {part}, number {i}: {samples[i].Value} at {Clock.Text(samples[i].Time)}, should be {ValueOf(i, part)} at {Clock.Text(TimeOf(i))}");
                break;
            }
        }

        return differences;
    }

    private long TimeOf(int number) => _first + (number * StepMs);

    /// <summary>No two series share a value, and roots have no short decimal form: they do not compress, and a digit that is lost anywhere shows.</summary>
    private static double ValueOf(int number, int part) => Math.Sqrt((part * 100_000.0) + number);
}
