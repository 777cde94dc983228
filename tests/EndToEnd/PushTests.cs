using System.Net;
using Gateway.EndToEnd.Parts;
using Gateway.TestKit;
using Xunit;

namespace Gateway.EndToEnd;

/// <summary>Pushed values outlive the service, whatever ends it and whatever happens to its disk.</summary>
public sealed class PushTests : IDisposable
{
    private const string Endpoint = "/prom/deamon/metrics";

    private readonly TempFolder _folder = new();

    [Fact]
    public async Task Pushed_values_outlive_a_stop_and_deleted_ones_stay_away()
    {
        await using (var first = await GatewayProcess.StartAsync(_folder))
        {
            await first.BePresentAsync();
            using var pusher = first.Client(Http.Pusher);
            await PushAsync(pusher, "/simple/insert/kept/1.25?help=Stays.");
            await PushAsync(pusher, "/complex/insert/kept_complex/disk%2F1%20ü/-7e-3");
            await PushAsync(pusher, "/simple/insert/removed/1");
            using var deleted = await pusher.DeleteAsync("/simple/insert/removed");
            Assert.Equal(HttpStatusCode.OK, deleted.StatusCode);
            await first.Process.EndAsync(RunningProcess.Terminate);
        }

        await using var second = await GatewayProcess.StartAsync(_folder);
        var exposition = await second.ScrapeAsync(Endpoint);
        Assert.Contains("# HELP kept Stays.\n", exposition, StringComparison.Ordinal);
        Assert.Contains("\nkept 1.25\n", exposition, StringComparison.Ordinal);
        Assert.Contains("\nkept_complex{instance=\"disk/1 ü\"} -0.007\n", exposition, StringComparison.Ordinal);
        Assert.DoesNotContain("removed", exposition, StringComparison.Ordinal);
    }

    /// <summary>What kill -9 cannot show, because the kernel keeps what was written: that the disk was told before the sender.</summary>
    [RequiresToolFact("strace")]
    public async Task Each_push_is_synced_before_its_answer()
    {
        const int Pushes = 20;
        await using var gateway = await GatewayProcess.StartAsync(_folder);
        await using var strace = RunningProcess.Start(
            ToolPath.Find("strace"), ["-f", "-qq", "-e", "trace=fsync,fdatasync", "-o", _folder["syncs"], "-p", $"{gateway.Process.Id}"]);
        await Poll.UntilAsync("strace is attached", () => File.ReadLines($"/proc/{gateway.Process.Id}/status").Contains($"TracerPid:\t{strace.Id}", StringComparer.Ordinal), evidence: () => strace.Errors);
        using var pusher = gateway.Client(Http.Pusher);
        for (var i = 1; i <= Pushes; i++)
        {
            await PushAsync(pusher, $"/simple/insert/synced/{i}");
            Assert.True(Syncs() >= i, $"{Syncs()} syncs after {i} pushes");
        }

        await strace.EndAsync(RunningProcess.Interrupt);

        int Syncs() => File.ReadLines(_folder["syncs"]).Count(line => line.TrimEnd().EndsWith("= 0", StringComparison.Ordinal));
    }

    [Fact]
    public async Task The_time_of_the_last_scrape_outlives_a_stop()
    {
        await using (var first = await GatewayProcess.StartAsync(_folder))
        {
            await first.ScrapeAsync();
            await first.Process.EndAsync(RunningProcess.Terminate);
        }

        await using var second = await GatewayProcess.StartAsync(_folder);
        using var checker = second.Client(Http.Checker);
        checker.DefaultRequestHeaders.TryAddWithoutValidation("Accept", "application/json");
        Assert.Contains("\"scraped\":true", await checker.GetStringAsync("/last/get/prometheus"), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_second_service_on_the_same_state_ends_with_one_sentence()
    {
        await using var first = await GatewayProcess.StartAsync(_folder);
        var (exitCode, output, errors) = await RunningProcess.RunAsync(
            await Product.ProgramAsync(), GatewayProcess.Options(_folder, $"--Gateway:Listen:Socket={_folder["other.sock"]}"), _folder.Path);
        Assert.Equal(1, exitCode);
        Assert.Contains($"{first.Process.Id}", errors, StringComparison.Ordinal);
        Assert.Contains(_folder["state"], errors, StringComparison.Ordinal);
        Assert.Single(errors.TrimEnd('\n').Split('\n'));
        Assert.DoesNotContain("   at ", output, StringComparison.Ordinal);
        using var pusher = first.Client(Http.Pusher);
        await PushAsync(pusher, "/simple/insert/unharmed/1");
    }

    public static TheoryData<string, int, int> Damages => new() // case, first byte overwritten, number of bytes
    {
        { "header", 0, 512 },
        { "first pages", 1024, 8192 },
        { "everything", 0, int.MaxValue },
    };

    [Theory, MemberData(nameof(Damages))]
    public async Task A_damaged_state_database_is_set_aside_and_the_service_starts(string @case, int start, int count)
    {
        await using (var first = await GatewayProcess.StartAsync(_folder))
        {
            using var pusher = first.Client(Http.Pusher);
            for (var i = 0; i < 100; i++) await PushAsync(pusher, $"/simple/insert/before_{i}/1");
            await first.Process.EndAsync(RunningProcess.Terminate);
        }

        var database = _folder["state/state.db"];
        var bytes = await File.ReadAllBytesAsync(database);
        new Random(1).NextBytes(bytes.AsSpan(start, Math.Min(count, bytes.Length - start)));
        await File.WriteAllBytesAsync(database, bytes);

        await using var second = await GatewayProcess.StartAsync(_folder);
        Assert.True(Directory.EnumerateFiles(_folder["state"], "state.db.damaged-*").Any(), $"{@case}\n{second.Log}");
        await second.BePresentAsync();
        using (var pusher = second.Client(Http.Pusher)) await PushAsync(pusher, "/simple/insert/after/2");
        Assert.Contains("\nafter 2\n", await second.ScrapeAsync(Endpoint), StringComparison.Ordinal);
        Assert.Contains("\nnode_load1 ", await second.ScrapeAsync(), StringComparison.Ordinal);
        using var checker = second.Client(Http.Checker);
        var status = await checker.GetStringAsync("/prom/status");
        Assert.Contains("\"quarantines\":1", status.Replace(" ", "", StringComparison.Ordinal), StringComparison.Ordinal);
    }

    public void Dispose() => _folder.Dispose();

    private static async Task PushAsync(HttpClient pusher, string path)
    {
        using var answer = await pusher.PostAsync(path, null);
        Assert.Equal((HttpStatusCode.OK, "ok"), (answer.StatusCode, await answer.Content.ReadAsStringAsync()));
    }
}
