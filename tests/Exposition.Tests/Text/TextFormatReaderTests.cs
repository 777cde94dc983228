using System.Text;
using Xunit;

namespace Gateway.Exposition.Tests.Text;

public sealed class TextFormatReaderTests
{
    [Fact]
    public void Gives_slices_of_each_line_and_where_they_stand()
    {
        var reader = new TextFormatReader("# x\n# HELP a Some \\\\ help.\n\n# TYPE a gauge\n  a{x=\"1\",yy=\"\\n\"} 2.5 7\na 3\n"u8, ParseLimits.Default);
        Assert.Equal(LineKind.Help, reader.Read());
        Assert.Equal(("a", "Some \\\\ help.", 2, 8), (Encoding.UTF8.GetString(reader.Name), Encoding.UTF8.GetString(reader.EscapedHelp), reader.LineNumber, reader.NameColumn));
        Assert.Equal(LineKind.Type, reader.Read());
        Assert.Equal((MetricType.Gauge, 4), (reader.Type, reader.LineNumber));
        Assert.Equal(LineKind.Sample, reader.Read());
        Assert.Equal((2.5, 7L, 5, 3, 2), (reader.Value, reader.TimestampMs, reader.LineNumber, reader.NameColumn, reader.LabelCount));
        Assert.Equal(("yy", "\\n", 11), (Encoding.UTF8.GetString(reader.LabelName(1)), Encoding.UTF8.GetString(reader.EscapedLabelValue(1)), reader.LabelColumn(1)));
        Assert.Equal(LineKind.Sample, reader.Read());
        Assert.Equal((3d, SampleBatch.NoTimestamp, 0), (reader.Value, reader.TimestampMs, reader.LabelCount));
        Assert.Equal(LineKind.End, reader.Read());
        Assert.Equal(LineKind.End, reader.Read());
    }
}
