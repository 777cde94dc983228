using Xunit;

namespace Gateway.Exposition.Tests;

public sealed class NegotiationTests
{
    public static TheoryData<string, string, ExpositionFormat> Headers => new() // case, header, format
    {
        {
            "Prometheus 2.42",
            "application/openmetrics-text;version=1.0.0,application/openmetrics-text;version=0.0.1;q=0.75,text/plain;version=0.0.4;q=0.5,*/*;q=0.1",
            ExpositionFormat.OpenMetrics
        },
        {
            "Prometheus 2.53",
            "application/openmetrics-text;version=1.0.0;q=0.5,application/openmetrics-text;version=0.0.1;q=0.4,text/plain;version=0.0.4;q=0.3,*/*;q=0.2",
            ExpositionFormat.OpenMetrics
        },
        {
            "Prometheus 3.5",
            "application/openmetrics-text;version=1.0.0;escaping=allow-utf-8;q=0.6,application/openmetrics-text;version=0.0.1;q=0.5,text/plain;version=1.0.0;escaping=allow-utf-8;q=0.4,text/plain;version=0.0.4;q=0.3,*/*;q=0.2",
            ExpositionFormat.OpenMetrics
        },
        { "VictoriaMetrics", "text/plain;version=0.0.4;q=1,*/*;q=0.1", ExpositionFormat.Text },
        { "no header", "", ExpositionFormat.Text },
        { "curl", "*/*", ExpositionFormat.Text },
        { "a browser", "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8", ExpositionFormat.Text },
        { "nothing that fits", "application/json", ExpositionFormat.Text },
        { "no version", "application/openmetrics-text", ExpositionFormat.OpenMetrics },
        { "an old version of OpenMetrics only", "application/openmetrics-text;version=0.0.1", ExpositionFormat.Text },
        { "a new version of text only", "text/plain;version=1.0.0", ExpositionFormat.Text },
        { "a tie goes to the first: text", "text/plain,application/openmetrics-text", ExpositionFormat.Text },
        { "a tie goes to the first: OpenMetrics", "application/openmetrics-text,text/plain", ExpositionFormat.OpenMetrics },
        { "the higher quality wins over the order", "text/plain;q=0.4,application/openmetrics-text;q=0.5", ExpositionFormat.OpenMetrics },
        { "zero means no", "application/openmetrics-text;q=0", ExpositionFormat.Text },
        { "zero with decimals means no", "application/openmetrics-text;q=0.000,*/*;q=0.1", ExpositionFormat.Text },
        { "case and white space do not matter", " Application/OpenMetrics-Text ; Version=\"1.0.0\" ; Q=0.9 , text/plain;q=0.5", ExpositionFormat.OpenMetrics },
        { "a quality that is no number counts as zero", "application/openmetrics-text;q=high,text/plain;q=0.1", ExpositionFormat.Text },
        { "a negative quality counts as zero", "application/openmetrics-text;q=-1,text/plain;q=0.1", ExpositionFormat.Text },
        { "the word NaN is no quality", "application/openmetrics-text;q=NaN,text/plain;q=0.1", ExpositionFormat.Text },
        { "the word Infinity is no quality", "application/openmetrics-text;q=Infinity,text/plain;q=0.1", ExpositionFormat.Text },
        { "a quality above one is one", "application/openmetrics-text;q=7,text/plain;q=1", ExpositionFormat.OpenMetrics },
        { "only separators", ",;,;=;,,", ExpositionFormat.Text },
        { "garbage", "\u0001\uFFFF/;;q==;version,,*//*", ExpositionFormat.Text },
    };

    [Theory, MemberData(nameof(Headers))]
    public void Chooses_the_format(string @case, string header, ExpositionFormat expected) =>
        Assert.True(expected == Negotiation.Choose(header), @case);

    [Fact]
    public void Both_formats_name_their_version_and_character_set()
    {
        Assert.Equal("text/plain; version=0.0.4; charset=utf-8", ExpositionFormat.Text.ContentType());
        Assert.Equal("application/openmetrics-text; version=1.0.0; charset=utf-8", ExpositionFormat.OpenMetrics.ContentType());
    }
}
