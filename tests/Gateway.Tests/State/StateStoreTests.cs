using Gateway.State;
using Gateway.TestKit;
using Xunit;

namespace Gateway.Tests.State;

public sealed class StateStoreTests : IDisposable
{
    private readonly TempFolder _folder = new();
    private readonly ManualTimeProvider _time = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task The_first_start_stays_the_first()
    {
        long first;
        await using (var state = await TestState.StartAsync(_folder, _time)) first = state.Scrapes.FirstStartUnixMs;
        _time.Advance(TimeSpan.FromDays(1));
        await using var again = await TestState.StartAsync(_folder, _time);
        Assert.Equal(new DateTimeOffset(2026, 1, 1, 0, 0, 0, TimeSpan.Zero).ToUnixTimeMilliseconds(), first);
        Assert.Equal(first, again.Scrapes.FirstStartUnixMs);
    }

    [Fact]
    public async Task The_first_scrape_is_written_at_once_and_the_next_ones_once_a_second()
    {
        await using var state = await TestState.StartAsync(_folder, _time);
        await state.Database.FlushAsync(default);
        var before = state.Database.Figures().Commits;
        state.Scrapes.RecordScrape("/prom/metrics", "default", 1);
        await state.Database.FlushAsync(default);
        Assert.Equal(1, state.Database.Figures().Commits - before);
        for (var i = 2; i < 100; i++)
        {
            state.Scrapes.RecordScrape("/prom/metrics", "default", i);
            await state.Database.FlushAsync(default);
        }

        Assert.Equal(1, state.Database.Figures().Commits - before);
        _time.Advance(TimeSpan.FromSeconds(1));
        await state.Database.FlushAsync(default);
        Assert.Equal(2, state.Database.Figures().Commits - before);
        _time.Advance(TimeSpan.FromSeconds(5));
        await state.Database.FlushAsync(default);
        Assert.Equal(2, state.Database.Figures().Commits - before);
        using var copy = new TempFolder();
        state.CopyTo(copy);
        await using var cut = await TestState.StartAsync(copy);
        Assert.Equal([new ScrapeRecord("/prom/metrics", "default", 99)], cut.Scrapes.LoadScrapes());
    }

    [Fact]
    public async Task A_stop_writes_what_was_put_off()
    {
        await using (var state = await TestState.StartAsync(_folder, _time))
        {
            state.Scrapes.RecordScrape("/prom/metrics", "a", 1);
            await state.Database.FlushAsync(default);
            state.Scrapes.RecordScrape("/prom/metrics", "a", 2);
            state.Scrapes.RecordScrape("/prom/metrics", "b", 3);
        }

        await using var again = await TestState.StartAsync(_folder, _time);
        Assert.Equal([("a", 2), ("b", 3)], again.Scrapes.LoadScrapes().Select(scrape => (scrape.Consumer, scrape.UnixMs)).Order().ToArray());
    }

    [Fact]
    public async Task Invented_consumers_do_not_pile_up_and_the_one_not_seen_longest_goes()
    {
        await using (var state = await TestState.StartAsync(_folder, _time))
        {
            for (var i = 0; i < StateStore.MaxScrapes + 50; i++) state.Scrapes.RecordScrape("/prom/metrics", $"c{i}", i);
            Assert.Equal(StateStore.MaxScrapes, state.Scrapes.LoadScrapes().Count);
        }

        await using var again = await TestState.StartAsync(_folder, _time);
        Assert.Equal(StateStore.MaxScrapes, again.Scrapes.LoadScrapes().Count);
        Assert.Equal(50, again.Scrapes.LoadScrapes().Min(scrape => scrape.UnixMs));
    }

    [Fact]
    public async Task A_failed_writing_is_made_up_for()
    {
        var table = new FaultTable();
        await using (var state = await TestState.StartAsync(_folder, _time, null, table))
        {
            await state.Database.FlushAsync(default);
            table.Next = new IOException("no such device");
            state.Scrapes.RecordScrape("/prom/metrics", "a", 7);
            await Assert.ThrowsAsync<StateUnavailableException>(() => state.PushAsync("x", "1"));
            _time.Advance(TimeSpan.FromSeconds(3));
        }

        await using var again = await TestState.StartAsync(_folder, _time);
        Assert.Equal(7, Assert.Single(again.Scrapes.LoadScrapes()).UnixMs);
    }
}
