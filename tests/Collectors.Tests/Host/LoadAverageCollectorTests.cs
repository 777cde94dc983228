using Gateway.Collectors.Host;
using Gateway.TestKit;
using Xunit;

namespace Gateway.Collectors.Tests.Host;

public sealed class LoadAverageCollectorTests
{
    public static TheoryData<string, string> Malformed => new() // case, content
    {
        { "empty file", "" },
        { "two numbers", "0.1 0.2\n" },
        { "no number", "0.1 x 0.3 1/2 3\n" },
    };

    [Fact]
    public async Task Exposes_the_three_load_averages() => Assert.Equal(
        """
        # HELP node_load1 Load averaged over the last minute.
        # TYPE node_load1 gauge
        node_load1 0.56
        # HELP node_load5 Load averaged over the last five minutes.
        # TYPE node_load5 gauge
        node_load5 0.32
        # HELP node_load15 Load averaged over the last fifteen minutes.
        # TYPE node_load15 gauge
        node_load15 0.18

        """,
        await Exposed.TextAsync(new LoadAverageCollector(FixtureRoot.HostPaths)));

    [Theory, MemberData(nameof(Malformed))]
    public void Refuses_a_file_without_three_numbers(string @case, string content)
    {
        var fault = Assert.Throws<FormatException>(() => LoadAverageCollector.Parse(System.Text.Encoding.UTF8.GetBytes(content)));
        Assert.True(fault.Message.StartsWith("loadavg:", StringComparison.Ordinal), @case);
    }
}
