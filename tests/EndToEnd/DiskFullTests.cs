using System.Net;
using Gateway.EndToEnd.Parts;
using Gateway.TestKit;
using Xunit;

namespace Gateway.EndToEnd;

/// <summary>A full disk, on a small file system of its own.</summary>
public sealed class DiskFullTests : IAsyncLifetime, IDisposable
{
    private readonly TempFolder _folder = new();
    private bool _mounted;

    public Task InitializeAsync() => Task.CompletedTask;

    [RequiresRootFact]
    public async Task Pushes_are_refused_while_the_disk_is_full_and_accepted_when_there_is_room_again()
    {
        Directory.CreateDirectory(_folder["state"]);
        var (exitCode, _, errors) = await RunningProcess.RunAsync(ToolPath.Find("mount"), ["-t", "tmpfs", "-o", "size=2m", "tmpfs", _folder["state"]]);
        Assert.True(exitCode == 0, errors);
        _mounted = true;
        await using var gateway = await GatewayProcess.StartAsync(
            _folder, $"--Gateway:Listen:Socket={_folder["state/gateway.sock"]}", "--Gateway:State:MaxRetryPause=1s");
        await gateway.BePresentAsync();
        using var pusher = gateway.Client(Http.Pusher);
        Assert.Equal(HttpStatusCode.OK, await PushAsync(pusher, "/simple/insert/before/1"));

        Fill(_folder["state/filler"]);
        // The pages that the database has at hand take a few more; then it needs room.
        var kept = 0;
        var refused = HttpStatusCode.OK;
        while (refused == HttpStatusCode.OK && kept < 10_000)
        {
            refused = await PushAsync(pusher, $"/simple/insert/filling_{kept}/1");
            if (refused == HttpStatusCode.OK) kept++;
        }

        Assert.Equal(HttpStatusCode.ServiceUnavailable, refused);
        var whileFull = await gateway.ScrapeAsync("/prom/deamon/metrics");
        Assert.Contains("\nbefore 1\n", whileFull, StringComparison.Ordinal);
        Assert.DoesNotContain($"\nfilling_{kept} ", whileFull, StringComparison.Ordinal);
        Assert.Contains("\nnode_load1 ", await gateway.ScrapeAsync(), StringComparison.Ordinal);
        using (var checker = gateway.Client(Http.Checker))
        using (var status = await checker.GetAsync("/prom/status"))
        {
            Assert.Equal(HttpStatusCode.OK, status.StatusCode);
            Assert.Contains("\"degraded\"", await status.Content.ReadAsStringAsync(), StringComparison.Ordinal);
        }

        File.Delete(_folder["state/filler"]);
        await Poll.UntilAsync("pushes are accepted again", async () => await PushAsync(pusher, "/simple/insert/after/2") == HttpStatusCode.OK, evidence: () => gateway.Log);

        await gateway.Process.EndAsync(RunningProcess.Kill);
        await using var next = await GatewayProcess.StartAsync(_folder);
        var afterwards = await next.ScrapeAsync("/prom/deamon/metrics");
        Assert.Contains("\nbefore 1\n", afterwards, StringComparison.Ordinal);
        Assert.Contains("\nafter 2\n", afterwards, StringComparison.Ordinal);
        for (var i = 0; i < kept; i++) Assert.Contains($"\nfilling_{i} 1\n", afterwards, StringComparison.Ordinal);
        await next.Process.EndAsync(RunningProcess.Terminate);
    }

    public async Task DisposeAsync()
    {
        if (_mounted) await RunningProcess.RunAsync(ToolPath.Find("umount"), [_folder["state"]]);
    }

    public void Dispose() => _folder.Dispose();

    private static async Task<HttpStatusCode> PushAsync(HttpClient pusher, string path)
    {
        using var answer = await pusher.PostAsync(path, null);
        return answer.StatusCode;
    }

    private static void Fill(string path)
    {
        using var file = new FileStream(path, FileMode.Create, FileAccess.Write, FileShare.None, bufferSize: 0);
        foreach (var size in new[] { 64 << 10, 4096, 512, 1 })
        {
            try
            {
                while (true) file.Write(new byte[size]);
            }
            catch (IOException)
            {
                // Full for this size.
            }
        }
    }
}
