using System.Globalization;
using System.Net;
using Gateway.EndToEnd.Parts;
using Gateway.TestKit;
using Xunit;
using Xunit.Abstractions;

namespace Gateway.EndToEnd.Replay;

/// <summary>Pushes while Prometheus is away: each is a point of its own, at the time at which it was pushed.</summary>
public sealed class PushReplayTests(OutagesAtOnce outages, ITestOutputHelper output) : IClassFixture<OutagesAtOnce>
{
    private const string Job = "pushed";

    private const int Pushes = 10;

    private static readonly Dictionary<string, Func<Task<string>>> All = new(StringComparer.Ordinal)
    {
        [nameof(Ten_pushes_of_one_series_while_Prometheus_was_stopped_are_ten_points)] = StoppedAsync,
        [nameof(Pushes_while_the_network_was_cut_are_points_but_for_those_of_the_first_interval)] = CutAsync,
    };

    [RequiresToolFact("prometheus", "nginx")]
    public Task Ten_pushes_of_one_series_while_Prometheus_was_stopped_are_ten_points() => RunAsync(nameof(Ten_pushes_of_one_series_while_Prometheus_was_stopped_are_ten_points));

    [RequiresToolFact("prometheus", "nginx")]
    public Task Pushes_while_the_network_was_cut_are_points_but_for_those_of_the_first_interval() => RunAsync(nameof(Pushes_while_the_network_was_cut_are_points_but_for_those_of_the_first_interval));

    private static async Task<string> StoppedAsync()
    {
        using var folder = new TempFolder();
        await using var parts = await ReplayParts.StartAsync(folder);
        var prometheus = await StartAsync(parts);
        await prometheus.StopAsync();
        var away = Clock.Now;
        var pushes = await PushAllAsync(parts, beforeNoticed: 3);
        var back = Clock.Now;
        await prometheus.StartAsync();
        await SettledAsync(parts, prometheus);

        await AssertPointsAsync(prometheus, pushes, away, back, _ => false);
        await AssertEndAsync(parts, prometheus, back);
        return $"{pushes.Count} pushes of two series, all there";
    }

    private static async Task<string> CutAsync()
    {
        using var folder = new TempFolder();
        await using var parts = await ReplayParts.StartAsync(folder);
        var prometheus = await StartAsync(parts);
        var away = Clock.Now;
        parts.Relay.Refuse();
        var pushes = await PushAllAsync(parts, beforeNoticed: 3);
        var back = Clock.Now;
        parts.Relay.Restore();
        await SettledAsync(parts, prometheus);

        // Prometheus put a staleness marker on each plain series at the first scrape that failed, and without window takes nothing from before it
        // (docs/replay.md, "The first interval"). It counts what it refused.
        var firstFailed = (await prometheus.UpAsync(Job, away)).First(sample => sample.Value == 0).Time;
        var refused = await AssertPointsAsync(prometheus, pushes, away, back, push => push.Begin <= firstFailed);
        Assert.True(refused <= 2 * 3, $"{refused} points of the two series are missing in the first interval");
        Assert.True(await prometheus.OwnMetricAsync("prometheus_target_scrapes_sample_out_of_order_total") >= refused, parts.Evidence(prometheus));
        await AssertEndAsync(parts, prometheus, back);
        return $"{pushes.Count} pushes of two series, {refused} points of the first interval refused";
    }

    private static async Task<PrometheusServer> StartAsync(ReplayParts parts)
    {
        var configuration = parts.Configuration;
        configuration = configuration with { Jobs = [.. configuration.Jobs, new ScrapeJob(Job, parts.Relay.Port, ConsumerState.Pushes) { More = ["honor_labels: true"] }] };
        using (var pusher = parts.Gateway.Client(Http.Pusher)) await PushAsync(pusher, 0);
        var prometheus = await parts.StartPrometheusAsync(configuration);
        await SettledAsync(parts, prometheus);
        return prometheus;
    }

