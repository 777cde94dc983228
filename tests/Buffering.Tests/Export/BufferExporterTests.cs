using System.IO.Pipelines;
using System.Text;
using System.Text.Json;
using Gateway.Buffering.Export;
using Gateway.Exposition;
using Xunit;

namespace Gateway.Buffering.Tests.Export;

public sealed class BufferExporterTests
{
    private const long Start = 1_700_000_000_000;

    private static readonly MetricFamily Counter = MetricFamily.Counter("c_things_total", "Things.", "x");
    private static readonly MetricFamily Histogram = MetricFamily.Create("h_seconds", MetricType.Histogram, "Waits.", "seconds");
    private static readonly Series A = Series.Create(Counter, ["a \"ä€😀\"\n\\"]);
    private static readonly Series B = Series.Create(Counter, [""]);
    private static readonly Series One = Series.Create(Histogram, [], SampleRole.Bucket, 1);
    private static readonly Series Infinite = Series.Create(Histogram, [], SampleRole.Bucket, double.PositiveInfinity);
    private static readonly Series Created = Series.Create(Counter, [""], SampleRole.Created);

    [Fact]
    public async Task Writes_open_metrics_with_seconds_and_an_end()
    {
        var (text, result) = await ExportAsync(TwoSnapshots(), ExportFormat.OpenMetrics);
        Assert.Equal(
            """
            # TYPE c_things counter
            # HELP c_things Things.
            c_things_total{x="a \"ä€😀\"\n\\"} 1 1700000000.000
            c_things_total{x="a \"ä€😀\"\n\\"} NaN 1700000015.000
            c_things_total{x=""} 2.5 1700000000.000
            c_things_created{x=""} 1700000000 1700000000.000
            # TYPE h_seconds histogram
            # UNIT h_seconds seconds
            # HELP h_seconds Waits.
            h_seconds_bucket{le="1.0"} 1 1700000000.000
            h_seconds_bucket{le="+Inf"} +Inf 1700000015.000
            # EOF

            """, text);
        Assert.Equal(new ExportResult { Snapshots = 2, Samples = 6, OldestMs = Start, NewestMs = Start + 15_000 }, result);
    }

    [Fact]
    public async Task Writes_text_with_milliseconds_and_without_times_of_creation()
    {
        var (text, result) = await ExportAsync(TwoSnapshots(), ExportFormat.Prometheus);
        Assert.Equal(
            """
            # HELP c_things_total Things.
            # TYPE c_things_total counter
            c_things_total{x="a \"ä€😀\"\n\\"} 1 1700000000000
            c_things_total{x="a \"ä€😀\"\n\\"} NaN 1700000015000
            c_things_total{x=""} 2.5 1700000000000
            # HELP h_seconds Waits.
            # TYPE h_seconds histogram
            h_seconds_bucket{le="1"} 1 1700000000000
            h_seconds_bucket{le="+Inf"} +Inf 1700000015000

            """, text);
        Assert.Equal((5, 1), (result.Samples, result.Unwritable));
    }

    [Fact]
    public async Task Writes_lines_of_json_without_NaN()
    {
        var (text, result) = await ExportAsync(TwoSnapshots(), ExportFormat.JsonLines);
        Assert.Equal(
            """
            {"metric":{"__name__":"c_things_total","x":"a \"ä€\uD83D\uDE00\"\n\\"},"values":[1],"timestamps":[1700000000000]}
            {"metric":{"__name__":"c_things_total"},"values":[2.5],"timestamps":[1700000000000]}
            {"metric":{"__name__":"h_seconds_bucket","le":"1"},"values":[1],"timestamps":[1700000000000]}
            {"metric":{"__name__":"h_seconds_bucket","le":"+Inf"},"values":[1e999],"timestamps":[1700000015000]}

            """, text);
        Assert.Equal((4, 2), (result.Samples, result.Unwritable));
        foreach (var line in text.Split('\n', StringSplitOptions.RemoveEmptyEntries)) JsonDocument.Parse(line).Dispose();
    }

