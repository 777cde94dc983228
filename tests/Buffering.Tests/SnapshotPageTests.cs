using Gateway.Exposition;
using Xunit;

namespace Gateway.Buffering.Tests;

/// <summary>Snapshots in, series with increasing times out.</summary>
public sealed class SnapshotPageTests
{
    private static readonly MetricFamily A = MetricFamily.Create("a", MetricType.Gauge, "old help", "", ["l"]);
    private static readonly MetricFamily AgainA = MetricFamily.Create("a", MetricType.Gauge, "new help", "", ["l"]);
    private static readonly MetricFamily CounterA = MetricFamily.Create("a", MetricType.Counter, "", "", ["l"]);
    private static readonly MetricFamily B = MetricFamily.Create("b", MetricType.Gauge, "", "", []);

    [Fact]
    public void The_series_of_a_family_stand_together_in_the_order_they_came()
    {
        using var page = new SnapshotPage();
        Add(page, A, "x", 1, 10);
        Add(page, B, null, 1, 20);
        Add(page, A, "y", 1, 30);
        Add(page, A, "x", 2, 11);
        Add(page, B, null, 2, 21);
        page.Complete();
        Assert.Equal("a x: 1=10 2=11; a y: 1=30; b : 1=20 2=21", Text(page));
        Assert.Equal((5, 1L, 2L, 0), (page.SampleCount, page.OldestMs, page.NewestMs, page.DuplicateCount));
    }

    [Fact]
    public void Equal_series_of_different_objects_are_one_and_the_last_help_is_written()
    {
        using var page = new SnapshotPage();
        Add(page, A, "x", 1, 10);
        Add(page, AgainA, "x", 2, 11);
        page.Complete();
        Assert.Equal("a x: 1=10 2=11", Text(page));
        Assert.Equal("new help", page.Families[0].Family.Help);
    }

    [Fact]
    public void A_series_that_changed_its_type_is_another_one()
    {
        using var page = new SnapshotPage();
        Add(page, A, "x", 1, 10);
        Add(page, CounterA, "x", 2, 11);
        page.Complete();
        Assert.Equal("a x: 1=10; a x: 2=11", Text(page));
        Assert.Equal(2, page.Families.Length);
    }

    [Fact]
    public void After_a_clock_was_set_back_times_increase_all_the_same_and_the_earlier_snapshot_wins()
    {
        using var page = new SnapshotPage();
        foreach (var (time, value) in new[] { (5L, 1.0), (6, 2), (7, 3), (3, 4), (4, 5), (5, 6), (6, 7), (8, 8) }) Add(page, A, "x", time, value);
        Add(page, A, "y", 3, 9);
        page.Complete();
        Assert.Equal("a x: 3=4 4=5 5=1 6=2 7=3 8=8; a y: 3=9", Text(page));
        Assert.Equal((7, 2), (page.SampleCount, page.DuplicateCount));
    }

    [Fact]
    public void A_page_is_used_again_and_again()
    {
        using var page = new SnapshotPage();
        var random = new Random(3);
        for (var round = 0; round < 50; round++)
        {
            page.Clear();
            var expected = new SortedDictionary<string, SortedDictionary<long, double>>(StringComparer.Ordinal);
            for (var i = random.Next(1, 9000); i > 0; i--)
            {
                var (label, time, value) = ($"{random.Next(50)}", random.NextInt64(4000), random.NextDouble());
                Add(page, A, label, time, value);
                if (!expected.TryGetValue(label, out var series)) expected[label] = series = [];
                series.TryAdd(time, value);
            }

            page.Complete();
            Assert.Equal(expected.Count, page.Series.Length);
            Assert.Equal(expected.Sum(series => series.Value.Count), page.SampleCount);
            for (var i = 0; i < page.Series.Length; i++)
            {
                var series = expected[page.Series[i].LabelValues[0]];
                Assert.Equal(series.Keys, page.TimesOf(i).ToArray());
                Assert.Equal(series.Values, page.ValuesOf(i).ToArray());
            }
        }
    }

    [Fact]
    public void What_is_taken_back_leaves_no_sample()
    {
        using var page = new SnapshotPage();
        Add(page, A, "x", 5, 10);
        Add(page, A, "x", 9, 11);
        Add(page, B, null, 1, 20);
        page.Truncate(1);
        page.Complete();
        Assert.Equal("a x: 5=10; b :", Text(page));
        Assert.Equal((1, 5L, 5L), (page.SampleCount, page.OldestMs, page.NewestMs));
    }

    private static void Add(SnapshotPage page, MetricFamily family, string? label, long time, double value) =>
        page.Add(page.SlotOf(family, Series.Create(family, label is null ? [] : [label])), time, value);

    private static string Text(SnapshotPage page)
    {
        var texts = new List<string>();
        foreach (var family in page.Families)
        {
            for (var i = family.FirstSeries; i < family.FirstSeries + family.SeriesCount; i++)
            {
                var values = page.ValuesOf(i).ToArray();
                var samples = page.TimesOf(i).ToArray().Select((time, at) => $" {time}={values[at]}");
                texts.Add($"{family.Family.Name} {string.Join(',', page.Series[i].LabelValues)}:{string.Concat(samples)}");
            }
        }

        return string.Join("; ", texts);
    }
}
