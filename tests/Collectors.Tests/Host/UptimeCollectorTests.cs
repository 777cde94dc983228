using System.Text;
using Gateway.Collectors.Host;
using Gateway.TestKit;
using Xunit;

namespace Gateway.Collectors.Tests.Host;

public sealed class UptimeCollectorTests
{
    public static TheoryData<string, string> Malformed => new() // case, content
    {
        { "empty file", "" },
        { "a word", "long 3\n" },
        { "a unit", "3s 4\n" },
        { "negative", "-3.5 4\n" },
        { "not a number", "NaN 4\n" },
        { "infinite", "Infinity 4\n" },
    };

    [Fact]
    public async Task Exposes_seconds_since_boot() => Assert.Equal(
        """
        # HELP node_uptime_seconds Seconds since boot, time in suspend included.
        # TYPE node_uptime_seconds gauge
        node_uptime_seconds 345321.07

        """,
        await Exposed.TextAsync(new UptimeCollector(FixtureRoot.HostPaths)));

    [Theory, MemberData(nameof(Malformed))]
    public void Refuses_a_file_that_does_not_start_with_seconds(string @case, string content)
    {
        var fault = Assert.Throws<FormatException>(() => UptimeCollector.Parse(Encoding.UTF8.GetBytes(content)));
        Assert.True(fault.Message == "uptime: expected seconds at the start.", @case);
    }
}
