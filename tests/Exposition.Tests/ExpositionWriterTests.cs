using System.Buffers;
using System.Globalization;
using System.Text;
using Gateway.TestKit;
using Xunit;

namespace Gateway.Exposition.Tests;

public sealed class ExpositionWriterTests
{
    public static TheoryData<string, double, string> Numbers => new() // case, value, text
    {
        { "zero", 0, "0" },
        { "minus zero", -0.0, "-0" },
        { "integer", 1234567890, "1234567890" },
        { "negative integer", -7, "-7" },
        { "largest exact integer", 9007199254740991, "9007199254740991" },
        { "beyond exact integers", 9007199254740993, "9007199254740992" },
        { "fraction", 0.1, "0.1" },
        { "seventeen digits", 0.1 + 0.2, "0.30000000000000004" },
        { "large", 1e300, "1E+300" },
        { "largest", double.MaxValue, "1.7976931348623157E+308" },
        { "longest", double.MinValue, "-1.7976931348623157E+308" },
        { "small", 1.5e-7, "1.5E-07" },
        { "smallest", double.Epsilon, "5E-324" },
        { "longest small", -2.2250738585072014e-308, "-2.2250738585072014E-308" },
        { "not a number", double.NaN, "NaN" },
        { "infinity", double.PositiveInfinity, "+Inf" },
        { "minus infinity", double.NegativeInfinity, "-Inf" },
    };

    [Theory, MemberData(nameof(Numbers))]
    public void Spells_numbers_as_both_formats_want_them(string @case, double value, string text)
    {
        var batch = new SampleBatch();
        batch.Add(MetricFamily.Gauge("g", "G."), value);
        Assert.Equal($"{@case}: # HELP g G.\n# TYPE g gauge\ng {text}\n", $"{@case}: {Exposed.Text(batch)}");
        Assert.Equal($"{@case}: # TYPE g gauge\n# HELP g G.\ng {text}\n# EOF\n", $"{@case}: {Exposed.Text(batch, ExpositionFormat.OpenMetrics)}");
    }

    [Fact]
    public void Writes_every_type_in_text() => Assert.Equal(
        """
        # HELP c_seconds_total Counter.
        # TYPE c_seconds_total counter
        c_seconds_total{x="1"} 1
        # HELP plain Counter without suffix.
        # TYPE plain counter
        plain 2
        # HELP g_bytes Gauge.
        # TYPE g_bytes gauge
        g_bytes 3
        # HELP h Histogram.
        # TYPE h histogram
        h_bucket{x="1",le="0.5"} 1
        h_bucket{x="1",le="1"} 2
        h_bucket{x="1",le="+Inf"} 3
        h_sum{x="1"} 4.5
        h_count{x="1"} 3
        # HELP gh Gauge histogram.
        # TYPE gh untyped
        gh_bucket{le="+Inf"} 3
        gh_gsum 4.5
        gh_gcount 3
        # HELP s Summary.
        # TYPE s summary
        s{quantile="0.5"} 1
        s{quantile="1"} 2
        s_sum 3
        s_count 4
        # HELP i_info Info.
        # TYPE i_info gauge
        i_info{version="1"} 1
        # HELP state State set.
        # TYPE state gauge
        state{state="on"} 1
        state{state="off"} 0
        # HELP u Unknown.
        # TYPE u untyped
        u 5

        """,
        Exposed.Text(Samples.OfEveryType()));

