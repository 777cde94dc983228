using System.Globalization;
using Gateway.Exposition;
using Gateway.Tests.Support;
using Xunit;

namespace Gateway.Tests.Scrape;

/// <summary>Many scrapes at once over values that change with each run: whatever is written must be of one run, whole, and valid.</summary>
public sealed class BatchLifetimeTests
{
    private const int Samples = 300;

    [Fact]
    public async Task No_batch_is_filled_again_while_it_is_written()
    {
        await using var kit = ScrapeKit.OnSystemClock();
        var collectors = Enumerable.Range(0, 3).Select(_ => Changing()).ToList();
        for (var i = 0; i < collectors.Count; i++) kit.Register($"c{i}", collectors[i]);
        var end = TimeProvider.System.GetTimestamp();
        var scrapes = 0;
        await Task.WhenAll(Enumerable.Range(0, 8).Select(worker => Task.Run(async () =>
        {
            var random = new Random(worker);
            while (TimeProvider.System.GetElapsedTime(end) < TimeSpan.FromSeconds(2))
            {
                using var gone = new CancellationTokenSource();
                var pending = kit.Pipeline.CollectAsync(TimeSpan.FromSeconds(30), gone.Token);
                if (random.Next(4) == 0) await gone.CancelAsync();
                try
                {
                    using var result = await pending;
                    Check(ScrapeKit.Text(result));
                    Interlocked.Increment(ref scrapes);
                }
                catch (OperationCanceledException) when (gone.IsCancellationRequested)
                {
                    // As a client that went away.
                }
            }
        }))).InTime();
        Assert.All(collectors, collector => Assert.False(collector.Overlapped));
        Assert.True(scrapes > 20, $"only {scrapes} scrapes");
        Assert.Empty(kit.Warnings);
    }

    private static ScriptedCollector Changing()
    {
        var family = MetricFamily.Gauge($"stress_{Guid.NewGuid():N}", "All samples of a run have the same value.", "n");
        var labels = Enumerable.Range(0, Samples).Select(i => i.ToString(CultureInfo.InvariantCulture)).ToArray();
        var run = 0;
        return new ScriptedCollector(async (sink, _) =>
        {
            run++;
            for (var i = 0; i < Samples; i++)
            {
                if (i == Samples / 2) await Task.Yield();
                sink.Add(family, [labels[i]], run * 1.5);
            }
        });
    }

    private static void Check(string text)
    {
        var families = text.Split('\n').Where(line => line.StartsWith("stress_", StringComparison.Ordinal)).GroupBy(line => line[..line.IndexOf('{', StringComparison.Ordinal)]).ToList();
        Assert.Equal(3, families.Count);
        foreach (var family in families)
        {
            Assert.Equal(Samples, family.Count());
            Assert.Single(family.Select(line => line[(line.IndexOf('}', StringComparison.Ordinal) + 2)..]).Distinct());
        }
    }
}
