using Gateway.Collectors;
using Gateway.TestKit;
using Xunit;

namespace Gateway.Exposition.Tests;

public sealed class ExpositionDocumentTests
{
    private const string Content = "# TYPE a gauge\na{x=\"1\"} 1\na{x=\"2\"} 2 7\n# TYPE h histogram\nh_bucket{le=\"+Inf\"} 3\nh_count 3\n";

    [Fact]
    public void Hands_its_samples_out_at_every_run_without_parsing_or_allocating()
    {
        var document = Parsing.Parse(Content);
        var sink = new MetricSink();
        var batch = new SampleBatch();
        for (var run = 0; run < 3; run++)
        {
            batch.Clear();
            sink.Begin(batch);
            AddTo(sink, document);
            sink.End();
            Assert.Equal((4, 0), (batch.SampleCount, batch.DuplicateCount));
            Assert.Equal(Exposed.Text(document.Samples), Exposed.Text(batch));
        }

        batch.Clear();
        sink.Begin(batch);
        var before = GC.GetAllocatedBytesForCurrentThread();
        AddTo(sink, document);
        Assert.Equal(0, GC.GetAllocatedBytesForCurrentThread() - before);
    }

    [Fact]
    public void Cannot_be_changed()
    {
        var document = Parsing.Parse(Content);
        var series = document[0].Series[0];
        Assert.Throws<InvalidOperationException>(document.Samples.Clear);
        Assert.Throws<InvalidOperationException>(() => document.Samples.Add(series.Family, series, 1));
        Assert.Equal((2, 4), (document.FamilyCount, document.SampleCount));
    }

    [Fact]
    public void Holds_equal_texts_once()
    {
        var document = Parsing.Parse("a{device=\"sda\"} 1\na{device=\"sdb\"} 1\nb{device=\"sda\"} 1\n");
        Assert.Same(document[0].Series[0].LabelNames, document[0].Series[1].LabelNames);
        Assert.Same(document[0].Series[0].LabelValues[0], document[1].Series[0].LabelValues[0]);
    }

    [Fact]
    public void Does_not_look_at_the_bytes_after_parsing()
    {
        var bytes = "a{x=\"1\"} 1\n"u8.ToArray();
        var document = ExpositionDocument.Parse(bytes, ExpositionFormat.Text);
        bytes.AsSpan().Fill((byte)'!');
        Assert.Equal("# HELP a \n# TYPE a untyped\na{x=\"1\"} 1\n", Exposed.Text(document.Samples));
    }

    [Fact]
    public void A_fault_tells_nothing_of_what_was_sent()
    {
        var fault = Assert.Throws<ExpositionFormatException>(() => Parsing.Parse("a{secret=\"secret\"} secret\n"));
        Assert.DoesNotContain("secret", fault.Message, StringComparison.Ordinal);
    }

    private static void AddTo(MetricSink sink, ExpositionDocument document)
    {
        for (var family = 0; family < document.FamilyCount; family++)
        {
            var samples = document[family];
            for (var i = 0; i < samples.Series.Length; i++) sink.Add(samples.Series[i], samples.Values[i], samples.TimestampOf(i));
        }
    }
}