    [Theory]
    [InlineData(ExportFormat.OpenMetrics, "# EOF\n")]
    [InlineData(ExportFormat.Prometheus, "")]
    [InlineData(ExportFormat.JsonLines, "")]
    public async Task An_empty_time_gives_an_export_without_samples(ExportFormat format, string expected)
    {
        var (text, result) = await ExportAsync(TwoSnapshots(), format, since: Start + 1, until: Start + 2);
        Assert.Equal(expected, text);
        Assert.Equal(new ExportResult(), result);
    }

    [Fact]
    public async Task Both_ends_of_the_time_are_included()
    {
        var buffer = new ListedSnapshots();
        for (var i = 0; i < 5; i++) buffer.Add(SnapshotKind.Metrics, (B, i, Start + i));
        var (_, result) = await ExportAsync(buffer, ExportFormat.OpenMetrics, since: Start + 1, until: Start + 3);
        Assert.Equal((3, Start + 1, Start + 3), (result.Samples, result.OldestMs, result.NewestMs));
    }

    [Fact]
    public async Task A_header_is_written_once_however_many_pages_there_are()
    {
        var buffer = new ListedSnapshots();
        var series = Enumerable.Range(0, 1000).Select(i => Series.Create(Counter, [$"{i}"])).ToArray();
        for (var snapshot = 0; snapshot < 600; snapshot++) buffer.Add(SnapshotKind.Metrics, [.. series.Select(one => (one, (double)snapshot, Start + snapshot))]);
        var (text, result) = await ExportAsync(buffer, ExportFormat.OpenMetrics);
        Assert.Equal(3, buffer.Pages);
        Assert.Equal((600, 600_000), (result.Snapshots, result.Samples));
        Assert.Equal(1, Count(text, "# TYPE"));
        Assert.Equal(600_000, Count(text, "c_things_total{"));
        AssertIncreasing(text);
    }

    [Fact]
    public async Task Only_the_kind_asked_for_is_written()
    {
        var buffer = new ListedSnapshots();
        buffer.Add(SnapshotKind.Metrics, (A, 1, Start));
        buffer.Add(SnapshotKind.Pushes, (One, 2, Start));
        Assert.DoesNotContain("h_seconds", (await ExportAsync(buffer, ExportFormat.Prometheus, kind: SnapshotKind.Metrics)).Text, StringComparison.Ordinal);
        Assert.DoesNotContain("c_things", (await ExportAsync(buffer, ExportFormat.Prometheus, kind: SnapshotKind.Pushes)).Text, StringComparison.Ordinal);
        Assert.Equal(2, (await ExportAsync(buffer, ExportFormat.Prometheus)).Result.Samples);
    }

