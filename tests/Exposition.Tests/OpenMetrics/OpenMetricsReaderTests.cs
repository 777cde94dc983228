using System.Text;
using Xunit;

namespace Gateway.Exposition.Tests.OpenMetrics;

public sealed class OpenMetricsReaderTests
{
    [Fact]
    public void Gives_slices_of_each_line_and_where_they_stand()
    {
        var reader = new OpenMetricsReader(
            "# TYPE a_s counter\n# UNIT a_s s\n# HELP a_s Some \\\" help.\na_s_total{x=\"1\"} 2.5 7.001 # {id=\"5\",z=\"\"} 1\na_s_total 3\n# EOF\n"u8, ParseLimits.Default);
        Assert.Equal(LineKind.Type, reader.Read());
        Assert.Equal((MetricType.Counter, "a_s", 8, 12), (reader.Type, Encoding.UTF8.GetString(reader.Name), reader.NameColumn, reader.ValueColumn));
        Assert.Equal(LineKind.Unit, reader.Read());
        Assert.Equal("s", Encoding.UTF8.GetString(reader.Text));
        Assert.Equal(LineKind.Help, reader.Read());
        Assert.Equal(("Some \\\" help.", 3), (Encoding.UTF8.GetString(reader.Text), reader.LineNumber));
        Assert.Equal(LineKind.Sample, reader.Read());
        Assert.Equal((2.5, 7001L, 18, 28), (reader.Value, reader.TimestampMs, reader.ValueColumn, reader.ExemplarColumn));
        // The labels are those of the sample, not those of its exemplar.
        Assert.Equal((1, "x", "1"), (reader.LabelCount, Encoding.UTF8.GetString(reader.LabelName(0)), Encoding.UTF8.GetString(reader.EscapedLabelValue(0))));
        Assert.Equal(LineKind.Sample, reader.Read());
        Assert.Equal((3d, SampleBatch.NoTimestamp, 0, 0), (reader.Value, reader.TimestampMs, reader.ExemplarColumn, reader.LabelCount));
        Assert.Equal(LineKind.End, reader.Read());
    }
}
