using Gateway.Buffering;
using Gateway.Buffering.Outlets;
using Gateway.EndToEnd.Parts;
using Gateway.Exposition;
using Gateway.TestKit;
using Xunit;

namespace Gateway.EndToEnd;

public sealed class RemoteWritePrometheusTests : IDisposable
{
    private const string Receiver = "--web.enable-remote-write-receiver";
    private const long Minute = 60_000;

    private readonly TempFolder _folder = new();

    [RequiresToolFact("prometheus")]
    public async Task Samples_arrive_exactly_as_the_series_that_a_scrape_makes()
    {
        await using var prometheus = await StartAsync(Receiver);
        await using var rig = new RemoteWriteRig(RemoteWriteRig.To(prometheus.RemoteWriteUrl));
        await rig.StartAsync();
        var newest = Clock.Now;
        rig.Fill(40, newest, RemoteWriteRig.Gauges("exact", 300));
        await rig.DrainedAsync();
        Assert.Equal(rig.Given, RemoteWriteRig.Flat(await prometheus.RawSamplesAsync("exact", newest - (60 * Minute), newest)));
        Assert.Equal(0, rig.Figures.GivenUpSamples.Sum());
    }

    [RequiresToolFact("prometheus")]
    public async Task Names_and_external_labels_are_those_of_a_scrape()
    {
        await using var prometheus = await StartAsync(Receiver);
        await using var rig = new RemoteWriteRig(RemoteWriteRig.To(prometheus.RemoteWriteUrl), options =>
        {
            options.ExternalLabels["job"] = "gateway";
            options.ExternalLabels["instance"] = "box:9464";
            options.PushedLabels["job"] = "gateway-pushed";
        });
        await rig.StartAsync();
        var now = Clock.Now;
        var histogram = MetricFamily.Create("h", MetricType.Histogram, "", "");
        rig.Buffer.Append(
            now, (Series.Create(histogram, ["job"], ["own"], SampleRole.Bucket, 1), 3.0), (Series.Create(MetricFamily.Create("c", MetricType.Counter, "", ""), []), 5.0));
        rig.Buffer.AppendPushes((Series.Create(MetricFamily.Gauge("pushed", ""), ["instance"], ["pump"]), now, 7.0));
        rig.Outlet.Wake();
        await rig.DrainedAsync();
        var found = await prometheus.QueryAsync("{__name__=~\"h_bucket|c_total|pushed\"}", now);
        Assert.Equal(
            "c_total instance=box:9464,job=gateway 5; h_bucket exported_job=own,instance=box:9464,job=gateway,le=1.0 3; pushed instance=pump,job=gateway-pushed 7",
            string.Join("; ", found.Select(one => FormattableString.Invariant($"{one.Labels["__name__"]} {LabelsOf(one.Labels)} {one.Value}")).Order(StringComparer.Ordinal)));
    }

    [RequiresToolFact("prometheus")]
    public async Task What_is_too_old_is_given_up_and_counted_and_what_is_not_arrives()
    {
        await using var prometheus = await StartAsync(Receiver);
        await using var rig = new RemoteWriteRig(RemoteWriteRig.To(prometheus.RemoteWriteUrl));
        await rig.StartAsync();
        var now = Clock.Now;
        // From then on Prometheus takes nothing older than an hour.
        rig.Append(now, RemoteWriteRig.Gauges("live", 1));
        await rig.DrainedAsync();
        var series = RemoteWriteRig.Gauges("aged", 100);
        rig.Fill(40, now - (180 * Minute), series);
        rig.Fill(40, now - (30 * Minute), series);
        await rig.DrainedAsync();
        Assert.Equal(4000, rig.Figures.GivenUpSamples[(int)GiveUpReason.OutOfBounds]);
        // The series that was asked for the edge may lose its young samples of that page, no other does.
        var late = rig.Figures.GivenUpSamples.Sum() - 4000;
        Assert.InRange(late, 0, 40);
        Assert.Equal(4000 - late, (await prometheus.RawSamplesAsync("aged", now - (240 * Minute), now)).Count);
        Assert.Null(rig.Figures.Fault);
        Assert.InRange(rig.Figures.Requests.Sum(), 3, 200);
    }