    [Fact]
    public async Task A_push_in_a_snapshot_that_began_before_the_time_asked_for_is_written()
    {
        var buffer = new ListedSnapshots();
        buffer.Add(SnapshotKind.Pushes, (A, 1, Start), (A, 2, Start + 5000), (B, 3, Start + 7000), (B, 4, Start + 9000));
        var (text, result) = await ExportAsync(buffer, ExportFormat.Prometheus, since: Start + 5000, until: Start + 7000);
        Assert.Equal(2, result.Samples);
        Assert.Contains("} 2 1700000005000\n", text, StringComparison.Ordinal);
        Assert.Contains("} 3 1700000007000\n", text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Pushes_with_older_times_of_their_own_are_put_where_they_belong()
    {
        var buffer = new ListedSnapshots();
        buffer.Add(SnapshotKind.Pushes, (A, 10, Start + 10));
        buffer.Add(SnapshotKind.Pushes, (A, 20, Start + 20));
        buffer.Add(SnapshotKind.Pushes, (A, 15, Start + 15));
        buffer.Add(SnapshotKind.Pushes, (A, 5, Start + 5));
        buffer.Add(SnapshotKind.Pushes, (A, 99, Start + 20));
        buffer.Add(SnapshotKind.Pushes, (A, 98, Start + 15));
        buffer.Add(SnapshotKind.Pushes, (A, 30, Start + 30));
        foreach (var pageSnapshots in new[] { 1, 2, 3, 7 })
        {
            buffer.MaxSnapshotsOfPage = pageSnapshots;
            var (text, result) = await ExportAsync(buffer, ExportFormat.Prometheus);
            Assert.Equal("5 10 15 20 30", string.Join(' ', text.Split('\n').Where(line => line.StartsWith("c_", StringComparison.Ordinal)).Select(line => line.Split(' ')[^2])));
            Assert.Equal((5, 2), (result.Samples, result.LeftOut));
        }
    }

    [Fact]
    public async Task Lines_of_json_keep_every_push_as_it_came()
    {
        var buffer = new ListedSnapshots { MaxSnapshotsOfPage = 1 };
        buffer.Add(SnapshotKind.Pushes, (A, 20, Start + 20));
        buffer.Add(SnapshotKind.Pushes, (A, 15, Start + 15));
        var (text, result) = await ExportAsync(buffer, ExportFormat.JsonLines);
        Assert.Equal((2, 0), (result.Samples, result.LeftOut));
        Assert.Equal(2, Count(text, "\n"));
    }

    [Fact]
    public async Task Snapshots_that_cannot_be_read_are_counted()
    {
        var buffer = TwoSnapshots();
        buffer.Damage(1);
        var (_, result) = await ExportAsync(buffer, ExportFormat.OpenMetrics);
        Assert.Equal((1, 1, true), (result.Snapshots, result.MissingSnapshots, result.IsIncomplete));
    }

    [Fact]
    public async Task Labels_are_added_and_those_in_their_way_renamed()
    {
        var state = MetricFamily.Create("job", MetricType.StateSet, "State.", "", "job");
        var family = MetricFamily.Gauge("g", "Gauge.", "job", "exported_job");
        var buffer = new ListedSnapshots();
        buffer.Add(SnapshotKind.Metrics, (Series.Create(family, ["mine", "older"]), 1, Start), (Series.Create(state, ["on"], SampleRole.State), 1, Start), (One, 2, Start));
        var (text, _) = await ExportAsync(buffer, ExportFormat.Prometheus, labels: [new("job", "citybox"), new("instance", "ä:1")]);
        Assert.Contains("g{exported_exported_job=\"mine\",exported_job=\"older\",job=\"citybox\",instance=\"ä:1\"} 1 ", text, StringComparison.Ordinal);
        Assert.Contains("job{job=\"on\",instance=\"ä:1\"} 1 ", text, StringComparison.Ordinal);
        Assert.Contains("h_seconds_bucket{job=\"citybox\",instance=\"ä:1\",le=\"1\"} 2 ", text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Labels_that_a_sample_has_stay_when_they_are_honored()
    {
        var family = MetricFamily.Gauge("g", "Gauge.", "job", "instance");
        var buffer = new ListedSnapshots();
        buffer.Add(SnapshotKind.Metrics, (Series.Create(family, ["mine", ""]), 1, Start), (One, 2, Start));
        using var stream = new MemoryStream();
        var query = Query(ExportFormat.Prometheus) with { Labels = [new("job", "citybox"), new("instance", "a:1")], HonorLabels = true };
        await BufferExporter.ExportAsync(buffer, query, stream, CancellationToken.None);
        var text = Encoding.UTF8.GetString(stream.ToArray());
        Assert.Matches("(?m)^g\\{job=\"mine\"(,instance=\"\")?\\} 1 ", text);
        Assert.Contains("h_seconds_bucket{job=\"citybox\",instance=\"a:1\",le=\"1\"} 2 ", text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_reader_that_went_away_ends_the_export()
    {
        var buffer = new ListedSnapshots();
        for (var snapshot = 0; snapshot < 10_000; snapshot++) buffer.Add(SnapshotKind.Metrics, (A, snapshot, Start + snapshot));
        var pipe = new Pipe();
        await pipe.Reader.CompleteAsync();
        await Assert.ThrowsAsync<IOException>(() => BufferExporter.ExportAsync(buffer, Query(ExportFormat.Prometheus), pipe.Writer, CancellationToken.None));
    }

    [Fact]
    public async Task Hands_bytes_on_while_it_runs()
    {
        var buffer = new ListedSnapshots();
        var series = Enumerable.Range(0, 100).Select(i => Series.Create(Counter, [$"{i}"])).ToArray();
        for (var snapshot = 0; snapshot < 2000; snapshot++) buffer.Add(SnapshotKind.Metrics, [.. series.Select(one => (one, (double)snapshot, Start + snapshot))]);
        foreach (var format in Enum.GetValues<ExportFormat>())
        {
            using var sink = new LargestWrite();
            await BufferExporter.ExportAsync(buffer, Query(format), sink, CancellationToken.None);
            Assert.InRange(sink.Largest, 1, 1 << 20);
            Assert.True(sink.Total > 3 << 20);
        }
    }

    private static ListedSnapshots TwoSnapshots()
    {
        var buffer = new ListedSnapshots();
        buffer.Add(SnapshotKind.Metrics, (A, 1, Start), (B, 2.5, Start), (Created, 1_700_000_000, Start), (One, 1, Start));
        buffer.Add(SnapshotKind.Metrics, (A, double.NaN, Start + 15_000), (Infinite, double.PositiveInfinity, Start + 15_000));
        return buffer;
    }

    private static ExportQuery Query(ExportFormat format) => new() { SinceMs = 0, UntilMs = long.MaxValue, Format = format };

    private static async Task<(string Text, ExportResult Result)> ExportAsync(
        ListedSnapshots buffer, ExportFormat format, long since = 0, long until = long.MaxValue, SnapshotKind? kind = null, IReadOnlyList<KeyValuePair<string, string>>? labels = null)
    {
        using var stream = new MemoryStream();
        var query = Query(format) with { SinceMs = since, UntilMs = until, Kind = kind, Labels = labels ?? [] };
        var result = await BufferExporter.ExportAsync(buffer, query, stream, CancellationToken.None);
        return (Encoding.UTF8.GetString(stream.ToArray()), result);
    }

    private static int Count(string text, string part) => (text.Length - text.Replace(part, "", StringComparison.Ordinal).Length) / part.Length;

    private static void AssertIncreasing(string text)
    {
        var newest = new Dictionary<string, decimal>(StringComparer.Ordinal);
        foreach (var line in text.Split('\n').Where(line => line.Length > 0 && line[0] != '#'))
        {
            var end = line.LastIndexOf(' ');
            var series = line[..line.LastIndexOf(' ', end - 1)];
            var time = decimal.Parse(line[(end + 1)..], System.Globalization.CultureInfo.InvariantCulture);
            Assert.True(time > newest.GetValueOrDefault(series), line);
            newest[series] = time;
        }
    }

    /// <summary>Counts and forgets what is written.</summary>
    private sealed class LargestWrite : Stream
    {
        public int Largest { get; private set; }

        public long Total { get; private set; }

        public override bool CanRead => false;

        public override bool CanSeek => false;

        public override bool CanWrite => true;

        public override long Length => throw new NotSupportedException();

        public override long Position { get => throw new NotSupportedException(); set => throw new NotSupportedException(); }

        public override void Flush()
        {
            // Nothing is held.
        }

        public override int Read(byte[] buffer, int offset, int count) => throw new NotSupportedException();

        public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

        public override void SetLength(long value) => throw new NotSupportedException();

        public override void Write(byte[] buffer, int offset, int count)
        {
            Largest = Math.Max(Largest, count);
            Total += count;
        }
    }
}
