using Gateway.TestKit;
using Xunit;

namespace Gateway.Exposition.Tests.Model;

public sealed class SampleBatchTests
{
    private static readonly MetricFamily Family = MetricFamily.Gauge("a", "A.", "x");

    [Fact]
    public void A_second_sample_of_a_series_is_left_out_and_counted()
    {
        var batch = new SampleBatch();
        var (one, two) = (Series.Create(Family, ["1"]), Series.Create(Family, ["2"]));
        batch.Add(Family, one, 1);
        batch.Add(Family, two, 2);
        batch.Add(Family, two, 20);
        batch.Add(Family, one, 10);
        Assert.Equal((2, 2), (batch.SampleCount, batch.DuplicateCount));
        Assert.Same(two, batch.FirstDuplicate);
        Assert.Equal([1, 2], batch[0].Values.ToArray());
    }

    [Fact]
    public void Clear_makes_room_for_the_same_series()
    {
        var batch = new SampleBatch();
        var series = Series.Create(Family, ["1"]);
        batch.Add(Family, series, 1, 5);
        batch.Add(Family, series, 1);
        batch.Clear();
        Assert.Equal((0, 0, 0, null), (batch.FamilyCount, batch.SampleCount, batch.DuplicateCount, batch.FirstDuplicate));
        batch.Add(Family, series, 2);
        Assert.Equal(1, batch.SampleCount);
        Assert.True(batch[0].Timestamps.IsEmpty);
    }

    [Fact]
    public void A_series_may_go_from_batch_to_batch()
    {
        var (first, second) = (new SampleBatch(), new SampleBatch());
        var series = Series.Create(Family, ["1"]);
        first.Add(Family, series, 1);
        second.Add(Family, series, 2);
        Assert.Equal((0, 0), (first.DuplicateCount, second.DuplicateCount));
    }

    [Fact]
    public void Families_are_grouped_in_the_order_of_their_first_sample()
    {
        var other = MetricFamily.Gauge("b", "B.");
        var batch = new SampleBatch();
        batch.Add(Family, Series.Create(Family, ["1"]), 1);
        batch.Add(other, 2);
        batch.Add(Family, Series.Create(Family, ["2"]), 3);
        Assert.Equal("# HELP a A.\n# TYPE a gauge\na{x=\"1\"} 1\na{x=\"2\"} 3\n# HELP b B.\n# TYPE b gauge\nb 2\n", Exposed.Text(batch));
    }

    [Fact]
    public void Timestamps_may_begin_with_any_sample_and_do_not_leak_into_the_next_run()
    {
        var batch = new SampleBatch();
        for (var run = 0; run < 3; run++)
        {
            for (var i = 0; i < 20; i++) batch.Add(Family, Series.Create(Family, [$"{i}"]), i, i == 10 + run ? 100 : SampleBatch.NoTimestamp);
            var samples = batch[0];
            for (var i = 0; i < 20; i++) Assert.Equal(i == 10 + run ? 100 : SampleBatch.NoTimestamp, samples.TimestampOf(i));
            batch.Clear();
        }
    }

    [Fact]
    public void A_series_of_another_family_is_refused()
    {
        var other = MetricFamily.Gauge("b", "B.");
        var batch = new SampleBatch();
        var fault = Assert.Throws<ArgumentException>(() => batch.Add(other, Series.Create(Family, ["1"]), 1));
        Assert.StartsWith("A series of a (gauge) cannot be a sample of b (gauge).", fault.Message, StringComparison.Ordinal);
        Assert.Throws<ArgumentException>(() => batch.Add(MetricFamily.Counter("a", "A.", "x"), Series.Create(Family, ["1"]), 1));
        batch.Add(Family.WithHelp("Other."), Series.Create(Family, ["1"]), 1);
        Assert.Equal(1, batch.SampleCount);
    }

    [Fact]
    public void A_family_beyond_the_last_is_out_of_range() => Assert.Throws<ArgumentOutOfRangeException>(() => { _ = new SampleBatch()[0]; });
}
