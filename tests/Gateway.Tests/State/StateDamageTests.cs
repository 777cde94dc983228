using System.Text;
using Gateway.Sqlite;
using Gateway.TestKit;
using Microsoft.Data.Sqlite;
using Xunit;

namespace Gateway.Tests.State;

/// <summary>Files that are not what was written: the service always starts, and never loses more than the damage took.</summary>
public sealed class StateDamageTests : IDisposable
{
    private const int Page = 4096;
    private const int Series = 2000;

    private readonly TempFolder _folder = new();

    public static TheoryData<string, bool> Damages => new() // case, the file is set aside
    {
        { "random bytes", true },
        { "text", true },
        { "truncated in the middle of a page", true },
        { "zero pages in the middle", true },
        { "random page in the middle", true },
        { "zero first page", true },
        { "a database of another program", true },
        { "zero length", false },
        { "one byte", false }, // less than a page is an empty database to SQLite
    };

    public void Dispose() => _folder.Dispose();

    [Theory, MemberData(nameof(Damages))]
    public async Task A_damaged_file_is_set_aside_and_the_service_starts(string @case, bool setAside)
    {
        await WriteAsync();
        Damage(@case);
        await using (var state = await TestState.StartAsync(_folder))
        {
            Assert.True(state.Database.Figures().Available, @case);
            Assert.Equal(setAside ? 1 : 0, state.Database.Figures().Quarantines);
            Assert.Equal(setAside ? 1 : 0, state.Log.Count(4103));
            Assert.Equal(setAside ? 1 : 0, Quarantined().Length);
            await state.PushAsync("fresh", "1");
        }

        await using var again = await TestState.StartAsync(_folder);
        Assert.Contains("fresh 1", again.Samples(), StringComparer.Ordinal);
        Assert.Equal(0, again.Database.Figures().Quarantines);
    }

    [Fact]
    public async Task A_damaged_log_costs_at_most_what_is_behind_the_damage()
    {
        using var copy = new TempFolder();
        await using (var state = await TestState.StartAsync(_folder))
        {
            for (var i = 0; i < 50; i++) await state.PushAsync("load", "1", $"host{i}");
            state.CopyTo(copy);
        }

        var log = copy["state.db-wal"];
        var bytes = await File.ReadAllBytesAsync(log);
        bytes.AsSpan(bytes.Length / 2, bytes.Length / 4).Clear();
        await File.WriteAllBytesAsync(log, bytes);
        await using var damaged = await TestState.StartAsync(copy);
        Assert.InRange(damaged.Samples().Length, 1, 49);
        await damaged.PushAsync("load", "1", "again");
        Assert.True(damaged.Database.Figures().Available);
    }

    [Fact]
    public async Task Every_byte_position_of_a_truncated_log_gives_a_prefix_of_what_was_acknowledged()
    {
        using var copy = new TempFolder();
        await using (var state = await TestState.StartAsync(_folder))
        {
            for (var i = 0; i < 12; i++) await state.PushAsync("order", i.ToString(System.Globalization.CultureInfo.InvariantCulture), $"host{i:00}");
            state.CopyTo(copy);
        }

        var log = await File.ReadAllBytesAsync(copy["state.db-wal"]);
        var random = new Random(4711);
        for (var round = 0; round < 25; round++)
        {
            using var cut = new TempFolder();
            File.Copy(copy["state.db"], cut["state.db"]);
            await File.WriteAllBytesAsync(cut["state.db-wal"], log[..random.Next(log.Length + 1)]);
            await using var state = await TestState.StartAsync(cut);
            var found = state.Samples();
            Assert.True(state.Database.Figures().Available);
            Assert.Equal(Enumerable.Range(0, found.Length).Select(i => $"order{{instance=\"host{i:00}\"}} {i}").ToArray(), found);
        }
    }

    [Fact]
    public async Task Damage_met_at_run_time_is_set_aside_and_refilled_from_memory_without_refusing_a_push()
    {
        var table = new FaultTable();
        await using (var state = await TestState.StartAsync(_folder, more: table))
        {
            await state.PushAsync("before", "1", null, ("help", "Kept."), ("type", "counter"));
            state.Scrapes.RecordScrape("/prom/metrics", "a", 42);
            table.Next = new SqliteException("database disk image is malformed", 11);
            await state.PushAsync("during", "2");
            Assert.Equal(1, state.Database.Figures().Quarantines);
            Assert.Equal(["before 1", "during 2"], state.Samples());
        }

        await using var again = await TestState.StartAsync(_folder);
        Assert.Equal("# HELP before Kept.\n# TYPE before counter\nbefore 1\n", again.Text()[..again.Text().IndexOf("# HELP during", StringComparison.Ordinal)]);
        Assert.Equal(["before 1", "during 2"], again.Samples());
        Assert.Equal(42, Assert.Single(again.Scrapes.LoadScrapes()).UnixMs);
    }

