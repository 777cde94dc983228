using System.Runtime.CompilerServices;
using Gateway.TestKit;
using Xunit;

namespace Gateway.Collectors.Tests.Host;

/// <summary>
/// Compares what a collector exposes with a file of <c>Fixtures/exposed</c>. With <c>GATEWAY_UPDATE_GOLDEN=1</c> in the environment the files of the source
/// tree are written instead: look at the difference before you commit it.
/// </summary>
internal static class GoldenText
{
    /// <summary>Runs the collector once; it must not report faults.</summary>
    public static async Task AssertAsync(string name, ICollector collector)
    {
        var sink = new MetricSink();
        var actual = await Exposed.TextAsync(collector, sink);
        Assert.Empty(sink.Faults);
        await AssertAsync(name, actual);
    }

    public static async Task AssertAsync(string name, string actual)
    {
        if (Environment.GetEnvironmentVariable("GATEWAY_UPDATE_GOLDEN") == "1") await File.WriteAllTextAsync(SourcePath(name), actual);
        else Assert.Equal(await File.ReadAllTextAsync(FixtureRoot.PathOf($"exposed/{name}.txt")), actual);
    }

    private static string SourcePath(string name, [CallerFilePath] string here = "") =>
        Path.Join(Path.GetDirectoryName(here), "..", "Fixtures", "exposed", name + ".txt");
}