    [RequiresToolFact("prometheus")]
    public async Task One_series_that_is_never_taken_does_not_keep_its_neighbours_away()
    {
        await using var prometheus = await StartAsync(Receiver);
        await using var rig = new RemoteWriteRig(RemoteWriteRig.To(prometheus.RemoteWriteUrl), options => options.MaxSamplesPerRequest = 1000);
        await rig.StartAsync();
        var series = RemoteWriteRig.Gauges("mixed", 100);
        var now = Clock.Now;
        // Stored with a newer time: all that comes now of this series is out of order, in each request.
        rig.Append(now, [series[41]]);
        await rig.DrainedAsync();
        rig.Fill(30, now - Minute, series);
        await rig.DrainedAsync();
        Assert.Equal(30, rig.Figures.GivenUpSamples[(int)GiveUpReason.OutOfOrder]);
        Assert.Equal(30, rig.Figures.GivenUpSamples.Sum());
        var stored = await prometheus.RawSamplesAsync("mixed", now - (60 * Minute), now);
        Assert.Equal((99 * 30) + 1, stored.Count);
        // Three pages: one search, then the series goes alone.
        Assert.InRange(rig.Figures.Requests.Sum(), 30, 200);
    }

    [RequiresToolFact("prometheus")]
    public async Task A_receiver_that_is_off_is_reported_and_nothing_is_lost()
    {
        await using var prometheus = await StartAsync();
        await using var rig = new RemoteWriteRig(RemoteWriteRig.To(prometheus.RemoteWriteUrl));
        await rig.StartAsync();
        rig.Append(Clock.Now, RemoteWriteRig.Gauges("off", 10));
        await Poll.UntilAsync("it was asked twice", () => rig.Figures.Requests[(int)RemoteWriteResult.ReceiverOff] >= 2);
        Assert.Contains("remote write receiver needs to be enabled", rig.Figures.Fault, StringComparison.Ordinal);
        Assert.Equal((1, 0L), (rig.Figures.Backlog[0].Snapshots, rig.Figures.GivenUpSamples.Sum()));
    }

    [RequiresToolFact("prometheus")]
    public async Task A_batch_whose_answer_was_lost_is_not_stored_twice_nor_counted_as_a_contradiction()
    {
        await using var prometheus = await StartAsync(Receiver);
        await using var buffer = new MemorySnapshotBuffer();
        var now = Clock.Now;
        for (var round = 0; round < 2; round++)
        {
            foreach (var kind in Enum.GetValues<SnapshotKind>()) await buffer.RemoveReaderAsync("remote-write/p", kind, CancellationToken.None);
            await buffer.SaveReaderAsync(new("scrape/default", SnapshotKind.Metrics, SequenceRanges.All, 0), CancellationToken.None);
            await using var rig = new RemoteWriteRig(new RemoteWriteTargetOptions { Url = prometheus.RemoteWriteUrl, Name = "p" }, buffer: buffer);
            if (round == 0) rig.Fill(10, now, RemoteWriteRig.Gauges("again", 20));
            await rig.StartAsync();
            await rig.DrainedAsync();
            // The second time the last snapshot, unchanged, is taken again in silence; the rest is known to be a repetition.
            var repeated = rig.Figures.GivenUpSamples[(int)GiveUpReason.Repeated];
            Assert.Equal((200, repeated), (rig.Figures.SamplesSent + repeated, rig.Figures.GivenUpSamples.Sum()));
            Assert.Equal(round == 0, repeated == 0);
        }

        Assert.Equal(200, (await prometheus.RawSamplesAsync("again", now - (60 * Minute), now)).Count);
    }

    public void Dispose() => _folder.Dispose();

    private static string LabelsOf(IReadOnlyDictionary<string, string> labels) => string.Join(
        ',', labels.Where(label => label.Key != "__name__").OrderBy(label => label.Key, StringComparer.Ordinal).Select(label => $"{label.Key}={label.Value}"));

    private Task<PrometheusServer> StartAsync(params string[] flags) =>
        PrometheusServer.StartAsync(new PrometheusConfiguration().ToString(), _folder, "prometheus", flags);
}
