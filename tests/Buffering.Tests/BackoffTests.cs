using Gateway.TestKit;
using Xunit;

namespace Gateway.Buffering.Tests;

public sealed class BackoffTests
{
    private static readonly TimeSpan Second = TimeSpan.FromSeconds(1);

    [Fact]
    public void Pauses_double_up_to_the_limit_within_their_jitter()
    {
        var backoff = new Backoff(Second, TimeSpan.FromSeconds(10), new Random(1));
        foreach (var step in new[] { 1, 2, 4, 8, 10, 10, 10 }) Assert.InRange(backoff.Next(), Second * step / 2, Second * step);
        Assert.Equal(7, backoff.Attempts);
        backoff.Reset();
        Assert.Equal(0, backoff.Attempts);
        Assert.InRange(backoff.Next(), Second / 2, Second);
    }

    [Fact]
    public void Pauses_differ_from_box_to_box_and_a_seed_makes_them_the_same()
    {
        Assert.NotEqual(Take(1), Take(2));
        Assert.Equal(Take(1), Take(1));

        static TimeSpan[] Take(int seed)
        {
            var backoff = new Backoff(Second, Second * 100, new Random(seed));
            return [backoff.Next(), backoff.Next(), backoff.Next()];
        }
    }

    [Fact]
    public void The_longest_limit_there_is_does_not_overflow()
    {
        var backoff = new Backoff(Second, TimeSpan.MaxValue, new Random(1));
        for (var i = 0; i < 100; i++) Assert.True(backoff.Next() > TimeSpan.Zero);
    }

    [Fact]
    public async Task Waits_by_the_clock_it_is_given()
    {
        var time = new ManualTimeProvider();
        var waiting = new Backoff(Second, Second, new Random(1)).WaitAsync(time, CancellationToken.None);
        Assert.False(waiting.IsCompleted);
        time.Advance(Second);
        await waiting;
    }
}
