using Gateway.Buffering;
using Gateway.Replay;
using Xunit;

namespace Gateway.Tests.Replay;

public sealed class ConsumerQueueTests
{
    private readonly ReplayOptions _options = new();

    [Fact]
    public void A_page_that_failed_comes_back_half_as_large_and_pages_grow_again_when_they_arrive()
    {
        var queue = Queue();
        queue.Fail(Ticket(200_000));
        Assert.Equal(100_000, queue.Limit);
        queue.Fail(Ticket(100_000));
        Assert.Equal(50_000, queue.Limit);
        queue.Deliver(Ticket(50_000));
        Assert.Equal(100_000, queue.Limit);
        for (var i = 0; i < 5; i++) queue.Deliver(Ticket(50_000));
        Assert.Equal(_options.MaxPageSamples, queue.Limit);
    }

    [Fact]
    public void A_page_that_took_more_than_half_of_the_time_is_followed_by_a_smaller_one()
    {
        var queue = Queue();
        var ticket = Ticket(200_000);
        ticket.WasSlow = true;
        queue.Deliver(ticket);
        Assert.Equal(100_000, queue.Limit);
    }

    [Fact]
    public void Failing_for_ever_never_asks_for_pages_of_nothing()
    {
        var queue = Queue();
        for (var i = 0; i < 100; i++) queue.Fail(Ticket(queue.Limit));
        Assert.Equal(100, queue.Limit);
    }

    [Fact]
    public void A_page_that_is_not_found_is_repeated_as_it_was_then_smaller_and_then_set_aside()
    {
        var queue = Queue();
        Assert.False(queue.Miss(Ticket(80_000)));
        Assert.Equal(_options.MaxPageSamples, queue.Limit);
        Assert.False(queue.Miss(Ticket(80_000)));
        Assert.Equal(20_000, queue.Limit);
        Assert.True(queue.Miss(Ticket(20_000)));
        Assert.Equal((0, _options.MaxPageSamples), (queue.Repeats, queue.Limit));
    }

    [Fact]
    public void Where_setting_aside_a_small_page_did_not_help_the_next_one_is_not_made_smaller()
    {
        var queue = Queue();
        for (var i = 0; i < 3; i++) queue.Miss(Ticket(80_000));
        Assert.False(queue.Miss(Ticket(60_000)));
        Assert.False(queue.Miss(Ticket(60_000)));
        Assert.Equal(_options.MaxPageSamples, queue.Limit);
        Assert.True(queue.Miss(Ticket(60_000)));
    }

    [Fact]
    public void A_page_that_is_found_and_is_as_large_and_the_end_of_a_replay_make_the_next_bad_page_an_only_one_again()
    {
        var queue = Queue();
        for (var i = 0; i < 3; i++) queue.Miss(Ticket(80_000));
        for (var i = 0; i < 8; i++) queue.Deliver(Ticket(80_000));
        AssertShrinks(queue);
        queue.Empty();
        AssertShrinks(queue);

        void AssertShrinks(ConsumerQueue queue)
        {
            queue.Miss(Ticket(80_000));
            Assert.Equal(_options.MaxPageSamples, queue.Limit);
            queue.Miss(Ticket(80_000));
            Assert.Equal(20_000, queue.Limit);
            Assert.True(queue.Miss(Ticket(20_000)));
        }
    }

    [Fact]
    public void A_Prometheus_that_refuses_every_page_of_more_than_one_snapshot_gets_plain_samples_again_after_a_few_scrapes()
    {
        foreach (var waiting in Enumerable.Range(1, 60))
        {
            const int Samples = 1000;
            var queue = Queue();
            queue.Add(SequenceRanges.Of(1, waiting));
            var (next, scrapes) = (waiting + 1L, 0);
            for (; !queue.Backlog.IsEmpty; scrapes++)
            {
                Assert.True(scrapes < 20, $"{waiting} snapshots");
                queue.Add(SequenceRanges.Of(next, next));
                next++;
                var last = Math.Min(next - 1, queue.Backlog.First + Math.Max(1, queue.Limit / Samples) - 1);
                var count = (int)(last - queue.Backlog.First + 1);
                var page = new PageTicket(SequenceRanges.Of(queue.Backlog.First, last), count * Samples, count, 0, last);
                if (count == 1) queue.Deliver(page);
                else if (queue.Miss(page)) queue.Remove(page.Covered);
            }
        }
    }

    [Fact]
    public void Progress_ends_the_count_of_repetitions()
    {
        var queue = Queue();
        queue.Miss(Ticket(10));
        queue.Miss(Ticket(10));
        queue.Deliver(Ticket(10));
        Assert.False(queue.Miss(Ticket(10)));
    }

    [Fact]
    public void What_was_delivered_is_taken_off_and_what_comes_next_stays()
    {
        var queue = Queue();
        queue.Open(5);
        queue.Deliver(new PageTicket(SequenceRanges.Of(1, 9), 90, 5, 0, 9));
        Assert.Equal("10-", queue.Backlog.ToString());
        Assert.True(queue.IsRecording);
        queue.Close(12);
        Assert.Equal("10-11", queue.Backlog.ToString());
        Assert.False(queue.IsRecording);
    }

    [Theory]
    [InlineData("Absent", "None")]
    [InlineData("Replaying", "Stop")]
    [InlineData("Absent", "Start")]
    [InlineData("Present", "None")]
    public void Survives_a_restart(string state, string forced)
    {
        var queue = Queue();
        queue.Add(SequenceRanges.Of(3, 7));
        queue.Open(12);
        queue.State = Enum.Parse<PresenceState>(state);
        queue.Forced = Enum.Parse<ForcedState>(forced);
        queue.Seen = DateTimeOffset.FromUnixTimeMilliseconds(1_800_000_000_123);

        var restored = ConsumerQueue.FromReader(queue.ToReader(), _options);

        Assert.Equal(
            (queue.Name, queue.Kind, queue.State, queue.Forced, queue.Seen, queue.Backlog),
            (restored.Name, restored.Kind, restored.State, restored.Forced, restored.Seen, restored.Backlog));
    }

    [Fact]
    public void A_word_that_an_older_program_wrote_is_no_order()
    {
        var restored = ConsumerQueue.FromReader(new BufferReader("scrape/x", SnapshotKind.Pushes, SequenceRanges.Empty, 0, "sleeping deeply"), _options);
        Assert.Equal((PresenceState.Present, ForcedState.None), (restored.State, restored.Forced));
    }

    private ConsumerQueue Queue() => new("default", SnapshotKind.Metrics, _options);

    private static PageTicket Ticket(int samples) => new(SequenceRanges.Of(1, 1), samples, 1, 0, 1);
}
