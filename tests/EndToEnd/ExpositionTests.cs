using Gateway.EndToEnd.Parts;
using Gateway.TestKit;
using Xunit;

namespace Gateway.EndToEnd;

/// <summary>What the service exposes, judged by promtool. That Prometheus itself parses OpenMetrics is seen in <see cref="ScrapeThroughProxyTests"/>.</summary>
public sealed class ExpositionTests : IDisposable
{
    private const string Collectors = "/prom/metrics";
    private const string Pushes = "/prom/deamon/metrics";

    private readonly TempFolder _folder = new();

    /// <summary>Some names of node_exporter break promtool's rules (<c>node_entropy_available_bits</c>); they stay, because dashboards know them. Nothing else may.</summary>
    [RequiresToolFact("promtool", "prometheus-node-exporter")]
    public async Task Promtool_complains_about_no_name_but_those_of_node_exporter()
    {
        await using var gateway = await GatewayProcess.StartAsync(_folder);
        await using var exporter = await NodeExporter.StartAsync();
        var ours = await ComplaintsAsync(await gateway.ScrapeAsync(Collectors));
        var theirs = await ComplaintsAsync(await exporter.ScrapeAsync());
        Assert.Empty(ours.Except(theirs, StringComparer.Ordinal));
    }

    [RequiresToolFact("promtool")]
    public async Task Promtool_finds_no_fault_in_pushed_values()
    {
        await using var gateway = await GatewayProcess.StartAsync(_folder);
        await gateway.BePresentAsync();
        await PushAsync(gateway);
        var exposition = await gateway.ScrapeAsync(Pushes);
        Assert.Contains("\nroom_temperature_celsius{instance=\"a \\\"b\\\" \\\\ ü\\n\"} 21.5\n", exposition, StringComparison.Ordinal);
        Assert.Empty(await ComplaintsAsync(exposition));
    }

    [Theory, InlineData(Collectors), InlineData(Pushes)]
    public async Task OpenMetrics_ends_with_its_mark_and_exposes_the_same_series_as_the_text_format(string path)
    {
        await using var gateway = await GatewayProcess.StartAsync(_folder);
        await PushAsync(gateway);
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

    private static async Task PushAsync(GatewayProcess gateway)
    {
        using var pusher = gateway.Client(Http.Pusher);
        foreach (var path in new[]
        {
            "/simple/insert/backups_total/3?type=counter&help=Backups+made.",
            "/complex/insert/room_temperature_celsius/a%20%22b%22%20%5C%20%C3%BC%0A/21.5?help=Temperature%20of%20a%20room.",
            "/simple/insert/limit_bytes/%2BInf?help=Most+bytes.",
        })
        {
            using var answer = await pusher.PostAsync(path, null);
            Assert.True(answer.IsSuccessStatusCode, await answer.Content.ReadAsStringAsync());
        }
    }

    /// <summary>One line of promtool per complaint; a fault of the format itself is none of them and fails.</summary>
    private async Task<IReadOnlyCollection<string>> ComplaintsAsync(string exposition)
    {
        const int OnlyComplaints = 3;
        // promtool reads from standard input only; a file is put there by the shell.
        var file = _folder.Write("exposition", exposition);
        var (exitCode, output, errors) = await RunningProcess.RunAsync("/bin/sh", ["-c", "exec \"$0\" check metrics <\"$1\"", ToolPath.Find("promtool"), file]);
        Assert.True(exitCode is 0 or OnlyComplaints, output + errors);
        return (output + errors).Split('\n', StringSplitOptions.RemoveEmptyEntries);
    }

    private static string SeriesOf(string exposition) => string.Join('\n', exposition.Split('\n')
        .Where(line => line.Length > 0 && line[0] != '#').Select(line => line[..line.LastIndexOf(' ')]).Order(StringComparer.Ordinal));
}
