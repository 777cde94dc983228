using System.Globalization;
using System.Net;
using Gateway.Buffering;
using Gateway.Buffering.Stores;
using Gateway.EndToEnd.Parts;
using Gateway.Exposition;
using Gateway.TestKit;
using Microsoft.Extensions.Logging.Abstractions;
using Xunit;

namespace Gateway.EndToEnd;

/// <summary>Exports of the published <c>gatewayctl</c> from the files of a buffer, taken in by the real systems and compared sample by sample.</summary>
public sealed class GatewayctlExportTests
{
    private const int Snapshots = 1000;

    /// <summary>15 s with odd milliseconds, so that each sample has a time of its own.</summary>
    private const long StepMs = 15_003;

    [RequiresToolFact("prometheus", "promtool")]
    public async Task Prometheus_shows_every_sample_after_promtool_made_blocks()
    {
        using var folder = new TempFolder();
        var expected = await FillAsync(folder["state"]);
        var file = folder["export.om"];
        var (exitCode, output, errors) = await RunAsync(
            "export", "--since", "2d", "--format", "openmetrics", "--state", folder["state"], "--output", file, "--label", "job=citybox", "--label", "instance=ü:1");
        Assert.True(exitCode == 0 && output.Length == 0, errors);
        var (made, said) = await Tool.RunAsync("promtool", default, "tsdb", "create-blocks-from", "openmetrics", "--quiet", file, folder["prometheus"]);
        Assert.True(made == 0, said);
        await using var prometheus = await PrometheusServer.StartAsync(new PrometheusConfiguration().ToString(), folder);
        var stored = await prometheus.RawSamplesAsync("{job=\"citybox\",instance=\"ü:1\"}", expected.Min(sample => sample.Time), Clock.Now);
        AssertEqual(expected, stored, openMetrics: true, ["instance=ü:1", "job=citybox"]);
    }

    [RequiresToolFact("victoria-metrics")]
    public async Task VictoriaMetrics_shows_every_sample_of_lines_of_json()
    {
        using var folder = new TempFolder();
        var expected = await FillAsync(folder["state"]);
        await using var victoria = await VictoriaServer.StartAsync(folder);
        var file = folder["export.jsonl"];
        var (exitCode, _, errors) = await RunAsync("export", "--since", "2d", "--format", "jsonl", "--state", folder["state"], "--output", file);
        Assert.True(exitCode == 0, errors);
        await ImportAsync(victoria, "/api/v1/import", file);
        // VictoriaMetrics stores no NaN; the export says how many it left out.
        var without = expected.Where(sample => !double.IsNaN(sample.Value)).ToList();
        Assert.Contains($"{expected.Count - without.Count} left out because the format has no place for them", errors, StringComparison.Ordinal);
        AssertEqual(without, await victoria.RawSamplesAsync("{__name__=~\"ctl_.+\"}"), openMetrics: false, []);
        Assert.Equal(0, await victoria.OwnMetricAsync("vm_rows_invalid_total"));
    }

    [RequiresToolFact("victoria-metrics")]
    public async Task VictoriaMetrics_shows_every_sample_of_text()
    {
        using var folder = new TempFolder();
        var expected = await FillAsync(folder["state"]);
        await using var victoria = await VictoriaServer.StartAsync(folder);
        Assert.Equal(0, (await RunAsync("export", "--since", "2d", "--format", "prometheus", "--state", folder["state"], "--output", folder["export"])).ExitCode);
        await ImportAsync(victoria, "/api/v1/import/prometheus", folder["export"]);
        AssertEqual([.. expected.Where(sample => !double.IsNaN(sample.Value))], await victoria.RawSamplesAsync("{__name__=~\"ctl_.+\"}"), openMetrics: false, []);
    }

    [Fact]
    public async Task An_export_into_a_program_that_goes_away_is_a_failure()
    {
        using var folder = new TempFolder();
        await FillAsync(folder["state"]);
        var (exitCode, output, errors) = await RunningProcess.RunAsync(
            ToolPath.Find("bash"),
            ["-c", "\"$0\" export --since 2d --format prometheus --state \"$1\" | head -n 1; exit \"${PIPESTATUS[0]}\"", await Product.GatewayctlAsync(), folder["state"]]);
        Assert.Equal((1, "# HELP ctl_things_total Things.\n"), (exitCode, output));
        Assert.Equal("gatewayctl: standard output cannot be written: Broken pipe\n", errors);
    }

    [Fact]
    public async Task No_gateway_is_an_exit_code_of_its_own()
    {
        using var folder = new TempFolder();
        var (exitCode, output, errors) = await RunAsync("buffer", "status", "--socket", folder["none.sock"]);
        Assert.Equal((3, ""), (exitCode, output));
        Assert.StartsWith($"gatewayctl: no gateway answers at {folder["none.sock"]}: there is no such socket", errors, StringComparison.Ordinal);
        Assert.Equal(2, (await RunAsync("buffer", "statsu")).ExitCode);
    }

