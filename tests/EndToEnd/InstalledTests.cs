using Gateway.EndToEnd.Parts;
using Gateway.TestKit;
using Xunit;

namespace Gateway.EndToEnd;

/// <summary>The service as its unit runs it: installed elsewhere, another user, no capabilities, the deployed configuration. Everything but systemd's name spaces.</summary>
public sealed class InstalledTests : IDisposable
{
    /// <summary>nobody and nogroup of Debian: users that own nothing.</summary>
    private const string Nobody = "65534";

    private readonly TempFolder _folder = new();

    [RequiresRootFact]
    public async Task Runs_without_any_right_and_every_collector_works()
    {
        var program = await InstallAsync();
        var configuration = _folder.Write(
            "gateway.json",
            (await File.ReadAllTextAsync(Repository.PathOf("deploy/systemd/gateway.json")))
                .Replace("/var/lib/gateway", _folder["lib"], StringComparison.Ordinal).Replace("/run/gateway", _folder["run"], StringComparison.Ordinal));
        await using var process = RunningProcess.Start(
            ToolPath.Find("setpriv"),
            [$"--reuid={Nobody}", $"--regid={Nobody}", "--clear-groups", "--bounding-set=-all", "--inh-caps=-all", "--no-new-privs",
                "/bin/sh", "-c", "umask 0077; exec \"$0\" --config \"$1\"", program, configuration],
            _folder["lib"]);
        var socket = _folder["run/gateway.sock"];
        using var scraper = Http.Unix(socket, Http.Scraper);
        await Poll.UntilAsync("the service answers", async () => (await scraper.GetStringAsync("/prom/metrics")).Length > 0, evidence: () => process.Output + process.Errors);

        var status = await File.ReadAllLinesAsync($"/proc/{process.Id}/status");
        Assert.Contains("CapEff:\t0000000000000000", status, StringComparer.Ordinal);
        Assert.Contains("NoNewPrivs:\t1", status, StringComparer.Ordinal);
        Assert.Equal(Convert.ToInt32("660", 8), (int)File.GetUnixFileMode(socket));
        Assert.All(Directory.EnumerateFiles(_folder["lib"]), file => Assert.Equal(Convert.ToInt32("600", 8), (int)File.GetUnixFileMode(file)));

        // What needs a right that the service does not have would show as a failure in the log, or as series that only root sees.
        await using var root = await GatewayProcess.StartAsync(_folder);
        await root.ScrapeAsync();
        var (ofRoot, ofNobody) = (Families(await root.ScrapeAsync()), Families(await scraper.GetStringAsync("/prom/metrics")));
        Assert.Empty(ofRoot.Except(ofNobody, StringComparer.Ordinal));
        using var pusher = Http.Unix(socket, Http.Pusher);
        using var push = await pusher.PostAsync("/simple/insert/installed/1", null);
        Assert.True(push.IsSuccessStatusCode, await push.Content.ReadAsStringAsync());
        Assert.DoesNotContain(" warn ", process.Output, StringComparison.Ordinal);
        Assert.DoesNotContain(" error ", process.Output, StringComparison.Ordinal);
    }

    public void Dispose() => _folder.Dispose();

    /// <summary>Copies the program to where everybody may read it, and makes the folders that systemd would make.</summary>
    private async Task<string> InstallAsync()
    {
        const UnixFileMode Everybody = UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute
            | UnixFileMode.GroupRead | UnixFileMode.GroupExecute | UnixFileMode.OtherRead | UnixFileMode.OtherExecute;
        File.SetUnixFileMode(_folder.Path, Everybody);
        var published = Path.GetDirectoryName(await Product.ProgramAsync()) ?? throw new InvalidOperationException("The program lies in no folder.");
        Directory.CreateDirectory(_folder["opt"], Everybody);
        foreach (var file in Directory.EnumerateFiles(published))
        {
            var copy = Path.Join(_folder["opt"], Path.GetFileName(file));
            File.Copy(file, copy);
            File.SetUnixFileMode(copy, Everybody);
        }

        foreach (var folder in new[] { "lib", "run" })
        {
            Directory.CreateDirectory(_folder[folder]);
            var (exitCode, _, errors) = await RunningProcess.RunAsync(ToolPath.Find("chown"), [$"{Nobody}:{Nobody}", _folder[folder]]);
            Assert.True(exitCode == 0, errors);
        }

        return Path.Join(_folder["opt"], "Gateway");
    }

    private static HashSet<string> Families(string exposition) => [.. ScrapedText.Parse(exposition).Types.Keys];
}
