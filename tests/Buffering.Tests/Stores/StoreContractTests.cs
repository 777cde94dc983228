using System.Buffers;
using System.Text;
using Gateway.Buffering.Stores;
using Gateway.TestKit;
using Xunit;

namespace Gateway.Buffering.Tests.Stores;

/// <summary>What every <see cref="IBufferStore"/> promises; one class per implementation.</summary>
public abstract class StoreContractTests : IDisposable
{
    private readonly TempFolder _folder = new();

    /// <summary>The folder of the test.</summary>
    protected string Folder => _folder;

    [Fact]
    public void What_was_committed_is_there_when_it_is_opened_again()
    {
        using (var store = Opened())
        {
            var change = new StoreChange { Counters = new StoreCounters(8, 3) };
            change.Add(Record(1, "one"));
            change.Add(Record(5, "five", isBlock: true));
            change.Add(Record(3, "three"));
            change.Add(new StoreChunk(2, 0, Bytes("first")));
            change.Add(new StoreChunk(2, 100, Bytes("second")));
            change.Put(new StoreReader("scrape/a", 0, "1-4,7-", 12, " word"));
            store.Commit(change);
        }

        using var again = Opened(out var found);
        Assert.Equal(["1 e-one", "3 e-three", "5 e-five", "roster 2", "scrape/a 0 1-4,7- 12 word", "next 8 3"], found.Seen);
        Assert.Equal("one", Read(again, 1));
        Assert.Equal("three", Read(again, 3));
        Assert.Equal("five", Read(again, 5));
        Assert.Equal(["first", "second"], Roster(again, 2));
    }

    [Fact]
    public void A_block_takes_the_place_of_its_rows_in_one_commit()
    {
        using var store = Opened();
        Commit(store, change =>
        {
            for (var key = 1; key <= 4; key++) change.Add(Record(key, $"row-{key}"));
        });
        Commit(store, change =>
        {
            for (var key = 1; key <= 3; key++) change.Remove(key);
            change.Add(Record(1, "block", isBlock: true));
        });
        Assert.Equal("block", Read(store, 1));
        Assert.Null(Read(store, 2));
        Assert.Equal("row-4", Read(store, 4));
        store.Dispose();
        using var again = Opened(out var found);
        Assert.Equal(["1 e-block", "4 e-row-4"], found.Seen);
    }

    [Fact]
    public void A_record_of_the_same_key_is_replaced()
    {
        using var store = Opened();
        Commit(store, change => change.Add(Record(7, "old")));
        Commit(store, change => change.Add(Record(7, "new")));
        Assert.Equal("new", Read(store, 7));
        Commit(store, change => change.Remove(7));
        Assert.Null(Read(store, 7));
        Commit(store, change => change.Remove(7));
    }

    [Fact]
    public void A_chunk_written_again_is_the_same_chunk()
    {
        using var store = Opened();
        Commit(store, change => change.Add(new StoreChunk(1, 0, Bytes("part"))));
        Commit(store, change => change.Add(new StoreChunk(1, 0, Bytes("whole"))));
        Assert.Equal(["whole"], Roster(store, 1));
    }

    [Fact]
    public void Rosters_and_readers_can_be_removed()
    {
        using (var store = Opened())
        {
            Commit(store, change =>
            {
                change.Add(new StoreChunk(1, 0, Bytes("one")));
                change.Add(new StoreChunk(2, 0, Bytes("two")));
                change.Put(new StoreReader("aside", 0, "", 0, ""));
                change.Put(new StoreReader("aside", 1, "1-", 0, ""));
            });
            Commit(store, change =>
            {
                change.RemoveRoster(1);
                change.Put(new StoreReader("aside", 1, null, 0, ""));
                change.Put(new StoreReader("aside", 0, "3", 9, ""));
            });
            Assert.Empty(store.ReadRoster(1));
        }

        using var again = Opened(out var found);
        Assert.Equal(["roster 2", "aside 0 3 9"], found.Seen);
    }

    [Fact]
    public void Counters_never_go_back()
    {
        using (var store = Opened())
        {
            Commit(store, change => change.Counters = new StoreCounters(50, 5));
            Commit(store, change => change.Counters = new StoreCounters(60, 5));
        }

        using var again = Opened(out var found);
        Assert.Equal(["next 60 5"], found.Seen);
    }

    [Fact]
    public void What_is_set_aside_leaves_a_fresh_file()
    {
        using var store = Opened();
        Commit(store, change => change.Add(Record(1, "one")));
        store.SetAside();
        Assert.False(store.IsOpen);
        var found = new Seen();
        store.Open(found);
        Assert.Empty(found.List);
        Commit(store, change => change.Add(Record(2, "two")));
        Assert.Null(Read(store, 1));
        Assert.Equal("two", Read(store, 2));
    }

