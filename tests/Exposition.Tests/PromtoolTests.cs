using System.Text;
using Gateway.TestKit;
using Xunit;

namespace Gateway.Exposition.Tests;

/// <summary>What we write and what we refuse, judged by Prometheus' own tool.</summary>
[Trait("needs", "promtool")]
public sealed class PromtoolTests
{
    /// <summary>Exit code of <c>promtool check metrics</c> when the format is fine and only the style is criticised.</summary>
    private const int LintExitCode = 3;

    /// <summary>Processes at a time.</summary>
    private const int Parallel = 4;

    [RequiresToolFact("promtool")]
    public async Task Finds_nothing_to_say_about_well_named_families()
    {
        var batch = new SampleBatch();
        var counter = MetricFamily.Counter("gateway_things_total", "Things \\ with\nall \"escapes\".", "x");
        foreach (var (text, value) in new[] { ("a\\b\"c\nd", 1d), ("ä€😀\r\t", 1e300), ("", 5e-324), ("{x=\"1\"}", double.PositiveInfinity) })
            batch.Add(counter, Series.Create(counter, [text]), value, 1520879607789);
        var histogram = MetricFamily.Create("gateway_wait_seconds", MetricType.Histogram, "Wait.", "seconds");
        foreach (var bound in (double[])[0.005, 1, 1e10, double.PositiveInfinity]) batch.Add(histogram, Series.Create(histogram, [], SampleRole.Bucket, bound), 3);
        batch.Add(histogram, Series.Create(histogram, [], SampleRole.Sum), 3.5);
        batch.Add(histogram, Series.Create(histogram, [], SampleRole.Count), 3);
        var summary = MetricFamily.Create("gateway_size_bytes", MetricType.Summary, "Size.", "bytes");
        batch.Add(summary, Series.Create(summary, [], SampleRole.Quantile, 0.5), double.NaN);
        batch.Add(summary, Series.Create(summary, [], SampleRole.Sum), -0.0);
        batch.Add(summary, Series.Create(summary, [], SampleRole.Count), 0);
        batch.Add(MetricFamily.Gauge("gateway_level", "Level."), double.NegativeInfinity);
        Assert.Equal((0, ""), await CheckAsync(Exposed.Text(batch)));
    }

    [RequiresToolFact("promtool")]
    public async Task Reads_every_type_as_text()
    {
        var (exitCode, output) = await CheckAsync(Exposed.Text(Samples.OfEveryType()));
        Assert.True(exitCode is 0 or LintExitCode, output);
    }

    [RequiresToolFact("promtool")]
    public async Task Reads_every_type_as_open_metrics()
    {
        var batch = new SampleBatch();
        var source = Samples.OfEveryType();
        for (var family = 0; family < source.FamilyCount; family++)
        {
            var samples = source[family];
            for (var i = 0; i < samples.Series.Length; i++) batch.Add(samples.Family, samples.Series[i], samples.Values[i], 1520879607789);
        }

        using var folder = new TempFolder();
        // The one command that reads OpenMetrics: it makes blocks of a file whose samples all have timestamps.
        var file = folder.Write("metrics", Exposed.Text(batch, ExpositionFormat.OpenMetrics));
        var (exitCode, output) = await Tool.RunAsync("promtool", default, "tsdb", "create-blocks-from", "openmetrics", file, folder.Path);
        Assert.True(exitCode == 0, output);
        await File.AppendAllTextAsync(file, "more");
        Assert.NotEqual(0, (await Tool.RunAsync("promtool", default, "tsdb", "create-blocks-from", "openmetrics", file, folder.Path)).ExitCode);
    }

    [RequiresToolFact("promtool")]
    public async Task Agrees_with_our_reader_on_text_but_for_the_cases_that_say_so()
    {
        var valid = ((IEnumerable<object[]>)Text.TextDocumentTests.Valid).Select(row => (Case: (string)row[0], Document: (string)row[1], Encoding: Encoding.UTF8, Good: true));
        var invalid = ((IEnumerable<object[]>)Text.TextDocumentTests.Invalid)
            .Select(row => (Case: (string)row[0], Document: (string)row[1], Encoding: Encoding.Latin1, Good: ((string)row[0]).Contains("(promtool", StringComparison.Ordinal)));
        var wrong = new List<string>();
        foreach (var chunk in valid.Concat(invalid).Chunk(Parallel))
        {
            var results = await Task.WhenAll(chunk.Select(row => Tool.RunAsync("promtool", row.Encoding.GetBytes(row.Document), "check", "metrics")));
            for (var i = 0; i < chunk.Length; i++)
            {
                if ((results[i].ExitCode is 0 or LintExitCode) != chunk[i].Good) wrong.Add($"{chunk[i].Case}: promtool says: {results[i].Output.TrimEnd()}");
            }
        }

        Assert.True(wrong.Count == 0, string.Join('\n', wrong));
    }

    private static async Task<(int ExitCode, string Output)> CheckAsync(string text) =>
        await Tool.RunAsync("promtool", Encoding.UTF8.GetBytes(text), "check", "metrics");
}
