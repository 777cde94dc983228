using Gateway.EndToEnd.Parts;
using Xunit;

namespace Gateway.EndToEnd;

/// <summary>What the service exposes, judged by promtool. That Prometheus itself parses OpenMetrics is seen in <see cref="ScrapeThroughProxyTests"/>.</summary>
public sealed class ExpositionTests : IDisposable
{
    private readonly TempFolder _folder = new();

    [RequiresPartsTheory("promtool"), InlineData("/prom/metrics"), InlineData("/prom/deamon/metrics")]
    public async Task Promtool_finds_no_fault_in_the_text_format(string path)
    {
        await using var gateway = await GatewayProcess.StartAsync(_folder);
        await CheckAsync(await gateway.ScrapeAsync(path));
    }

    [RequiresPartsTheory("promtool"), InlineData("/prom/metrics"), InlineData("/prom/deamon/metrics")]
    public async Task OpenMetrics_ends_with_its_mark_and_exposes_the_same_series_as_the_text_format(string path)
    {
        await using var gateway = await GatewayProcess.StartAsync(_folder);
        // The first scrape gives every series of the service about itself a value.
        await gateway.ScrapeAsync(path);
        var text = await gateway.ScrapeAsync(path);
        var openMetrics = await gateway.ScrapeAsync(path, Http.OpenMetricsAccept);
        Assert.EndsWith("# EOF\n", openMetrics, StringComparison.Ordinal);
        Assert.Equal(1, openMetrics.Split("# EOF").Length - 1);
        Assert.DoesNotContain("# EOF", text, StringComparison.Ordinal);
        Assert.Equal(SeriesOf(text), SeriesOf(openMetrics));
    }

    public void Dispose() => _folder.Dispose();

    private async Task CheckAsync(string exposition)
    {
        // promtool reads from standard input only; a file is put there by the shell.
        var file = _folder.Write("exposition", exposition);
        var (exitCode, output, errors) = await RunningProcess.RunAsync("/bin/sh", ["-c", "exec \"$0\" check metrics <\"$1\"", ToolPath.Find("promtool"), file]);
        Assert.Equal("", output + errors);
        Assert.Equal(0, exitCode);
    }

    private static string SeriesOf(string exposition) => string.Join('\n', exposition.Split('\n')
        .Where(line => line.Length > 0 && line[0] != '#').Select(line => line[..line.LastIndexOf(' ')]).Order(StringComparer.Ordinal));
}
