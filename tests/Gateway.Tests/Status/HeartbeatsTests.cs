using Gateway.Status;
using Gateway.TestKit;
using Gateway.Tests.Support;
using Xunit;

namespace Gateway.Tests.Status;

public sealed class HeartbeatsTests
{
    private const string Metrics = Heartbeats.MetricsEndpoint;
    private readonly ManualTimeProvider _time = new();

    [Fact]
    public void The_first_scrape_has_none_before_it_and_the_next_one_tells_the_pause()
    {
        var heartbeats = New();
        Assert.Null(heartbeats.Record(Metrics, "default"));
        _time.Advance(TimeSpan.FromSeconds(15));
        Assert.Equal(TimeSpan.FromSeconds(15), heartbeats.Record(Metrics, "default"));
        Assert.Null(heartbeats.Record(Metrics, "other"));
    }

    [Theory]
    [InlineData(-86400)]
    [InlineData(86400)]
    public void Steps_of_the_wall_clock_do_not_change_the_age_of_a_scrape_of_this_run(int step)
    {
        var heartbeats = New();
        heartbeats.Record(Metrics, "default");
        _time.Advance(TimeSpan.FromSeconds(5));
        _time.StepWallClock(TimeSpan.FromSeconds(step));
        Assert.Equal(TimeSpan.FromSeconds(5), heartbeats.SinceLastScrape());
        Assert.Equal(TimeSpan.FromSeconds(5), heartbeats.Record(Metrics, "default"));
    }

    [Fact]
    public void A_clock_set_back_never_makes_an_age_negative_and_one_of_an_earlier_run_is_at_least_as_old_as_this_run()
    {
        var store = new FakeHeartbeatStore(_time.GetUtcNow());
        store.Record(Metrics, "default", _time.GetUtcNow());
        _time.StepWallClock(TimeSpan.FromDays(-1));
        var heartbeats = new Heartbeats(store, _time);
        Assert.Equal(TimeSpan.Zero, heartbeats.SinceLastScrape());
        _time.Advance(TimeSpan.FromSeconds(30));
        Assert.Equal(TimeSpan.FromSeconds(30), heartbeats.SinceLastScrape());
        var never = new Heartbeats(new FakeHeartbeatStore(_time.GetUtcNow() + TimeSpan.FromDays(9)), _time);
        Assert.Equal(TimeSpan.Zero, never.SinceLastScrape());
        Assert.False(never.HasBeenScraped);
    }

    [Fact]
    public void Scrapes_of_earlier_runs_are_known()
    {
        var store = new FakeHeartbeatStore(_time.GetUtcNow() - TimeSpan.FromDays(1));
        store.Record(Metrics, "a", _time.GetUtcNow() - TimeSpan.FromMinutes(2));
        store.Record(Metrics, "b", _time.GetUtcNow() - TimeSpan.FromMinutes(1));
        store.Record("/prom/deamon/metrics", "a", _time.GetUtcNow());
        var heartbeats = new Heartbeats(store, _time);
        Assert.True(heartbeats.HasBeenScraped);
        Assert.Equal(TimeSpan.FromMinutes(1), heartbeats.SinceLastScrape());
        Assert.Equal(["/prom/deamon/metrics a", "/prom/metrics a", "/prom/metrics b"], heartbeats.All().Select(beat => $"{beat.Endpoint} {beat.Consumer}"));
        Assert.Equal(TimeSpan.FromMinutes(2), heartbeats.Record(Metrics, "a"));
    }

    [Fact]
    public void Consumers_are_bounded_per_endpoint_and_the_one_not_seen_for_longest_goes()
    {
        var heartbeats = New();
        for (var i = 0; i < Heartbeats.MaxConsumers + 10; i++)
        {
            _time.Advance(TimeSpan.FromSeconds(1));
            heartbeats.Record(Metrics, "default");
            heartbeats.Record(Metrics, $"c{i}");
        }

        heartbeats.Record("/prom/deamon/metrics", "default");
        var consumers = heartbeats.All().Where(beat => beat.Endpoint == Metrics).Select(beat => beat.Consumer).ToList();
        Assert.Equal(Heartbeats.MaxConsumers, consumers.Count);
        Assert.Contains("default", consumers);
        Assert.Contains($"c{Heartbeats.MaxConsumers + 9}", consumers);
        Assert.DoesNotContain("c0", consumers);
    }

    [Fact]
    public void A_store_with_more_consumers_than_are_remembered_gives_its_youngest()
    {
        var store = new FakeHeartbeatStore(_time.GetUtcNow());
        for (var i = 0; i < 200; i++) store.Record(Metrics, $"c{i}", _time.GetUtcNow() - TimeSpan.FromSeconds(i));
        var heartbeats = new Heartbeats(store, _time);
        Assert.Equal(Heartbeats.MaxConsumers, heartbeats.All().Count);
        Assert.Equal(TimeSpan.FromSeconds(Heartbeats.MaxConsumers - 1), heartbeats.All().Max(beat => beat.Age));
        heartbeats.Record(Metrics, "new");
        Assert.Equal(Heartbeats.MaxConsumers, heartbeats.All().Count);
    }

    private Heartbeats New() => new(new FakeHeartbeatStore(_time.GetUtcNow()), _time);
}
