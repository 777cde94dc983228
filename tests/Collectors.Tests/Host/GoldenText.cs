using Gateway.TestKit;
using Xunit;

namespace Gateway.Collectors.Tests.Host;

/// <summary>Compares what a collector exposes with a file of <c>Fixtures/exposed</c>.</summary>
internal static class GoldenText
{
    public static async Task AssertAsync(string name, ICollector collector)
    {
        var expected = await File.ReadAllTextAsync(FixtureRoot.PathOf($"exposed/{name}.txt"));
        var sink = new MetricSink();
        var actual = await Exposed.TextAsync(collector, sink);
        Assert.Empty(sink.Faults);
        Assert.Equal(expected, actual);
    }
}
