using System.Globalization;
using System.Text;
using Xunit;

namespace Gateway.Exposition.Tests;

public sealed class ParseLimitsTests
{
    private const string Text = "# HELP a A.\na{x=\"1\",y=\"2\"} 1\nb{x=\"1\",y=\"2\"} 2\n";
    private const string OpenMetrics = Text + "# EOF\n";

    public static TheoryData<string, ParseLimits, int, int, string> Beyond => new() // case, limits, line, column, reason
    {
        { "bytes", new ParseLimits { MaxBytes = Text.Length - 1 }, 1, 1, "the document is longer than 45 bytes" },
        { "samples", new ParseLimits { MaxSamples = 1 }, 3, 1, "the document holds more than 1 samples" },
        { "families", new ParseLimits { MaxFamilies = 1 }, 3, 1, "the document holds more than 1 families" },
        { "bytes of a line", new ParseLimits { MaxLineBytes = 15 }, 2, 16, "the line is longer than 15 bytes" },
        { "labels", new ParseLimits { MaxLabels = 1 }, 2, 9, "the sample has more than 1 labels" },
    };

    [Theory, MemberData(nameof(Beyond))]
    public void A_document_beyond_a_limit_is_refused(string @case, ParseLimits limits, int line, int column, string reason)
    {
        Parsing.AssertFault(@case, Encoding.UTF8.GetBytes(Text), ExpositionFormat.Text, line, column, reason, limits);
        Parsing.AssertFault(@case, Encoding.UTF8.GetBytes(OpenMetrics), ExpositionFormat.OpenMetrics, line, column, reason, limits);
    }

    [Fact]
    public void A_document_at_every_limit_is_read()
    {
        var limits = new ParseLimits { MaxBytes = OpenMetrics.Length, MaxSamples = 2, MaxFamilies = 2, MaxLineBytes = 16, MaxLabels = 2 };
        Assert.Equal(2, Parsing.Parse(Text, ExpositionFormat.Text, limits).SampleCount);
        Assert.Equal(2, Parsing.Parse(OpenMetrics, ExpositionFormat.OpenMetrics, limits).SampleCount);
    }

    [Fact]
    public void The_bound_of_a_bucket_counts_as_a_label() => Assert.Throws<ExpositionFormatException>(
        () => Parsing.Parse("# TYPE h histogram\nh_bucket{x=\"1\",le=\"1\"} 1\n", ExpositionFormat.Text, new ParseLimits { MaxLabels = 1 }));

    [Fact]
    public void As_many_labels_as_the_ceiling_allows_are_read()
    {
        var labels = string.Join(',', Enumerable.Range(0, ParseLimits.LabelCeiling).Select(i => string.Create(CultureInfo.InvariantCulture, $"l{i}=\"{i}\"")));
        var limits = new ParseLimits { MaxLabels = ParseLimits.LabelCeiling };
        Assert.Equal(ParseLimits.LabelCeiling, Parsing.Parse($"a{{{labels}}} 1\n", ExpositionFormat.Text, limits)[0].Series[0].LabelValues.Count);
        var fault = Assert.Throws<ExpositionFormatException>(() => Parsing.Parse($"a{{{labels},x=\"\"}} 1\n", ExpositionFormat.Text, limits));
        Assert.Equal("the sample has more than 128 labels", fault.Reason);
    }

    [Fact]
    public void Defaults_are_those_of_the_documentation()
    {
        var limits = ParseLimits.Default;
        Assert.Equal(
            (16 * 1024 * 1024, 100_000, 20_000, 64 * 1024, 64),
            (limits.MaxBytes, limits.MaxSamples, limits.MaxFamilies, limits.MaxLineBytes, limits.MaxLabels));
    }

    [Fact]
    public void Limits_that_allow_nothing_are_refused()
    {
        Assert.Throws<ArgumentOutOfRangeException>(() => new ParseLimits { MaxBytes = 0 });
        Assert.Throws<ArgumentOutOfRangeException>(() => new ParseLimits { MaxSamples = -1 });
        Assert.Throws<ArgumentOutOfRangeException>(() => new ParseLimits { MaxFamilies = 0 });
        Assert.Throws<ArgumentOutOfRangeException>(() => new ParseLimits { MaxLineBytes = 0 });
        Assert.Throws<ArgumentOutOfRangeException>(() => new ParseLimits { MaxLabels = 0 });
        Assert.Throws<ArgumentOutOfRangeException>(() => new ParseLimits { MaxLabels = ParseLimits.LabelCeiling + 1 });
    }
}