    [Fact]
    public void Writes_every_type_in_open_metrics() => Assert.Equal(
        """
        # TYPE c_seconds counter
        # UNIT c_seconds seconds
        # HELP c_seconds Counter.
        c_seconds_total{x="1"} 1
        c_seconds_created{x="1"} 1700000000.5
        # TYPE plain counter
        # HELP plain Counter without suffix.
        plain_total 2
        # TYPE g_bytes gauge
        # UNIT g_bytes bytes
        # HELP g_bytes Gauge.
        g_bytes 3
        # TYPE h histogram
        # HELP h Histogram.
        h_bucket{x="1",le="0.5"} 1
        h_bucket{x="1",le="1.0"} 2
        h_bucket{x="1",le="+Inf"} 3
        h_sum{x="1"} 4.5
        h_count{x="1"} 3
        h_created{x="1"} 1700000000
        # TYPE gh gaugehistogram
        # HELP gh Gauge histogram.
        gh_bucket{le="+Inf"} 3
        gh_gsum 4.5
        gh_gcount 3
        # TYPE s summary
        # HELP s Summary.
        s{quantile="0.5"} 1
        s{quantile="1.0"} 2
        s_sum 3
        s_count 4
        s_created 1700000000
        # TYPE i info
        # HELP i Info.
        i_info{version="1"} 1
        # TYPE state stateset
        # HELP state State set.
        state{state="on"} 1
        state{state="off"} 0
        # TYPE u unknown
        # HELP u Unknown.
        u 5
        # EOF

        """,
        Exposed.Text(Samples.OfEveryType(), ExpositionFormat.OpenMetrics));

    [Fact]
    public void Escapes_help_and_label_values_as_each_format_asks()
    {
        var family = MetricFamily.Gauge("g", "a\\b \"c\"\nd", "x");
        var batch = new SampleBatch();
        batch.Add(family, Series.Create(family, ["a\\b \"c\"\nd\r\tä€😀"]), 1);
        Assert.Equal("# HELP g a\\\\b \"c\"\\nd\n# TYPE g gauge\ng{x=\"a\\\\b \\\"c\\\"\\nd\r\tä€😀\"} 1\n", Exposed.Text(batch));
        Assert.Equal(
            "# TYPE g gauge\n# HELP g a\\\\b \\\"c\\\"\\nd\ng{x=\"a\\\\b \\\"c\\\"\\nd\r\tä€😀\"} 1\n# EOF\n",
            Exposed.Text(batch, ExpositionFormat.OpenMetrics));
    }

    [Fact]
    public void Timestamps_are_milliseconds_in_text_and_seconds_in_open_metrics()
    {
        var family = MetricFamily.Gauge("g", "G.", "x");
        var batch = new SampleBatch();
        long[] times = [1520879607789, 0, -1, -1500, 5, long.MaxValue, long.MinValue + 1];
        foreach (var time in times) batch.Add(family, Series.Create(family, [$"{batch.SampleCount}"]), 1, time);
        batch.Add(family, Series.Create(family, ["none"]), 1);
        Assert.Equal(
            """
            # HELP g G.
            # TYPE g gauge
            g{x="0"} 1 1520879607789
            g{x="1"} 1 0
            g{x="2"} 1 -1
            g{x="3"} 1 -1500
            g{x="4"} 1 5
            g{x="5"} 1 9223372036854775807
            g{x="6"} 1 -9223372036854775807
            g{x="none"} 1

            """,
            Exposed.Text(batch));
        Assert.Equal(
            """
            # TYPE g gauge
            # HELP g G.
            g{x="0"} 1 1520879607.789
            g{x="1"} 1 0.000
            g{x="2"} 1 -0.001
            g{x="3"} 1 -1.500
            g{x="4"} 1 0.005
            g{x="5"} 1 9223372036854775.807
            g{x="6"} 1 -9223372036854775.807
            g{x="none"} 1
            # EOF

            """,
            Exposed.Text(batch, ExpositionFormat.OpenMetrics));
    }

