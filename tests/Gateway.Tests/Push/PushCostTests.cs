using System.Diagnostics;
using Gateway.Push;
using Gateway.State;
using Gateway.TestKit;
using Gateway.Tests.State;
using Xunit;

namespace Gateway.Tests.Push;

/// <summary>Cost that must not grow with what is held. Bounds are wide: the machine is shared.</summary>
public sealed class PushCostTests
{
    [Fact]
    public void A_push_among_many_series_costs_what_a_push_among_few_costs()
    {
        var few = Measure(1_000);
        var many = Measure(100_000);
        Assert.True(many < few * 5, $"one push took {few:0.00} µs among 1,000 series and {many:0.00} µs among 100,000");
    }

    [Fact]
    public async Task Concurrent_senders_get_more_than_a_thousand_durable_pushes_a_second()
    {
        using var folder = new TempFolder();
        await using var state = await TestState.StartAsync(folder);
        const int Senders = 32;
        const int Each = 100;
        var watch = Stopwatch.StartNew();
        await Task.WhenAll(Enumerable.Range(0, Senders).Select(sender => Task.Run(async () =>
        {
            for (var i = 0; i < Each; i++) await state.PushAsync("load", "1", $"host{sender}");
        })));
        var rate = Senders * Each / watch.Elapsed.TotalSeconds;
        Assert.True(rate > 1000, $"{rate:0} pushes/s");
        Assert.True(state.Database.Figures().Commits < Senders * Each, "no push shared a transaction");
    }

    /// <summary>Microseconds per push of the judging and the table, without the disk, which costs the same for any number of rows; best of several rounds.</summary>
    private static double Measure(int held)
    {
        var table = new PushTable();
        var group = new PushGroup(table, 200_000);
        var keys = Enumerable.Range(0, held).Select(i => new SeriesKey("metric" + i % 100, ["instance"], [$"host{i}"])).ToArray();
        foreach (var some in keys.Chunk(StateDatabase.MaxGroup)) // as large as a group gets
        {
            foreach (var key in some) group.Set(new PushedValue(key, 0), default);
            group.Apply();
        }

        var best = double.MaxValue;
        for (var round = 0; round < 7; round++)
        {
            var watch = Stopwatch.StartNew();
            for (var i = 0; i < 1000; i++)
            {
                group.Set(new PushedValue(keys[i], i, Help: "h", Ttl: TimeSpan.FromMinutes(1 + i)), new Moment(round, round));
                group.Apply();
            }

            best = Math.Min(best, watch.Elapsed.TotalMicroseconds / 1000);
        }

        return best;
    }
}
