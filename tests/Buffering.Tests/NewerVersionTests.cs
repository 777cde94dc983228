using Gateway.Buffering.Codec;
using Gateway.Buffering.Records;
using Gateway.Buffering.Stores;
using Gateway.Buffering.Tests.Stores;
using Gateway.Sqlite;
using Gateway.TestKit;
using Microsoft.Data.Sqlite;
using Xunit;

namespace Gateway.Buffering.Tests;

/// <summary>A file that a newer program wrote is refused at the start and stays as it is, whatever is new in it; entries that are damaged keep their sequences.</summary>
public sealed class NewerVersionTests : IDisposable
{
    private const long Start = TestBuffer.StartMs;
    private const int Interval = 15_000;

    private readonly TempFolder _folder = new();

    [Fact]
    public async Task Newer_tables_are_a_fault_of_the_start()
    {
        var before = await FillAsync();
        var version = Execute("PRAGMA user_version");
        Execute($"PRAGMA user_version={version + 1}");
        var refusal = await RefusedAsync();
        Assert.Contains("install the newer program", Assert.IsType<SqliteVersionException>(refusal.InnerException).Message, StringComparison.Ordinal);
        Execute($"PRAGMA user_version={version}");
        await AssertWholeAsync(before);
    }

    [Fact]
    public async Task A_single_newer_entry_is_a_fault_of_the_start()
    {
        var before = await FillAsync();
        var entry = Entry();
        SetEntry(Newer(entry));
        var refusal = await RefusedAsync();
        Assert.Contains("newer program", refusal.Message, StringComparison.Ordinal);
        SetEntry(entry);
        await AssertWholeAsync(before);
    }

    [Fact]
    public async Task A_newer_file_that_comes_to_light_later_stays_as_it_is_and_snapshots_stay_in_memory()
    {
        var disk = new MemoryStore.Disk();
        var fleet = new Fleet(10);
        var first = await TestBuffer.StartAsync(_folder, store: new MemoryStore(disk));
        await using (first)
        {
            for (var i = 0; i < 5; i++) await first.AppendAsync(fleet, Start + (i * Interval));
        }

        disk.Records[5] = (Newer(disk.Records[5].Entry), disk.Records[5].Content);
        var (records, commits) = (disk.Records.ToArray(), disk.Commits);
        disk.Fault = BufferStoreFault.Unavailable;
        await using (var second = await TestBuffer.StartAsync(_folder, store: new MemoryStore(disk), before: first))
        {
            await second.AppendAsync(fleet, Start + (10 * Interval));
            disk.Fault = null;
            second.Time.Advance(TimeSpan.FromMinutes(2));
            await Until.TrueAsync(() => second.Buffer.Figures.Fault?.Contains("newer program", StringComparison.Ordinal) == true, () => second.Log.Text);
            var stamp = await second.AppendAsync(fleet, Start + (11 * Interval));
            second.Time.Advance(TimeSpan.FromMinutes(2));
            Assert.False(stamp.Durable);
            Assert.Equal(second.Expected(SnapshotKind.Metrics, SequenceRanges.Of(stamp.Sequence)), await second.ReadAllAsync(SnapshotKind.Metrics, SequenceRanges.Of(stamp.Sequence)));
        }

        Assert.Equal(commits, disk.Commits);
        Assert.Equal(records, disk.Records.ToArray());
    }

    [Fact]
    public async Task The_sequence_of_a_newest_entry_that_is_damaged_is_not_given_away_again()
    {
        var before = await FillAsync();
        SetEntry([.. Entry().AsSpan(1)]);
        await using var buffer = await TestBuffer.StartAsync(_folder, before: before);
        Assert.Equal(19, buffer.Buffer.Newest(SnapshotKind.Metrics)?.Sequence);
        Assert.True((await buffer.AppendAsync(new Fleet(10), Start + (100 * Interval))).Sequence > 20);
    }

    [Fact]
    public void Entries_are_never_older_than_what_they_describe() => Assert.True(RecordEntry.Version >= Envelope.Version);

    public void Dispose() => _folder.Dispose();

    private static byte[] Newer(byte[] entry)
    {
        var output = new ByteWriter();
        output.Byte(RecordEntry.Version + 1);
        output.Bytes(entry.AsSpan(1, entry.Length - 1 - sizeof(uint)));
        output.Fixed32(Envelope.Checksum(output.Written));
        return output.Written.ToArray();
    }

    private async Task<TestBuffer> FillAsync()
    {
        var fleet = new Fleet(10);
        var buffer = await TestBuffer.StartAsync(_folder);
        await using (buffer)
        {
            for (var i = 0; i < 20; i++) await buffer.AppendAsync(fleet, Start + (i * Interval));
        }

        return buffer;
    }

    private async Task<BufferStoreException> RefusedAsync()
    {
        var file = await ContentAsync();
        var options = new BufferOptions { Directory = _folder, MinFreeBytes = 0 };
        var time = new ManualTimeProvider();
        await using (var buffer = new SnapshotBuffer(BufferStores.Create(options, time), options, time, new EventLog()))
        {
            var refusal = await Assert.ThrowsAsync<BufferStoreException>(() => buffer.StartAsync(default));
            Assert.Equal(BufferStoreFault.NewerVersion, refusal.Fault);
            await Assert.ThrowsAsync<ObjectDisposedException>(() => buffer.AppendAsync(new Fleet(1).Draft(Start), default));
            Assert.Equal(file, await ContentAsync());
            Assert.Empty(Directory.GetFiles(_folder, "*damaged*"));
            return refusal;
        }
    }

    /// <summary>The file but for the two counters in its header that the engine moves when it opens one (https://sqlite.org/fileformat2.html, 1.3.7 and 1.3.14).</summary>
    private async Task<byte[]> ContentAsync()
    {
        var bytes = await File.ReadAllBytesAsync(_folder["buffer.db"]);
        bytes.AsSpan(24, 4).Clear();
        bytes.AsSpan(92, 4).Clear();
        return bytes;
    }

    private async Task AssertWholeAsync(TestBuffer before)
    {
        await using var buffer = await TestBuffer.StartAsync(_folder, before: before);
        Assert.Equal(buffer.Expected(SnapshotKind.Metrics, SequenceRanges.All), await buffer.ReadAllAsync(SnapshotKind.Metrics));
        Assert.Equal(21, (await buffer.AppendAsync(new Fleet(10), Start + (100 * Interval))).Sequence);
    }

    private long Execute(string sql)
    {
        using var connection = Connect();
        using var command = connection.CreateCommand();
        command.CommandText = sql;
        return command.ExecuteScalar() as long? ?? 0;
    }

    private byte[] Entry()
    {
        using var connection = Connect();
        using var command = connection.CreateCommand();
        command.CommandText = "SELECT entry FROM snapshots WHERE key = 20";
        return Assert.IsType<byte[]>(command.ExecuteScalar());
    }

    private void SetEntry(byte[] entry)
    {
        using var connection = Connect();
        using var command = connection.CreateCommand();
        command.CommandText = "UPDATE snapshots SET entry = $entry WHERE key = 20";
        command.Parameters.AddWithValue("$entry", entry);
        Assert.Equal(1, command.ExecuteNonQuery());
    }

    private SqliteConnection Connect()
    {
        SqliteLibrary.EnsureLoaded();
        var connection = new SqliteConnection($"Data Source={_folder["buffer.db"]};Pooling=False");
        connection.Open();
        return connection;
    }
}