    [Fact]
    public async Task A_file_overwritten_under_the_running_service_loses_nothing_that_was_acknowledged()
    {
        await using (var state = await TestState.StartAsync(_folder))
        {
            await PushManyAsync(state, 20_000, new string('x', 400)); // far more than the page cache and the log hold
            var bytes = new byte[new FileInfo(state.File).Length - Page];
            new Random(1).NextBytes(bytes);
            await using (var file = new FileStream(state.File, FileMode.Open, FileAccess.Write, FileShare.ReadWrite))
            {
                file.Position = Page;
                await file.WriteAsync(bytes);
            }

            await PushManyAsync(state, 20_000, new string('x', 400)); // far more than the page cache and the log hold
            Assert.True(state.Database.Figures().Available);
            Assert.Equal(1, state.Database.Figures().Quarantines);
        }

        await using var again = await TestState.StartAsync(_folder);
        Assert.Equal(20_000, again.Samples().Length);
    }

    [Fact]
    public async Task Only_the_newest_damaged_files_are_kept()
    {
        for (var i = 0; i < 5; i++)
        {
            await File.WriteAllTextAsync(_folder["state.db"], $"no database {i}");
            var state = new TestState(_folder);
            state.Time.Advance(TimeSpan.FromMinutes(i));
            await using (state) await state.Database.StartAsync(default);
        }

        Assert.Equal(
            ["state.db.damaged-20260101T000200Z", "state.db.damaged-20260101T000300Z", "state.db.damaged-20260101T000400Z"],
            Quarantined().Order(StringComparer.Ordinal).ToArray());
    }

    [Fact]
    public async Task Two_damaged_files_of_one_second_do_not_overwrite_each_other()
    {
        for (var i = 0; i < 2; i++)
        {
            await File.WriteAllTextAsync(_folder["state.db"], $"no database {i}");
            await using var state = await TestState.StartAsync(_folder);
        }

        Assert.Equal(2, Quarantined().Length);
    }

    [Fact]
    public async Task Rows_that_make_no_sense_are_dropped_and_the_others_kept()
    {
        await using (var first = await TestState.StartAsync(_folder)) await first.PushAsync("good", "1", "a");
        Execute("INSERT INTO series (id, metric, labels, value, pushed) VALUES (100, 'good', x'616263', 0, 0)"); // labels without end
        Execute("INSERT INTO series (id, metric, labels, value, pushed) VALUES (101, 'nobody', x'', 0, 0)"); // no family
        Execute("INSERT INTO series (id, metric, labels, value, pushed) VALUES (102, 'good', x'31ff61ff', 0, 0)"); // label name '1'
        Execute("INSERT INTO series (id, metric, labels, value, pushed) SELECT 103, metric, labels, value, pushed FROM series WHERE id = 1"); // twice
        Execute("INSERT INTO series (id, metric, labels, value, pushed) VALUES (104, 'good', x'', 'text', 0)"); // no number
        Execute("INSERT INTO families (name, type, help) VALUES ('bad name', 'gauge', ''), ('odd', 'histogram', '')");
        await using (var second = await TestState.StartAsync(_folder))
        {
            Assert.Equal(["good{instance=\"a\"} 1"], second.Samples());
            Assert.Equal(5, second.Pushes.Figures().DamagedRows);
            await second.Database.FlushAsync(default);
        }

        await using var third = await TestState.StartAsync(_folder);
        Assert.Equal(0, third.Pushes.Figures().DamagedRows);
        Assert.Equal(["good{instance=\"a\"} 1"], third.Samples());
    }

    private async Task WriteAsync()
    {
        await using var state = await TestState.StartAsync(_folder);
        await PushManyAsync(state, Series);
    }

    private static async Task PushManyAsync(TestState state, int count, string tail = "")
    {
        for (var i = 0; i < count; i += 1000)
        {
            await Task.WhenAll(Enumerable.Range(i, Math.Min(1000, count - i)).Select(j => state.PushAsync("load", "1", $"a host with a long name {j}{tail}")));
        }
    }

    private void Damage(string @case)
    {
        var path = _folder["state.db"];
        var bytes = File.ReadAllBytes(path);
        var random = new Random(7);
        var middle = bytes.Length / Page / 2 * Page;
        switch (@case)
        {
            case "random bytes":
                random.NextBytes(bytes);
                break;
            case "text":
                bytes = Encoding.UTF8.GetBytes("this is not a database, it is a letter to nobody in particular\n");
                break;
            case "truncated in the middle of a page":
                bytes = bytes[..(middle + 100)];
                break;
            case "zero pages in the middle":
                bytes.AsSpan(middle, 4 * Page).Clear();
                break;
            case "random page in the middle":
                random.NextBytes(bytes.AsSpan(middle, Page));
                break;
            case "zero first page":
                bytes.AsSpan(0, Page).Clear();
                break;
            case "zero length":
                bytes = [];
                break;
            case "one byte":
                bytes = bytes[..1];
                break;
            default:
                File.Delete(path);
                Execute("CREATE TABLE other (a)");
                return;
        }

        File.WriteAllBytes(path, bytes);
    }

    private string[] Quarantined() => [.. Directory.GetFiles(_folder, "state.db.damaged-*").Select(file => Path.GetFileName(file))];

    private void Execute(string sql)
    {
        SqliteLibrary.EnsureLoaded();
        using var connection = new SqliteConnection($"Data Source={_folder["state.db"]};Pooling=False");
        connection.Open();
        using var command = connection.CreateCommand();
#pragma warning disable CA2100 // constants of the test
        command.CommandText = sql;
#pragma warning restore CA2100
        command.ExecuteNonQuery();
    }
}
