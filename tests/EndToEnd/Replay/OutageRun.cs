using Gateway.EndToEnd.Parts;
using Gateway.TestKit;
using Xunit;

namespace Gateway.EndToEnd.Replay;

/// <summary>
/// One outage from beginning to end with parts of its own: everything runs and nothing is away, then the outage of the test, then the judgement over all that was
/// collected since the start. Several may run at the same time.
/// </summary>
internal sealed class OutageRun : IAsyncDisposable
{
    /// <summary>Counters of Prometheus in which a sample that it refuses shows.</summary>
    private static readonly string[] Refusals =
    [
        "prometheus_target_scrapes_sample_out_of_order_total", "prometheus_target_scrapes_sample_out_of_bounds_total",
        "prometheus_target_scrapes_sample_duplicate_timestamp_total", "prometheus_tsdb_out_of_order_samples_total", "prometheus_tsdb_too_old_samples_total",
    ];

    /// <summary>For what was answered at the end to be visible; what is missing after that is missing.</summary>
    private static readonly TimeSpan Settling = TimeSpan.FromSeconds(5);

    /// <summary>A snapshot and a scrape at the same instant: the second one gets the next millisecond, and their figures need not differ.</summary>
    private const long NextMillisecond = 1;

    /// <summary>Fewer than this and nothing was shown.</summary>
    private const int FewestArrivals = 5;

    private readonly TempFolder _folder = new();
    private readonly List<long> _cuts = [];

    private OutageRun()
    {
    }

    /// <summary>State of the service.</summary>
    public string StateFolder => _folder["state"];

    public ReplayParts Parts { get; private set; } = null!; // set by StartAsync, the only way to get one of these

    public PrometheusServer Prometheus { get; private set; } = null!;

    /// <summary>What was collected from here on must arrive.</summary>
    public long Start { get; set; }

    /// <summary>Starts all and waits until Prometheus has what was collected before its first scrape, and gets plain samples.</summary>
    /// <param name="setup">Null for the usual.</param>
    /// <param name="alsoItself">Prometheus scrapes itself as well, so that its newest time goes on while the service is away.</param>
    /// <param name="fill">Called with the folder of the state before the service starts; what it puts there is the first to be handed over, and nobody waits for it.</param>
    /// <param name="configure">Changes what Prometheus is told.</param>
    public static async Task<OutageRun> StartAsync(
        ReplaySetup? setup = null, bool alsoItself = false, Func<string, Task>? fill = null, Func<PrometheusConfiguration, PrometheusConfiguration>? configure = null)
    {
        var run = new OutageRun();
        try
        {
            if (fill is not null) await fill(run.StateFolder);
            run.Parts = await ReplayParts.StartAsync(run._folder, setup);
            run.Start = await run.Parts.Record.MarkAsync();
            var configuration = run.Parts.Configuration;
            if (configure is not null) configuration = configure(configuration);
            run.Prometheus = await run.Parts.StartPrometheusAsync(configuration);
            if (alsoItself)
            {
                // Its port is known only now; it has not scraped yet.
                await run.Prometheus.StopAsync();
                run.Prometheus.Configure((configuration with { Jobs = [.. configuration.Jobs, new ScrapeJob("itself", run.Prometheus.Port, "/metrics")] }).ToString());
                await run.Prometheus.StartAsync();
            }

            if (fill is null) await run.SettledAsync();
            return run;
        }
        catch
        {
            await run.DisposeAsync();
            throw;
        }
    }

    /// <summary>Waits until Prometheus has everything and gets plain samples, two scrapes long.</summary>
    public async Task SettledAsync(TimeSpan? limit = null)
    {
        await ConsumerState.ReachedAsync(Parts, "present", limit: limit);
        for (var i = 0; i < 2; i++) await Prometheus.ScrapedAsync("gateway", Clock.Now);
    }

    /// <summary>An outage begins: right after a scrape, so that what is under way is the same each time.</summary>
    public async Task BeginAsync()
    {
        await Prometheus.ScrapedAsync("gateway", Clock.Now);
        _cuts.Add(Clock.Now);
    }

    /// <summary>Waits until the service has noticed the outage and has taken the snapshots of it.</summary>
    public async Task PassAsync()
    {
        await ConsumerState.ReachedAsync(Parts, "absent");
        var (from, wanted) = (_cuts[^1], OutageSettings.Snapshots);
        await Poll.UntilAsync(
            "the snapshots of the outage", () => Parts.Record.Writings.Count(writing => writing.Collections > 0 && writing.Time >= from) >= wanted,
            TimeSpan.FromSeconds(3 * wanted) + Poll.Patience, () => Parts.Evidence(Prometheus));
    }