    [Theory, InlineData(ExpositionFormat.Text), InlineData(ExpositionFormat.OpenMetrics)]
    public void Pieces_written_one_after_the_other_make_the_whole(ExpositionFormat format)
    {
        var family = MetricFamily.Counter("c_total", "C.", "x");
        var batch = new SampleBatch();
        for (var i = 0; i < 500; i++)
        {
            batch.Add(family, Series.Create(family, [new string('x', i % 97) + i]), i, i % 3 == 0 ? i : SampleBatch.NoTimestamp);
            if (i % 10 == 0) batch.Add(family, Series.Create(family, [new string('x', i % 97) + i], SampleRole.Created), i);
        }

        var whole = Exposed.Text(batch, format);
        var writer = new ExpositionWriter(format);
        foreach (var maxBytes in (int[])[0, 1, 40, 4095, 4096, 5000, int.MaxValue])
        {
            var output = new ArrayBufferWriter<byte>();
            var samples = batch[0];
            writer.WriteHeader(output, family);
            var pieces = 0;
            for (var at = 0; at < samples.Series.Length; pieces++)
            {
                var before = output.WrittenCount;
                var next = writer.WriteSamples(output, samples, at, maxBytes);
                Assert.True(next > at, $"no progress with {maxBytes} bytes");
                // One line may go beyond the limit, and no more.
                Assert.True(output.WrittenCount - before <= (long)maxBytes + 200, $"{output.WrittenCount - before} bytes with a limit of {maxBytes}");
                at = next;
            }

            writer.WriteEnd(output);
            Assert.Equal(whole, Encoding.UTF8.GetString(output.WrittenSpan));
            Assert.True(maxBytes != 0 || pieces >= 500);
        }
    }

    [Fact]
    public void A_line_longer_than_a_piece_is_written_whole()
    {
        var family = MetricFamily.Gauge("g", "G.", "x");
        var batch = new SampleBatch();
        batch.Add(family, Series.Create(family, ["a"]), 1);
        batch.Add(family, Series.Create(family, [new string('ä', 20_000)]), 2);
        batch.Add(family, Series.Create(family, ["b"]), 3);
        Assert.Equal($"# HELP g G.\n# TYPE g gauge\ng{{x=\"a\"}} 1\ng{{x=\"{new string('ä', 20_000)}\"}} 2\ng{{x=\"b\"}} 3\n", Exposed.Text(batch));
    }

    [Fact]
    public void A_series_is_written_with_one_line_per_time()
    {
        var family = MetricFamily.Counter("c_total", "C.", "x");
        var series = Series.Create(family, [new string('ä', 3000)]);
        var times = Enumerable.Range(0, 50).Select(i => 1_700_000_000_000L + i).ToArray();
        var values = times.Select((_, i) => i % 5 == 0 ? double.NaN : i / 8.0).ToArray();
        var output = new ArrayBufferWriter<byte>();
        var writer = new ExpositionWriter(ExpositionFormat.Text);
        Assert.Equal(0, writer.WriteSeries(output, series, [], [], 0, int.MaxValue, out var written));
        Assert.Equal(0, written);
        for (var at = 0; at < times.Length;)
        {
            var before = output.WrittenCount;
            var next = writer.WriteSeries(output, series, times, values, at, maxBytes: 10_000, out written);
            Assert.Equal(output.WrittenCount - before, written);
            Assert.InRange(next, at + 1, at + 2);
            at = next;
        }

        var expected = times.Select((time, i) => string.Create(CultureInfo.InvariantCulture, $"{series} {(i % 5 == 0 ? "NaN" : values[i].ToString(CultureInfo.InvariantCulture))} {time}\n"));
        Assert.Equal(string.Concat(expected), Encoding.UTF8.GetString(output.WrittenSpan));
    }

    [Fact]
    public void A_time_of_creation_has_no_line_in_text()
    {
        var family = MetricFamily.Counter("c_total", "C.");
        var created = Series.Create(family, [], SampleRole.Created);
        var output = new ArrayBufferWriter<byte>();
        Assert.Equal(1, new ExpositionWriter(ExpositionFormat.Text).WriteSeries(output, created, [1000], [1], 0, int.MaxValue, out var written));
        Assert.Equal(0, written);
        Assert.Equal(1, new ExpositionWriter(ExpositionFormat.OpenMetrics).WriteSeries(output, created, [1000], [1], 0, int.MaxValue, out _));
        Assert.Equal("c_created 1 1.000\n", Encoding.UTF8.GetString(output.WrittenSpan));
    }

    [Fact]
    public void An_empty_batch_is_a_valid_exposition()
    {
        Assert.Equal("", Exposed.Text(new SampleBatch()));
        Assert.Equal("# EOF\n", Exposed.Text(new SampleBatch(), ExpositionFormat.OpenMetrics));
    }
}
