using Xunit;

namespace Gateway.Exposition.Tests.Model;

public sealed class SeriesTableTests
{
    private static readonly MetricFamily Family = MetricFamily.Gauge("a", "A.", "x");

    [Fact]
    public void Finds_the_series_it_built()
    {
        var table = new SeriesTable();
        var histogram = MetricFamily.Create("h", MetricType.Histogram, "H.", "", "x");
        Assert.Same(table.Get(Family, ["1"]), table.Get(Family, ["1"]));
        Assert.NotSame(table.Get(Family, ["1"]), table.Get(Family, ["2"]));
        Assert.Same(table.Get(histogram, ["1"], SampleRole.Bucket, 1), table.Get(histogram, ["1"], SampleRole.Bucket, 1));
        Assert.NotSame(table.Get(histogram, ["1"], SampleRole.Bucket, 1), table.Get(histogram, ["1"], SampleRole.Bucket, 2));
        Assert.NotSame(table.Get(histogram, ["1"], SampleRole.Sum), table.Get(histogram, ["1"], SampleRole.Count));
        Assert.Equal(6, table.Count);
    }

    [Fact]
    public void Forgets_series_that_were_not_asked_for_when_they_are_the_larger_part()
    {
        var table = new SeriesTable();
        for (var i = 0; i < 100; i++) table.Get(Family, [$"{i}"]);
        table.EndRun();
        var kept = table.Get(Family, ["7"]);
        for (var i = 0; i < 30; i++) table.Get(Family, [$"{i}"]);
        Assert.Equal(100, table.Count);
        table.EndRun();
        Assert.Equal(30, table.Count);
        Assert.Same(kept, table.Get(Family, ["7"]));
    }

    [Fact]
    public void Keeps_everything_while_the_larger_part_is_asked_for()
    {
        var table = new SeriesTable();
        for (var i = 0; i < 100; i++) table.Get(Family, [$"{i}"]);
        table.EndRun();
        for (var i = 0; i < 60; i++) table.Get(Family, [$"{i}"]);
        table.EndRun();
        Assert.Equal(100, table.Count);
    }

    [Fact]
    public void Labels_that_never_come_back_do_not_pile_up()
    {
        var table = new SeriesTable();
        for (var run = 0; run < 1000; run++)
        {
            for (var i = 0; i < 10; i++) table.Get(Family, [$"{run}/{i}"]);
            table.EndRun();
        }

        Assert.True(table.Count <= 75, $"{table.Count} series");
    }

    [Fact]
    public void Values_that_cannot_be_encoded_are_found_again_as_what_is_written()
    {
        var table = new SeriesTable();
        var first = table.Get(Family, ["\uD800"]);
        Assert.Same(first, table.Get(Family, ["\uD800"]));
        Assert.Same(first, table.Get(Family, ["\uDC00"]));
        Assert.Same(first, table.Get(Family, ["\uFFFD"]));
        Assert.Equal(1, table.Count);
    }

    [Fact]
    public void Asking_for_a_known_series_allocates_nothing()
    {
        var table = new SeriesTable();
        string[] labels = ["1"];
        table.Get(Family, labels);
        var before = GC.GetAllocatedBytesForCurrentThread();
        for (var i = 0; i < 1000; i++) table.Get(Family, labels);
        Assert.Equal(0, GC.GetAllocatedBytesForCurrentThread() - before);
    }
}