    private static async Task SettledAsync(ReplayParts parts, PrometheusServer prometheus)
    {
        await ConsumerState.ReachedAsync(parts, "present");
        await ConsumerState.ReachedAsync(parts, "present", ConsumerState.Pushes);
        await prometheus.ScrapedAsync("gateway", Clock.Now);
        await prometheus.ScrapedAsync(Job, Clock.Now);
    }

    /// <summary>The first ones at once, before the service can know that Prometheus is away; the others while it knows.</summary>
    private static async Task<IReadOnlyList<Pushed>> PushAllAsync(ReplayParts parts, int beforeNoticed)
    {
        var pushes = new List<Pushed>();
        using var pusher = parts.Gateway.Client(Http.Pusher);
        for (var value = 1; value <= Pushes; value++)
        {
            if (value == beforeNoticed + 1) await ConsumerState.ReachedAsync(parts, "absent", ConsumerState.Pushes);
            var begin = Clock.Now;
            await PushAsync(pusher, value);
            pushes.Add(new Pushed(value, begin, Clock.Now));
        }

        var before = (await ConsumerState.OfAsync(parts.Gateway)).Appended;
        await Poll.UntilAsync("three more snapshots", async () => (await ConsumerState.OfAsync(parts.Gateway)).Appended >= before + 3);
        return pushes;
    }

    private static async Task PushAsync(HttpClient pusher, int value)
    {
        foreach (var path in new[] { "/simple/insert/replay_simple", "/complex/insert/replay_complex/disk%2F1" })
        {
            using var answer = await pusher.PostAsync(string.Create(CultureInfo.InvariantCulture, $"{path}/{value}.5"), null);
            Assert.Equal(HttpStatusCode.OK, answer.StatusCode);
        }
    }

    /// <summary>Each push of the outage is one point at its own time, in both series, and there are no others. Returns how many are missing of those that may be.</summary>
    private static async Task<int> AssertPointsAsync(
        PrometheusServer prometheus, IReadOnlyList<Pushed> pushes, long away, long back, Func<Pushed, bool> mayBeMissing)
    {
        var missing = 0;
        foreach (var selector in new[] { $"replay_simple{{job=\"{Job}\"}}", $"replay_complex{{job=\"{Job}\",instance=\"disk/1\"}}" })
        {
            var points = (await prometheus.RawSamplesAsync(selector, away, back)).Series.Values.SingleOrDefault() ?? [];
            var shown = string.Join(", ", points.Select(point => $"{point.Value} at {Clock.Text(point.Time)}"), StringComparer.Ordinal);
            var found = 0;
            foreach (var push in pushes)
            {
                var one = points.Where(point => point.Value.Equals(push.Value + 0.5)).ToList();
                if (one.Count == 0 && mayBeMissing(push)) missing++;
                else Assert.True(one.Count == 1 && one[0].Time >= push.Begin && one[0].Time <= push.End, $"{selector}: push {push} among {shown}");
                found += one.Count;
            }

            Assert.True(points.Count == found, $"{selector}: points that nobody pushed: {shown}");
        }

        return missing;
    }

    /// <summary>Afterwards the last value is shown by each scrape, plain, and every scrape is good.</summary>
    private static async Task AssertEndAsync(ReplayParts parts, PrometheusServer prometheus, long back)
    {
        var since = Clock.Now;
        await prometheus.ScrapedAsync(Job, since);
        Assert.All((await prometheus.RawSamplesAsync($"replay_simple{{job=\"{Job}\"}}", since, Clock.Now)).Single, sample => Assert.Equal(Pushes + 0.5, sample.Value));
        Assert.Contains(await prometheus.UpAsync(Job, back), sample => sample.Value == 1);
        var lines = (await parts.Gateway.ScrapeAsync(ConsumerState.Pushes)).Split('\n');
        Assert.Contains($"replay_simple {Pushes}.5", lines, StringComparer.Ordinal);
    }

    private async Task RunAsync(string name) => output.WriteLine(await outages.RunAsync(All, name));

    /// <summary>One push: its value without the fraction, and the times right before and after it.</summary>
    private sealed record Pushed(int Value, long Begin, long End);
}
