using Gateway.Buffering.Outlets;
using Gateway.Exposition;
using Xunit;

namespace Gateway.Buffering.Tests.Outlets;

public sealed class WriteRequestEncoderTests
{
    private static readonly MetricFamily Gauge = MetricFamily.Gauge("g", "G.");

    /// <summary>Series, and what a scrape in text and in OpenMetrics makes of it; empty where it shows nothing.</summary>
    public static TheoryData<Series, string, string> Named
    {
        get
        {
            var histogram = MetricFamily.Create("h", MetricType.Histogram, "", "");
            var gaugeHistogram = MetricFamily.Create("gh", MetricType.GaugeHistogram, "", "");
            var summary = MetricFamily.Create("s", MetricType.Summary, "", "");
            var bare = MetricFamily.Create("c", MetricType.Counter, "", "");
            var total = MetricFamily.Create("c_total", MetricType.Counter, "", "");
            return new()
            {
                { Series.Create(Gauge, []), "__name__=g", "__name__=g" },
                { Series.Create(Gauge, ["b", "A", "a"], ["2", "1", "ü{\"\\ "]), "A=1,__name__=g,a=ü{\"\\ ,b=2", "A=1,__name__=g,a=ü{\"\\ ,b=2" },
                { Series.Create(Gauge, ["x", "y"], ["", "1"]), "__name__=g,y=1", "__name__=g,y=1" },
                { Series.Create(bare, []), "__name__=c", "__name__=c_total" },
                { Series.Create(total, []), "__name__=c_total", "__name__=c_total" },
                { Series.Create(total, [], SampleRole.Created), "", "__name__=c_created" },
                { Series.Create(histogram, ["m", "z"], ["1", "2"], SampleRole.Bucket, 1), "__name__=h_bucket,le=1,m=1,z=2", "__name__=h_bucket,le=1.0,m=1,z=2" },
                { Series.Create(histogram, [], SampleRole.Bucket, double.PositiveInfinity), "__name__=h_bucket,le=+Inf", "__name__=h_bucket,le=+Inf" },
                { Series.Create(histogram, [], SampleRole.Sum), "__name__=h_sum", "__name__=h_sum" },
                { Series.Create(gaugeHistogram, [], SampleRole.Count), "__name__=gh_gcount", "__name__=gh_gcount" },
                { Series.Create(summary, ["a"], ["\"} "], SampleRole.Quantile, 0.99), "__name__=s,a=\"} ,quantile=0.99", "__name__=s,a=\"} ,quantile=0.99" },
                { Series.Create(MetricFamily.Create("i_info", MetricType.Info, "", ""), ["v"], ["1"]), "__name__=i_info,v=1", "__name__=i_info,v=1" },
            };
        }
    }

    [Theory, MemberData(nameof(Named))]
    public void Series_have_the_names_that_a_scrape_gives_them(Series series, string text, string openMetrics)
    {
        Assert.Equal(text, KeyIn(ExpositionFormat.Text));
        Assert.Equal(openMetrics, KeyIn(ExpositionFormat.OpenMetrics));

        string KeyIn(ExpositionFormat format)
        {
            var encoder = Encoder(format: format);
            return encoder.IsLeftOut(series) ? "" : Write(encoder, series, (1, 1)).Key;
        }
    }

    [Fact]
    public void The_message_is_byte_for_byte_the_protocol_buffer()
    {
        using var output = new PooledBytes();
        Encoder().Write(SnapshotKind.Metrics, Series.Create(Gauge, ["l"], ["v"]), [300], [1.0], output);
        Assert.Equal(
            [
                0x0A, 15 + 8 + 14,
                0x0A, 13, 0x0A, 8, .. "__name__"u8, 0x12, 1, (byte)'g',
                0x0A, 6, 0x0A, 1, (byte)'l', 0x12, 1, (byte)'v',
                // 300 is the varint AC 02.
                0x12, 12, 0x09, 0, 0, 0, 0, 0, 0, 0xF0, 0x3F, 0x10, 0xAC, 0x02,
            ],
            output.Written.ToArray());
    }

