using Xunit;

namespace Gateway.Exposition.Tests.Model;

public sealed class MetricFamilyTests
{
    public static TheoryData<string, Action> Refused => new() // case, what is refused
    {
        { "empty name", () => MetricFamily.Gauge("", "") },
        { "name starts with a digit", () => MetricFamily.Gauge("1a", "") },
        { "name with a dash", () => MetricFamily.Gauge("a-b", "") },
        { "name that is not ASCII", () => MetricFamily.Gauge("ä", "") },
        { "counter that is only suffix", () => MetricFamily.Counter("_total", "") },
        { "info without suffix", () => MetricFamily.Create("a", MetricType.Info, "", "") },
        { "info that is only suffix", () => MetricFamily.Create("_info", MetricType.Info, "", "") },
        { "label with a colon", () => MetricFamily.Gauge("a", "", "x:y") },
        { "reserved label", () => MetricFamily.Gauge("a", "", "__x") },
        { "label twice", () => MetricFamily.Gauge("a", "", "x", "y", "x") },
        { "bucket label of a histogram", () => MetricFamily.Create("a", MetricType.Histogram, "", "", "le") },
        { "quantile label of a summary", () => MetricFamily.Create("a", MetricType.Summary, "", "", "quantile") },
        { "unit that is not the end of the name", () => MetricFamily.Create("a_seconds", MetricType.Gauge, "", "bytes") },
        { "unit behind the counter suffix", () => MetricFamily.Create("a_total_bytes", MetricType.Counter, "", "seconds") },
        { "unit that is the whole name", () => MetricFamily.Create("seconds", MetricType.Gauge, "", "seconds") },
        { "unit of an info", () => MetricFamily.Create("a_b_info", MetricType.Info, "", "b") },
        { "unit of a state set", () => MetricFamily.Create("a_b", MetricType.StateSet, "", "b", "a_b") },
        { "state set without the label of its states", () => MetricFamily.Create("a", MetricType.StateSet, "", "", "x") },
        { "state set whose name is no label", () => MetricFamily.Create("a:b", MetricType.StateSet, "", "") },
    };

    [Theory, MemberData(nameof(Refused))]
    public void Refuses_what_could_not_be_written(string @case, Action create) =>
        Assert.True(Record.Exception(create) is ArgumentException, @case);

    [Fact]
    public void Names_differ_between_the_formats_for_counters_and_infos()
    {
        Assert.Equal("a", MetricFamily.Counter("a_total", "").OpenMetricsName);
        Assert.Equal("a", MetricFamily.Counter("a", "").OpenMetricsName);
        Assert.Equal("a", MetricFamily.Create("a_info", MetricType.Info, "", "").OpenMetricsName);
        Assert.Equal("a_total", MetricFamily.Gauge("a_total", "").OpenMetricsName);
    }

    [Fact]
    public void Does_not_see_what_the_caller_does_to_its_array_of_label_names_later()
    {
        var names = new[] { "x" };
        var family = MetricFamily.Gauge("a", "", names);
        names[0] = "not a label name";
        Assert.Equal(["x"], family.LabelNames);
    }
}
