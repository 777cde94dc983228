using Gateway.Buffering;
using Gateway.Buffering.Stores;
using Gateway.Cli.Tests.Support;
using Gateway.Exposition;
using Gateway.Sqlite;
using Gateway.TestKit;
using Microsoft.Data.Sqlite;
using Microsoft.Extensions.Logging.Abstractions;
using Xunit;

namespace Gateway.Cli.Tests;

/// <summary>The commands that read the files of a gateway that does not run.</summary>
public sealed class OfflineTests
{
    private const long Start = 1_777_636_800_000;

    private static readonly MetricFamily Family = MetricFamily.Gauge("level", "Level.", "x");

    [Fact]
    public async Task Export_writes_what_the_files_hold_and_remarks_on_it()
    {
        using var folder = new TempFolder();
        await FillAsync(folder, snapshots: 3);
        var run = await Run.OfAsync("export", "--since", "1777636815", "--until", "1777636900", "--format", "prometheus", "--state", folder);
        Assert.Equal(
            new Run(
                0,
                """
                # HELP level Level.
                # TYPE level gauge
                level{x="a"} 1 1777636815000
                level{x="a"} 2 1777636830000
                level{x="b"} NaN 1777636815000
                level{x="b"} NaN 1777636830000

                """,
                "4 samples of 2 snapshots, 2026-05-01T12:00:15Z to 2026-05-01T12:00:30Z\n"), run);
        Assert.EndsWith("2 left out because the format has no place for them\n", (await Run.OfAsync("export", "--since", "1777636815", "--until", "1777636900", "--format", "jsonl", "--state", folder)).Errors, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Nothing_is_too_old_and_nothing_is_changed()
    {
        using var folder = new TempFolder();
        await FillAsync(folder, snapshots: 200, start: 1_000_000_000_000);
        for (var again = 0; again < 2; again++)
        {
            var run = await Run.OfAsync("export", "--since", "0", "--format", "openmetrics", "--state", folder);
            Assert.Equal((0, 400), (run.ExitCode, run.Output.Split('\n').Count(line => line.StartsWith("level{", StringComparison.Ordinal))));
        }
    }

    [Fact]
    public async Task Stats_tell_what_the_files_hold()
    {
        using var folder = new TempFolder();
        await FillAsync(folder, snapshots: 3, async buffer =>
        {
            await buffer.SaveReaderAsync(new BufferReader("scrape/default", SnapshotKind.Metrics, SequenceRanges.Of(2), Start), CancellationToken.None);
            await buffer.SaveReaderAsync(new BufferReader("aside", SnapshotKind.Pushes, SequenceRanges.Empty, 0), CancellationToken.None);
        });
        var run = await Run.OfAsync("buffer", "stats", "--state", folder);
        Assert.Equal((0, ""), (run.ExitCode, run.Errors));
        Assert.StartsWith("Store         sqlite, available\n", run.Output, StringComparison.Ordinal);
        Assert.Contains("\nMetrics       3 snapshots, 6 samples, 2026-05-01T12:00:00Z to 2026-05-01T12:00:30Z\n", run.Output, StringComparison.Ordinal);
        Assert.Contains("\nPushes        0 snapshots, 0 samples\n", run.Output, StringComparison.Ordinal);
        Assert.Contains("\nREADER          GETS     SNAPSHOTS  SAMPLES  OLDEST                LAST SEEN\n", run.Output, StringComparison.Ordinal);
        Assert.Contains("\naside           pushes   0          0        -                     never\n", run.Output, StringComparison.Ordinal);
        Assert.Contains("\nscrape/default  metrics  2          4        2026-05-01T12:00:15Z  2026-05-01T12:00:00Z\n", run.Output, StringComparison.Ordinal);
        var json = (await Run.OfAsync("buffer", "stats", "--json", "--state", folder)).Output;
        Assert.Contains("\"metrics\":{\"snapshots\":3,\"samples\":6,\"oldest_unix_ms\":1777636800000,\"newest_unix_ms\":1777636830000}", json, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Verify_finds_nothing_wrong_with_good_files()
    {
        using var folder = new TempFolder();
        await FillAsync(folder, snapshots: 300);
        var run = await Run.OfAsync("buffer", "verify", "--state", folder);
        Assert.Equal((0, ""), (run.ExitCode, run.Errors));
        Assert.Contains("Good     300 snapshots, 600 samples, ", run.Output, StringComparison.Ordinal);
        Assert.EndsWith("Damaged  none\n", run.Output, StringComparison.Ordinal);
        Assert.Contains("\"snapshots\":300,\"samples\":600,", (await Run.OfAsync("buffer", "verify", "--json", "--state", folder)).Output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Verify_lists_damaged_snapshots_with_those_that_need_them_and_export_says_it_is_incomplete()
    {
        using var folder = new TempFolder();
        await FillAsync(folder, snapshots: 5, keyframes: 2);
        // Sequences 1, 3 and 5 open alone; 2 needs 1 and 4 needs 3.
        Execute(folder, "UPDATE snapshots SET content = substr(content, 1, length(content) - 1) || x'5a' WHERE key = 3");
        var run = await Run.OfAsync("buffer", "verify", "--state", folder);
        Assert.Equal((1, $"gatewayctl: 2 damaged records in {folder.Path}\n"), (run.ExitCode, run.Errors));
        Assert.Contains("Good     3 snapshots, 6 samples, ", run.Output, StringComparison.Ordinal);
        Assert.Contains("Damaged  2 snapshots, 4 samples", run.Output, StringComparison.Ordinal);
        Assert.Contains("\n3         metrics  2026-05-01T12:00:30Z  1          2        ", run.Output, StringComparison.Ordinal);
        Assert.Contains("\n4         metrics  2026-05-01T12:00:45Z  1          2        it needs snapshot 3, which cannot be read\n", run.Output, StringComparison.Ordinal);
        var json = await Run.OfAsync("buffer", "verify", "--json", "--state", folder);
        Assert.Equal(1, json.ExitCode);
        Assert.Contains("\"damaged_records\":2,\"damaged\":[{\"first_sequence\":3,", json.Output, StringComparison.Ordinal);

        var export = await Run.OfAsync("export", "--since", "0", "--until", "1777636900", "--format", "prometheus", "--state", folder, "--output", folder["out"]);
        Assert.Equal((1, ""), (export.ExitCode, export.Output));
        Assert.EndsWith("; 2 snapshots COULD NOT BE READ, see gatewayctl buffer verify\n", export.Errors, StringComparison.Ordinal);
        Assert.Equal(6, (await File.ReadAllLinesAsync(folder["out"])).Count(line => line[0] != '#'));
    }

    [Fact]
    public async Task An_entry_that_cannot_be_read_is_damage()
    {
        using var folder = new TempFolder();
        await FillAsync(folder, snapshots: 3, keyframes: 1);
        Execute(folder, "UPDATE snapshots SET entry = x'00' WHERE key = 2");
        var run = await Run.OfAsync("buffer", "verify", "--state", folder);
        Assert.Equal(1, run.ExitCode);
        Assert.Contains("\n2         -     -", run.Output.Replace("-        ", "-     -", StringComparison.Ordinal), StringComparison.Ordinal);
        Assert.Contains("Good     2 snapshots", run.Output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Damaged_pages_of_the_file_cost_only_what_lies_on_them()
    {
        using var folder = new TempFolder();
        // Snapshots of several pages each, none needing another.
        await FillAsync(folder, snapshots: 20, keyframes: 1, series: 2000);
        var bytes = await File.ReadAllBytesAsync(folder["buffer.db"]);
        const int PageBytes = 4096;
        // A page that goes on where a row did not fit begins with the number of the next one, all others with their type.
        var page = Enumerable.Range(bytes.Length / PageBytes / 2, bytes.Length / PageBytes / 2).First(page => bytes[page * PageBytes] == 0);
        bytes.AsSpan(page * PageBytes, PageBytes).Fill(0xa5);
        await File.WriteAllBytesAsync(folder["buffer.db"], bytes);
        var run = await Run.OfAsync("buffer", "verify", "--state", folder);
        Assert.Equal((1, "gatewayctl: 1 damaged record in " + folder.Path + "\n"), (run.ExitCode, run.Errors));
        Assert.Contains("Good     19 snapshots, ", run.Output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Files_that_a_gateway_has_open_are_left_alone()
    {
        using var folder = new TempFolder();
        await FillAsync(folder, snapshots: 1, async _ =>
        {
            foreach (var arguments in new[] { new[] { "buffer", "verify" }, ["buffer", "stats"], ["export", "--since", "0", "--format", "jsonl"] })
            {
                Assert.Equal(
                    new Run(1, "", $"gatewayctl: {folder.Path}: Another program holds the buffer database. Stop the gateway first, or copy buffer.db and buffer.db-wal to a folder of your own and name that one.\n"),
                    await Run.OfAsync([.. arguments, "--state", folder]));
            }
        });
    }

    [Fact]
    public async Task A_folder_without_files_is_said_and_gets_none()
    {
        using var folder = new TempFolder();
        Assert.Equal(new Run(1, "", $"gatewayctl: there is no buffer.db in {folder.Path}\n"), await Run.OfAsync("buffer", "verify", "--state", folder));
        Assert.Empty(Directory.GetFileSystemEntries(folder));
        folder.Write("buffer.db", "no database, but long enough to be looked at: " + new string('x', 5000));
        Assert.Equal(new Run(1, "", $"gatewayctl: {folder.Path}: The buffer database is damaged.\n"), await Run.OfAsync("buffer", "stats", "--state", folder));
        Assert.True(File.Exists(folder["buffer.db"]));
    }

    private static Task FillAsync(TempFolder folder, int snapshots, long start = Start, int keyframes = 120, int series = 1) =>
        FillAsync(folder, snapshots, _ => Task.CompletedTask, start, keyframes, series);

    /// <summary>Makes the files as a gateway does; each snapshot has a sample of <c>a</c> (its number; several series when asked for) and one of <c>b</c>, which is NaN.</summary>
    private static async Task FillAsync(TempFolder folder, int snapshots, Func<SnapshotBuffer, Task> more, long start = Start, int keyframes = 120, int series = 1)
    {
        var options = new BufferOptions { Directory = folder, KeyframeInterval = keyframes, MaxAge = TimeSpan.FromDays(3650 * 3) };
        await using var buffer = new SnapshotBuffer(BufferStores.Create(options, TimeProvider.System), options, TimeProvider.System, NullLogger<SnapshotBuffer>.Instance);
        await buffer.StartAsync(CancellationToken.None);
        Series[] all = [Series.Create(Family, ["a"]), Series.Create(Family, ["b"]), .. Enumerable.Range(2, series - 1).Select(i => Series.Create(Family, [$"{i}"]))];
        var draft = new SnapshotDraft();
        for (var i = 0; i < snapshots; i++)
        {
            draft.Reset(SnapshotKind.Metrics, start + (i * 15_000L));
            for (var s = 0; s < all.Length; s++) draft.Add(Family, all[s], s == 1 ? double.NaN : i * Math.Pow(1.1, s));
            Assert.True((await buffer.AppendAsync(draft, CancellationToken.None)).Durable);
        }

        await more(buffer);
    }

    private static void Execute(string folder, string sql)
    {
        SqliteLibrary.EnsureLoaded();
        using var connection = new SqliteConnection($"Data Source={Path.Join(folder, "buffer.db")};Pooling=False");
        connection.Open();
        using var command = connection.CreateCommand();
#pragma warning disable CA2100 // constants of this file
        command.CommandText = sql;
#pragma warning restore CA2100
        Assert.Equal(1, command.ExecuteNonQuery());
    }
}
