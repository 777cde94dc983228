using System.Globalization;
using Gateway.Buffering;
using Gateway.EndToEnd.Parts;
using Gateway.Exposition;
using Gateway.TestKit;
using Xunit;

namespace Gateway.EndToEnd.Replay;

/// <summary>An outage longer than what scrapes can repair: they bring what is safe, remote write brings the rest.</summary>
public sealed class BeyondAgeLimitTests : IDisposable
{
    private const long Minute = 60_000;

    /// <summary>15 s with odd milliseconds.</summary>
    private const long Step = 15_001;

    private const string Selector = "{__name__=~\"gap_.+\"}";

    private readonly TempFolder _folder = new();

    /// <summary>What was buffered: by series as the servers name it, and time.</summary>
    private readonly Dictionary<(string Series, long Time), double> _given = [];

    [RequiresToolFact("prometheus", "nginx", "victoria-metrics")]
    public async Task Scrapes_deliver_what_is_young_enough_and_remote_write_the_rest()
    {
        var now = Clock.Now;
        await FillAsync(now);
        await using var parts = await ReplayParts.StartAsync(_folder);
        var victoria = await parts.StartVictoriaAsync(deduplicate: true);
        await parts.StopGatewayAsync();
        // The labels that a scrape gives.
        var labels = new SortedDictionary<string, string>(StringComparer.Ordinal)
        {
            ["instance"] = string.Create(CultureInfo.InvariantCulture, $"127.0.0.1:{parts.Relay.Port}"),
            ["job"] = "gateway",
        };
        const string RemoteWrite = "--Gateway:Replay:RemoteWrite";
        await parts.StartGatewayAsync(
            [$"{RemoteWrite}:Urls:0={victoria.RemoteWriteUrl}", .. labels.Select(label => $"{RemoteWrite}:ExternalLabels:{label.Key}={label.Value}")]);

        var prometheus = await parts.StartPrometheusAsync();
        await QueueState.UntilAsync(parts, "scrapes have delivered", queue => queue.State == "present");
        await QueueState.UntilAsync(parts, "remote write has delivered", queue => queue.OnShelf == 0);
        await prometheus.ScrapedAsync("gateway", Clock.Now);

        var end = Clock.Now;
        var scraped = RemoteWriteRig.Flat(await prometheus.RawSamplesAsync(Selector, now - (4 * 60 * Minute), end));
        var written = RemoteWriteRig.Flat(await victoria.RawSamplesAsync(Selector));
        AssertEqual(_given.Where(sample => sample.Key.Time >= now - (55 * Minute)), labels, scraped, parts);
        AssertEqual(_given.Where(sample => sample.Key.Time < now - (55 * Minute)), labels, written, parts);
        Assert.All(await prometheus.UpAsync("gateway", now), sample => Assert.Equal(1, sample.Value));
        Assert.Equal(0, await prometheus.OwnMetricAsync("prometheus_tsdb_out_of_order_samples_total"));
        Assert.Equal(0, await prometheus.OwnMetricAsync("prometheus_target_scrapes_sample_out_of_bounds_total"));
    }

    public void Dispose() => _folder.Dispose();

    /// <summary>Snapshots of 3 h to 1 h ago and of 50 min to 1 min ago, waiting for a consumer that is away.</summary>
    private async Task FillAsync(long now)
    {
        await using var buffer = await BufferFile.OpenAsync(_folder);
        await buffer.SaveReaderAsync(
            new BufferReader(BufferReader.ScrapePrefix + "default", SnapshotKind.Metrics, SequenceRanges.All, now - (181 * Minute), "absent"),
            CancellationToken.None);
        var gauges = MetricFamily.Gauge("gap_value", "Of an outage.", "part");
        var counters = MetricFamily.Counter("gap_events_total", "Of an outage.");
        var draft = new SnapshotDraft();
        foreach (var (first, last) in ((long, long)[])[(180, 60), (50, 1)])
        {
            for (var time = now - (first * Minute); time <= now - (last * Minute); time += Step)
            {
                draft.Reset(SnapshotKind.Metrics, time);
                for (var part = 0; part < 20; part++) Add(gauges, Series.Create(gauges, [part.ToString(CultureInfo.InvariantCulture)]), (time * 20) + part);
                Add(counters, Series.Create(counters, []), time / 1000);
                await buffer.AppendAsync(draft, CancellationToken.None);
            }
        }

        void Add(MetricFamily family, Series series, double value)
        {
            draft.Add(family, series, value);
            var labels = series.LabelNames.Zip(series.LabelValues, (name, label) => $"{name}={label}");
            _given.Add(($"{series.SampleName},{string.Join(SeriesName.Separator, labels)}", draft.TimeMs), value);
        }
    }

    private static void AssertEqual(
        IEnumerable<KeyValuePair<(string Series, long Time), double>> given, IReadOnlyDictionary<string, string> labels,
        Dictionary<(string Series, long Time), double> arrived, ReplayParts parts)
    {
        var expected = given.ToDictionary(sample => (WithLabels(sample.Key.Series, labels), sample.Key.Time), sample => sample.Value);
        var missing = expected.Where(sample => !arrived.TryGetValue(sample.Key, out var value) || !value.Equals(sample.Value)).Take(5).ToList();
        var added = arrived.Keys.Where(key => !expected.ContainsKey(key)).Take(5).ToList();
        Assert.True(
            missing.Count + added.Count == 0,
            $"{expected.Count} expected, {arrived.Count} arrived; missing or changed: {string.Join(" | ", missing)}; added: {string.Join(" | ", added)}\n"
            + parts.Evidence());
    }

    private static string WithLabels(string series, IReadOnlyDictionary<string, string> added)
    {
        var (name, own) = (series[..series.IndexOf(',', StringComparison.Ordinal)], series[(series.IndexOf(',', StringComparison.Ordinal) + 1)..]);
        var labels = own.Split(SeriesName.Separator, StringSplitOptions.RemoveEmptyEntries).Concat(added.Select(label => $"{label.Key}={label.Value}"));
        return $"{name},{string.Join(SeriesName.Separator, labels.Order(StringComparer.Ordinal))}";
    }
}