    [Fact]
    public void Every_bit_of_values_and_times_arrives()
    {
        var values = new[]
        {
            0.0, -0.0, double.Epsilon, double.MaxValue, double.PositiveInfinity, double.NegativeInfinity, double.NaN,
            BitConverter.UInt64BitsToDouble(0x7FF0000000000002), // the stale marker of Prometheus
            BitConverter.UInt64BitsToDouble(0xFFF8DEADBEEF0001),
        };
        var times = values.Select((_, i) => i == 0 ? -1L : 1_700_000_000_000L + i).ToArray();
        using var output = new PooledBytes();
        Encoder().Write(SnapshotKind.Metrics, Series.Create(Gauge, []), times, values, output);
        var sent = Assert.Single(SentSeries.Decode(output.Written.Span));
        Assert.Equal(times, sent.Samples.Select(sample => sample.TimeMs));
        Assert.Equal(values.Select(BitConverter.DoubleToInt64Bits), sent.Samples.Select(sample => BitConverter.DoubleToInt64Bits(sample.Value)));
    }

    [Fact]
    public void External_labels_make_the_series_that_a_scrape_makes()
    {
        var encoder = Encoder(external: [("job", "gateway"), ("instance", "box:9464"), ("none", "")]);
        Assert.Equal("__name__=g,instance=box:9464,job=gateway", Write(encoder, Series.Create(Gauge, []), (1, 1)).Key);
        // honor_labels: false renames the label of the series, as often as needed.
        Assert.Equal("__name__=g,exported_job=mine,instance=box:9464,job=gateway", Write(encoder, Series.Create(Gauge, ["job"], ["mine"]), (1, 1)).Key);
        Assert.Equal(
            "__name__=g,exported_exported_job=mine,exported_job=other,instance=box:9464,job=gateway",
            Write(encoder, Series.Create(Gauge, ["exported_job", "job"], ["other", "mine"]), (1, 1)).Key);
        // What it has with an empty value it does not have.
        Assert.Equal("__name__=g,instance=box:9464,job=gateway", Write(encoder, Series.Create(Gauge, ["job"], [""]), (1, 1)).Key);
    }

    [Fact]
    public void With_honor_labels_the_label_of_the_series_stays()
    {
        var encoder = Encoder(external: [("job", "gateway"), ("instance", "box:9464")], honorLabels: true);
        Assert.Equal("__name__=g,instance=pump-7,job=gateway", Write(encoder, Series.Create(Gauge, ["instance"], ["pump-7"]), (1, 1)).Key);
        // Exposed with an empty value: the way to have none at all.
        Assert.Equal("__name__=g,job=gateway", Write(encoder, Series.Create(Gauge, ["instance"], [""]), (1, 1)).Key);
    }

    [Fact]
    public void Pushed_series_have_labels_of_their_own()
    {
        var encoder = new WriteRequestEncoder(new SentLabels([new("job", "gateway")], false), new SentLabels([new("job", "gateway-pushed")], true), ExpositionFormat.Text);
        using var output = new PooledBytes();
        encoder.Write(SnapshotKind.Pushes, Series.Create(Gauge, []), [1], [1], output);
        Assert.Equal("__name__=g,job=gateway-pushed", Assert.Single(SentSeries.Decode(output.Written.Span)).Key);
    }

    [Fact]
    public void Nothing_is_allocated_per_series_and_sample()
    {
        var encoder = Encoder(external: [("job", "gateway"), ("instance", "box:9464")]);
        var family = MetricFamily.Create("h", MetricType.Histogram, "", "");
        var series = Enumerable.Range(0, 100).Select(i => Series.Create(family, ["a", "b"], [$"{i}", "ü"], SampleRole.Bucket, i)).ToArray();
        long[] times = [1, 2, 3];
        double[] values = [1, 2, 3];
        using var output = new PooledBytes();
        WriteAll();
        output.Clear();
        var before = GC.GetAllocatedBytesForCurrentThread();
        WriteAll();
        Assert.Equal(before, GC.GetAllocatedBytesForCurrentThread());

        void WriteAll()
        {
            foreach (var one in series) encoder.Write(SnapshotKind.Metrics, one, times, values, output);
        }
    }

    private static WriteRequestEncoder Encoder((string Name, string Value)[]? external = null, bool honorLabels = false, ExpositionFormat format = ExpositionFormat.Text)
    {
        KeyValuePair<string, string>[] labels = [.. (external ?? []).Select(label => new KeyValuePair<string, string>(label.Name, label.Value))];
        return new WriteRequestEncoder(new SentLabels(labels, honorLabels), new SentLabels(labels, honorLabels), format);
    }

    private static SentSeries Write(WriteRequestEncoder encoder, Series series, params (long TimeMs, double Value)[] samples)
    {
        using var output = new PooledBytes();
        encoder.Write(SnapshotKind.Metrics, series, [.. samples.Select(sample => sample.TimeMs)], [.. samples.Select(sample => sample.Value)], output);
        return Assert.Single(SentSeries.Decode(output.Written.Span));
    }
}
