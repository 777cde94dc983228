using System.Globalization;
using Gateway.Buffering.Export;
using Gateway.Exposition;
using Gateway.TestKit;
using Xunit;

namespace Gateway.Buffering.Tests.Export;

/// <summary>An export as Prometheus' own tool reads it: blocks are made of it, and what they hold is compared sample by sample.</summary>
[Trait("needs", "promtool")]
public sealed class PromtoolExportTests
{
    private const long Start = 1_700_000_000_000;

    /// <summary>promtool takes samples in transactions of this size and behaves differently within one and over several.</summary>
    private const int PromtoolTransaction = 5000;

    private static readonly double[] Values = [0, -0.0, 1, 1 / 3.0, 1e300, 5e-324, double.NaN, double.PositiveInfinity, double.NegativeInfinity, 9007199254740993];

    [RequiresToolFact("promtool")]
    public async Task Every_sample_of_many_pages_and_blocks_arrives()
    {
        var counter = MetricFamily.Counter("c_total", "Counter.", "x");
        var histogram = MetricFamily.Create("h_seconds", MetricType.Histogram, "Waits\nand \"quotes\" \\.", "seconds");
        Series[] series =
        [
            Series.Create(counter, ["ä€😀 \" \\ \n {x=\"1\"}"]),
            Series.Create(counter, ["2"]),
            .. new[] { 0.5, 1, double.PositiveInfinity }.Select(bound => Series.Create(histogram, [], SampleRole.Bucket, bound)),
            Series.Create(histogram, [], SampleRole.Sum),
            Series.Create(histogram, [], SampleRole.Count),
        ];
        var buffer = new ListedSnapshots { MaxSnapshotsOfPage = 100 };
        var expected = new List<string>();
        for (var snapshot = 0; snapshot < 1500; snapshot++)
        {
            // Steps of 15 s with odd milliseconds: six hours, so four blocks.
            var time = Start + (snapshot * 15_000L) + (snapshot % 7);
            buffer.Add(SnapshotKind.Metrics, [.. series.Select((one, i) => (one, Values[(snapshot + i) % Values.Length], time))]);
            expected.AddRange(series.Select((one, i) => Line(one, Values[(snapshot + i) % Values.Length], time)));
        }

        Assert.Equal(expected.Order(StringComparer.Ordinal), (await ImportedAsync(buffer)).Order(StringComparer.Ordinal));
    }

    [RequiresToolFact("promtool")]
    public async Task Back_dated_pushes_arrive_within_and_beyond_one_transaction()
    {
        var family = MetricFamily.Gauge("pushed", "Pushed.", "instance");
        var buffer = new ListedSnapshots { MaxSnapshotsOfPage = 1000 };
        var expected = new HashSet<string>(StringComparer.Ordinal);
        var random = new Random(20261120);
        for (var push = 0; push < 3 * PromtoolTransaction; push++)
        {
            var one = Series.Create(family, [$"i{push % 3}"]);
            var time = Start + (push * 1000L) - (random.Next(4) == 0 ? random.Next(3_500_000) : 0);
            buffer.Add(SnapshotKind.Pushes, (one, time % 1000, time));
            expected.Add(Line(one, time % 1000, time));
        }

        Assert.Equal(expected.Order(StringComparer.Ordinal), (await ImportedAsync(buffer)).Order(StringComparer.Ordinal));
    }

    private static async Task<string[]> ImportedAsync(ListedSnapshots buffer)
    {
        using var folder = new TempFolder();
        await using (var file = File.Create(folder["export"]))
            await BufferExporter.ExportAsync(buffer, new ExportQuery { SinceMs = 0, UntilMs = long.MaxValue, Format = ExportFormat.OpenMetrics }, file, CancellationToken.None);
        var (created, output) = await Tool.RunAsync("promtool", default, "tsdb", "create-blocks-from", "openmetrics", folder["export"], folder["data"]);
        Assert.True(created == 0, output);
        // The reader of a data folder wants a log to be there as well.
        Directory.CreateDirectory(folder["data/wal"]);
        var (dumped, lines) = await Tool.RunAsync("promtool", default, "tsdb", "dump", folder["data"]);
        Assert.True(dumped == 0, lines);
        return lines.Split('\n', StringSplitOptions.RemoveEmptyEntries);
    }

    /// <summary>A sample as <c>promtool tsdb dump</c> prints it, numbers as our own text has them.</summary>
    private static string Line(Series series, double value, long time)
    {
        var labels = series.LabelNames.Zip(series.LabelValues, (name, text) => (Name: name, Value: text)).ToList();
        // OpenMetrics wants a point in a bound.
        if (series.BoundLabelName is { } bound) labels.Add((bound, series.Bound == 1 ? "1.0" : series.BoundLabelValue));
        var quoted = labels.OrderBy(label => label.Name, StringComparer.Ordinal).Prepend(("__name__", series.SampleName))
            .Select(label => $"{label.Item1}=\"{label.Item2.Replace("\\", "\\\\", StringComparison.Ordinal).Replace("\"", "\\\"", StringComparison.Ordinal).Replace("\n", "\\n", StringComparison.Ordinal)}\"");
        return string.Create(CultureInfo.InvariantCulture, $"{{{string.Join(", ", quoted)}}} {Number(value)} {time}");
    }

    /// <summary>A number as Go's <c>%v</c> prints it.</summary>
    private static string Number(double value) => value switch
    {
        double.PositiveInfinity => "+Inf",
        double.NegativeInfinity => "-Inf",
        1e300 => "1e+300",
        5e-324 => "5e-324",
        9007199254740993 => "9.007199254740992e+15",
        _ => value.ToString("R", CultureInfo.InvariantCulture),
    };
}