    /// <summary>Fills a buffer with every type and value, some of it pushed with older times; returns what an export must hold.</summary>
    private static async Task<List<Exported>> FillAsync(string directory)
    {
        var counter = MetricFamily.Counter("ctl_things_total", "Things.", "x");
        var histogram = MetricFamily.Create("ctl_wait_seconds", MetricType.Histogram, "Waits\nand \"quotes\" \\.", "seconds");
        var gauge = MetricFamily.Gauge("ctl_level", "Level.", "kind");
        var pushed = MetricFamily.Gauge("ctl_pushed", "Pushed.", "instance_name");
        (Series Series, Func<int, double> Value)[] collected =
        [
            (Series.Create(counter, ["ä€😀 \" \\ \n {x=\"1\"}"]), i => i % 300),
            (Series.Create(counter, [""]), i => i * 7),
            (Series.Create(gauge, ["fraction"]), i => i / 8.0),
            (Series.Create(gauge, ["infinite"]), i => i % 3 == 0 ? double.PositiveInfinity : i % 3 == 1 ? double.NegativeInfinity : i),
            (Series.Create(gauge, ["nan"]), i => i % 2 == 0 ? double.NaN : -i),
            (Series.Create(histogram, [], SampleRole.Bucket, 1), i => i),
            (Series.Create(histogram, [], SampleRole.Bucket, double.PositiveInfinity), i => i + 2),
            (Series.Create(histogram, [], SampleRole.Sum), i => i / 4.0),
            (Series.Create(histogram, [], SampleRole.Count), i => i + 2),
        ];
        var start = Clock.Now - (Snapshots * StepMs) - 3_600_000;
        var expected = new Dictionary<(string, long), Exported>();
        var options = new BufferOptions { Directory = directory };
        await using var buffer = new SnapshotBuffer(BufferStores.Create(options, TimeProvider.System), options, TimeProvider.System, NullLogger<SnapshotBuffer>.Instance);
        await buffer.StartAsync(CancellationToken.None);
        var draft = new SnapshotDraft();
        var push = Series.Create(pushed, ["a b"]);
        for (var i = 0; i < Snapshots; i++)
        {
            var time = start + (i * StepMs);
            draft.Reset(SnapshotKind.Metrics, time);
            foreach (var (series, value) in collected) Add(series, value(i), time);
            await buffer.AppendAsync(draft, CancellationToken.None);
            if (i % 10 != 0) continue;
            // Every other one was pushed with a time of up to half an hour before.
            var pushTime = time - (i % 20 == 0 ? 0 : (i * 7919L) % 1_800_000);
            draft.Reset(SnapshotKind.Pushes, pushTime);
            Add(push, i, pushTime);
            await buffer.AppendAsync(draft, CancellationToken.None);
        }

        return [.. expected.Values];

        void Add(Series series, double value, long time)
        {
            draft.Add(series.Family, series, value, time);
            expected.TryAdd((series.ToString(), time), new Exported(series, time, value));
        }
    }

    private static void AssertEqual(IReadOnlyList<Exported> expected, StoredSamples stored, bool openMetrics, string[] added)
    {
        Assert.Equal(expected.Count, stored.Count);
        foreach (var series in expected.GroupBy(sample => sample.Series.ToString(), StringComparer.Ordinal))
        {
            var one = series.First().Series;
            var labels = one.LabelNames.Zip(one.LabelValues, (name, value) => $"{name}={value}").Where(label => !label.EndsWith('=')).Concat(added).ToList();
            // OpenMetrics wants a point in a bound.
            if (one.BoundLabelName is { } bound) labels.Add($"{bound}={(openMetrics && one.Bound == 1 ? "1.0" : one.BoundLabelValue)}");
            var name = new SeriesName(one.SampleName, string.Join(SeriesName.Separator, labels.Order(StringComparer.Ordinal)));
            Assert.True(stored.Series.ContainsKey(name), $"{name} is not among {string.Join(" | ", stored.Series.Keys)}");
            Assert.Equal(
                series.OrderBy(sample => sample.Time).Select(sample => (sample.Time, sample.Value)), stored.Series[name].OrderBy(sample => sample.Time).Select(sample => (sample.Time, sample.Value)));
        }
    }

    private static async Task ImportAsync(VictoriaServer victoria, string path, string file)
    {
        using var client = new HttpClient();
        await using var stream = File.OpenRead(file);
        using var content = new StreamContent(stream);
        using var answer = await client.PostAsync(new Uri(string.Create(CultureInfo.InvariantCulture, $"http://127.0.0.1:{victoria.Port}{path}")), content);
        Assert.Equal(HttpStatusCode.NoContent, answer.StatusCode);
    }

    private static async Task<(int ExitCode, string Output, string Errors)> RunAsync(params string[] arguments) =>
        await RunningProcess.RunAsync(await Product.GatewayctlAsync(), arguments);

    private sealed record Exported(Series Series, long Time, double Value);
}