    [Fact]
    public void Large_contents_come_back_and_their_space_is_used_again()
    {
        using var store = Opened();
        var content = new byte[300_000];
        new Random(1).NextBytes(content);
        for (var round = 0; round < 20; round++)
        {
            Commit(store, change =>
            {
                if (round > 1) change.Remove(round - 1);
                change.Add(new StoreRecord(round + 1, IsBlock: true, Bytes("e"), content));
            });
            while (store.Tidy(shrink: false))
            {
                // To its end.
            }
        }

        var output = new ArrayBufferWriter<byte>();
        Assert.True(store.TryRead(20, output));
        Assert.True(output.WrittenSpan.SequenceEqual(content));
        Assert.InRange(store.Size.UsedBytes, 600_000, 1_200_000);
        Assert.InRange(store.Size.FileBytes, 600_000, 9_000_000);
    }

    [Fact]
    public void A_store_that_is_not_open_says_so()
    {
        using var store = Create();
        Assert.False(store.IsOpen);
        Assert.Equal(BufferStoreFault.Unavailable, Assert.Throws<BufferStoreException>(() => store.Commit(new StoreChange { Counters = new StoreCounters(1, 1) })).Fault);
        Assert.Equal(BufferStoreFault.Unavailable, Assert.Throws<BufferStoreException>(() => store.TryRead(1, new ArrayBufferWriter<byte>())).Fault);
    }

    public void Dispose()
    {
        _folder.Dispose();
        GC.SuppressFinalize(this);
    }

    /// <summary>A store in the folder, not open; the next one finds what this one kept.</summary>
    private protected abstract IBufferStore Create();

    private protected IBufferStore Opened() => Opened(out _);

    private protected IBufferStore Opened(out FoundContent found)
    {
        var store = Create();
        var seen = new Seen();
        store.Open(seen);
        found = new FoundContent(seen.List);
        return store;
    }

    private protected static void Commit(IBufferStore store, Action<StoreChange> fill)
    {
        var change = new StoreChange();
        fill(change);
        store.Commit(change);
    }

    private protected static StoreRecord Record(long key, string content, bool isBlock = false) => new(key, isBlock, Bytes("e-" + content), Bytes(content));

    private protected static string? Read(IBufferStore store, long key)
    {
        var output = new ArrayBufferWriter<byte>();
        return store.TryRead(key, output) ? Encoding.UTF8.GetString(output.WrittenSpan) : null;
    }

    private static List<string> Roster(IBufferStore store, long roster) => [.. store.ReadRoster(roster).Select(Encoding.UTF8.GetString)];

    private static byte[] Bytes(string text) => Encoding.UTF8.GetBytes(text);

    /// <summary>What a store handed out, as lines.</summary>
    private protected readonly record struct FoundContent(IReadOnlyList<string> Seen);

    private sealed class Seen : IStoreVisitor
    {
        public List<string> List { get; } = [];

        public void Record(long key, ReadOnlySpan<byte> entry) => List.Add($"{key} {Encoding.UTF8.GetString(entry)}");

        public void Roster(long roster) => List.Add($"roster {roster}");

        public void Reader(string name, int kind, string backlog, long seenMs, string state) => List.Add($"{name} {kind} {backlog} {seenMs}{state}");

        public void Counters(StoreCounters counters) => List.Add($"next {counters.NextSequence} {counters.NextRoster}");
    }
}

/// <summary>The store of the tests keeps the contract as well; otherwise what is tested on it proves little.</summary>
public sealed class MemoryStoreContractTests : StoreContractTests
{
    private readonly MemoryStore.Disk _disk = new();

    private protected override IBufferStore Create() => new MemoryStore(_disk);
}

/// <summary>The default store.</summary>
public sealed class SqliteStoreContractTests : StoreContractTests
{
    private protected override IBufferStore Create() => new SqliteBufferStore(Folder, maxBytes: 1 << 30, maxQuarantined: 3, TimeProvider.System);
}

#if WITH_LITEDB
/// <summary>The other store; only with <c>-p:WithLiteDb=true</c>.</summary>
public sealed class LiteDbStoreContractTests : StoreContractTests
{
    private protected override IBufferStore Create() => new Gateway.Buffering.LiteDb.LiteDbBufferStore(Folder, maxQuarantined: 3, TimeProvider.System);
}
#endif
