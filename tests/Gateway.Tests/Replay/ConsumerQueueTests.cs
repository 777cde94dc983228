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