    /// <summary>
    /// Judges all samples: each that was collected is there once, with its value and its time, and nothing else is. What may be missing is the last answer before
    /// an outage: Prometheus never acknowledges one, and one that was under way when contact was lost looks delivered (docs/replay.md, "The last answer").
    /// </summary>
    /// <param name="isExcused">What else may be missing, by a rule that the test names.</param>
    /// <param name="evidence">What else the message of a failure shall show.</param>
    /// <returns>The comparison, for what else a test wants to know of it.</returns>
    public async Task<SampleDifference> AssertAllArrivedAsync(Func<RecordedWriting, bool>? isExcused = null, Func<string>? evidence = null)
    {
        var end = await Parts.Record.MarkAsync();
        var difference = await Parts.Record.ArrivedAsync(Start, end, () => ReplayParts.RecordedAsync(Prometheus, Start), Settling);
        var lastAnswers = _cuts.Select(cut => difference.Collected.LastOrDefault(writing => writing.Time <= cut).Number).ToHashSet();
        var unexcused = difference.Missing.Where(writing => !lastAnswers.Contains(writing.Number) && isExcused?.Invoke(writing) != true).Select(writing => writing.Number).ToList();
        var said = $"{difference}without excuse: {string.Join(", ", unexcused)}\n{evidence?.Invoke()}\n{Parts.Evidence(Prometheus)}";
        Assert.True(difference.IsEmptyButForMissingAndRepeated, said);
        foreach (var (number, first, again) in difference.Repetitions)
            Assert.True(again - first <= NextMillisecond || await AreTwoCollectionsAsync(first, again), $"{number} was collected once and stands twice\n{said}");
        Assert.True(unexcused.Count == 0, said);
        Assert.True(difference.Arrived.Count >= FewestArrivals, said);
        return difference;
    }

    /// <summary>Prometheus refused no sample. Only where no page had to be served again: the second time each sample of it is refused, harmlessly.</summary>
    public async Task AssertNothingRefusedAsync()
    {
        if ((await ConsumerState.OfAsync(Parts.Gateway)).FailedPages > 0) return;
        foreach (var counter in Refusals)
            Assert.True(await Prometheus.OwnMetricAsync(counter) == 0, $"{counter} is {await Prometheus.OwnMetricAsync(counter)}\n{Parts.Evidence(Prometheus)}");
    }

    /// <summary>No sample was beyond the window, which would have failed its scrape, or from the future.</summary>
    public async Task AssertNothingTooOldAsync()
    {
        foreach (var counter in new[] { "prometheus_tsdb_too_old_samples_total", "prometheus_target_scrapes_sample_out_of_bounds_total" })
            Assert.Equal(0, await Prometheus.OwnMetricAsync(counter));
    }

    /// <summary>Every scrape since a time was good, those that brought pages as well.</summary>
    public async Task AssertUpSinceAsync(long from)
    {
        var up = await Prometheus.UpAsync("gateway", from);
        Assert.True(up.Count >= 2 && up.All(sample => sample.Value == 1), $"{string.Join(", ", up)}\n{Parts.Evidence(Prometheus)}");
    }

    /// <summary>The service answers with plain samples again. Last of all: what is collected for this scrape never reaches Prometheus.</summary>
    public async Task AssertPlainAsync()
    {
        Assert.Equal("present", (await ConsumerState.OfAsync(Parts.Gateway)).State);
        var lines = (await Parts.Gateway.ScrapeAsync()).Split('\n');
        var line = Assert.Single(lines, line => line.StartsWith(SampleRecord.Index + " ", StringComparison.Ordinal));
        Assert.Equal(2, line.Split(' ').Length);
    }

    /// <summary>
    /// A snapshot that was due and a scrape may come within one writing of the record, and share the run of a collector. The figures of the service itself are new
    /// in each (the age of the last scrape is one of them); one collection under two times would show the same ones twice.
    /// </summary>
    private async Task<bool> AreTwoCollectionsAsync(long first, long second)
    {
        var own = await Prometheus.RawSamplesAsync("{__name__=~\"gateway_.+\",job=\"gateway\"}", first, second);
        return own.Series.Values.Any(samples => samples.Count >= 2 && samples[0].Time == first && samples[^1].Time == second && !samples[0].Value.Equals(samples[^1].Value));
    }

    public async ValueTask DisposeAsync()
    {
        if (Parts is not null) await Parts.DisposeAsync();
        _folder.Dispose();
    }
}
