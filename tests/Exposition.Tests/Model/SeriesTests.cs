using Xunit;

namespace Gateway.Exposition.Tests.Model;

public sealed class SeriesTests
{
    private static readonly MetricFamily Gauge = MetricFamily.Gauge("g", "G.");
    private static readonly MetricFamily Histogram = MetricFamily.Create("h", MetricType.Histogram, "H.", "");
    private static readonly MetricFamily Summary = MetricFamily.Create("s", MetricType.Summary, "S.", "");

    public static TheoryData<string, Action> Refused => new() // case, what is refused
    {
        { "too few values", () => Series.Create(MetricFamily.Gauge("g", "G.", "x"), []) },
        { "too many values", () => Series.Create(Gauge, ["1"]) },
        { "names and values differ in number", () => Series.Create(Gauge, ["x", "y"], ["1"]) },
        { "illegal label name", () => Series.Create(Gauge, ["1x"], ["1"]) },
        { "reserved label name", () => Series.Create(Gauge, ["__x"], ["1"]) },
        { "label twice", () => Series.Create(Gauge, ["x", "x"], ["1", "2"]) },
        { "bucket label at a bucket", () => Series.Create(Histogram, ["le"], ["1"], SampleRole.Bucket, 1) },
        { "bucket label at the sum", () => Series.Create(Histogram, ["le"], ["1"], SampleRole.Sum) },
        { "quantile label at the count", () => Series.Create(Summary, ["quantile"], ["1"], SampleRole.Count) },
        { "bucket of a gauge", () => Series.Create(Gauge, [], SampleRole.Bucket, 1) },
        { "value of a histogram", () => Series.Create(Histogram, []) },
        { "creation time of a gauge histogram", () => Series.Create(MetricFamily.Create("h", MetricType.GaugeHistogram, "", ""), [], SampleRole.Created) },
        { "bound that is no number", () => Series.Create(Histogram, [], SampleRole.Bucket, double.NaN) },
        { "quantile that is no number", () => Series.Create(Summary, [], SampleRole.Quantile, double.NaN) },
        { "bound of a gauge", () => Series.Create(Gauge, [], SampleRole.Value, 1) },
        { "state without its label", () => Series.Create(MetricFamily.Create("s", MetricType.StateSet, "", ""), ["x"], ["on"], SampleRole.State) },
    };

    [Theory, MemberData(nameof(Refused))]
    public void Refuses_what_could_not_be_written(string @case, Action create) =>
        Assert.True(Record.Exception(create) is ArgumentException, @case);

    [Fact]
    public void Says_name_and_labels_as_text_has_them()
    {
        var series = Series.Create(Histogram, ["x"], ["a\"b"], SampleRole.Bucket, 0.5);
        Assert.Equal("h_bucket{x=\"a\\\"b\",le=\"0.5\"}", series.ToString());
        Assert.Equal("h_bucket", series.SampleName);
    }

    [Fact]
    public void Minus_zero_is_the_bound_zero() =>
        Assert.Equal("h_bucket{le=\"0\"}", Series.Create(Histogram, [], SampleRole.Bucket, -0.0).ToString());

    [Fact]
    public void Half_a_surrogate_pair_is_kept_as_it_is_written()
    {
        var values = new[] { "a\uD800b" };
        var series = Series.Create(Gauge, ["x"], values);
        Assert.Equal("a\uFFFDb", series.LabelValues[0]);
        Assert.Equal("a\uD800b", values[0]);
        Assert.True(SeriesIdentity.Sample.Equals(series, Series.Create(Gauge, ["x"], ["a\uDC00b"])));
    }

    [Fact]
    public void Equal_series_have_equal_hashes()
    {
        var one = Series.Create(Gauge, ["x", "y", "z"], ["1", "2", ""]);
        var two = Series.Create(Gauge, ["y", "x"], ["2", "1"]);
        Assert.True(SeriesIdentity.Sample.Equals(one, two) && SeriesIdentity.Sample.Equals(two, one));
        Assert.Equal(SeriesIdentity.Sample.GetHashCode(one), SeriesIdentity.Sample.GetHashCode(two));
        var (bucket, sum) = (Series.Create(Histogram, [], SampleRole.Bucket, 1), Series.Create(Histogram, [], SampleRole.Sum));
        Assert.False(SeriesIdentity.Sample.Equals(bucket, sum));
        Assert.True(SeriesIdentity.Metric.Equals(bucket, sum));
        Assert.Equal(SeriesIdentity.Metric.GetHashCode(bucket), SeriesIdentity.Metric.GetHashCode(sum));
    }

    [Fact]
    public void The_label_of_a_bound_is_that_of_text()
    {
        var bucket = Series.Create(Histogram, [], SampleRole.Bucket, 1);
        Assert.Equal(("le", "1"), (bucket.BoundLabelName, bucket.BoundLabelValue));
        Assert.Equal("+Inf", Series.Create(Histogram, [], SampleRole.Bucket, double.PositiveInfinity).BoundLabelValue);
        Assert.Equal((null, ""), (Series.Create(Histogram, [], SampleRole.Sum).BoundLabelName, Series.Create(Histogram, [], SampleRole.Sum).BoundLabelValue));
    }
}
