using System.Buffers;
using System.Text;
using Xunit;

namespace Gateway.Exposition.Tests.Model;

public sealed class BatchMergerTests
{
    [Fact]
    public void Families_of_several_sources_keep_the_order_of_their_first_appearance()
    {
        var merger = Merge("a 1\nb{x=\"1\"} 1\n", "c 1\nb{x=\"2\"} 2\n");
        Assert.Equal("a 1\nb{x=\"1\"} 1\nb{x=\"2\"} 2\nc 1\n", Written(merger));
        Assert.Empty(merger.Faults);
    }

    [Fact]
    public void The_first_help_is_written_once()
    {
        var merger = Merge("# HELP a First.\na{x=\"1\"} 1\n", "# HELP a Second.\na{x=\"2\"} 2\n");
        Assert.Equal((1, "First.", 2), (merger.FamilyCount, merger.Family(0).Help, merger.PartCount(0)));
        Assert.Same(merger.Family(0), merger.Part(0, 1).Family);
    }

    [Fact]
    public void A_second_type_for_a_name_is_left_out()
    {
        var merger = Merge("# TYPE a gauge\na{x=\"1\"} 1\n", "# TYPE a counter\na{x=\"2\"} 2\na{x=\"3\"} 3\n");
        Assert.Equal("a{x=\"1\"} 1\n", Written(merger));
        Assert.Equal(new MergeFault("1", "a", MergeFaultReason.TypeConflict, 2), Assert.Single(merger.Faults));
    }

    [Theory]
    [InlineData("# TYPE x_total counter\nx_total 1\n", "# TYPE x gauge\nx 2\n", "x")]
    [InlineData("# TYPE x gauge\nx 1\n", "# TYPE x_total counter\nx_total 2\n", "x_total")]
    [InlineData("# TYPE x counter\nx 1\n", "# TYPE x_total gauge\nx_total 2\n", "x_total")]
    [InlineData("# TYPE x counter\nx 1\n", "# TYPE x_total counter\nx_total 2\n", "x_total")]
    [InlineData("# TYPE h histogram\nh_sum 1\n", "# TYPE h_sum gauge\nh_sum 2\n", "h_sum")]
    [InlineData("# TYPE h_bucket gauge\nh_bucket 1\n", "# TYPE h histogram\nh_sum 2\n", "h")]
    [InlineData("# TYPE s summary\ns_sum 1\n", "# TYPE s_count counter\ns_count 2\n", "s_count")]
    public void A_name_that_another_family_writes_is_left_out(string first, string second, string leftOut)
    {
        var merger = Merge(first, second);
        Assert.Equal(Exposition(first), Written(merger));
        Assert.Equal(new MergeFault("1", leftOut, MergeFaultReason.NameConflict, 1), Assert.Single(merger.Faults));
    }

    [Theory]
    [InlineData("# TYPE c counter\nc_total 1\nc_created 5\n# EOF\n", "# TYPE c_created gauge\nc_created 2\n# EOF\n", "c_created")]
    [InlineData("# TYPE c_created gauge\nc_created 2\n# EOF\n", "# TYPE c counter\nc_total 1\nc_created 5\n# EOF\n", "c_total")]
    public void The_name_of_a_creation_time_counts_when_there_is_one(string first, string second, string leftOut)
    {
        var merger = new BatchMerger();
        merger.Add("0", Parsing.Parse(first, ExpositionFormat.OpenMetrics).Samples);
        merger.Add("1", Parsing.Parse(second, ExpositionFormat.OpenMetrics).Samples);
        Assert.Equal((leftOut, MergeFaultReason.NameConflict), (Assert.Single(merger.Faults).Family, merger.Faults[0].Reason));
    }

    [Fact]
    public void A_gauge_of_creation_times_beside_a_counter_without_them_is_kept()
    {
        var merger = Merge("# TYPE c_total counter\nc_total 1\n", "# TYPE c_created gauge\nc_created 5\n");
        Assert.Empty(merger.Faults);
        Assert.Equal("c_total 1\nc_created 5\n", Written(merger));
    }

    [Fact]
    public void A_creation_time_that_comes_with_a_later_part_takes_part_as_well()
    {
        var merger = new BatchMerger();
        merger.Add("0", Parsing.Parse("# TYPE c counter\nc_total{x=\"1\"} 1\n# EOF\n", ExpositionFormat.OpenMetrics).Samples);
        merger.Add("1", Parsing.Parse("# TYPE c_created gauge\nc_created 2\n# EOF\n", ExpositionFormat.OpenMetrics).Samples);
        merger.Add("2", Parsing.Parse("# TYPE c counter\nc_total{x=\"2\"} 1\nc_created{x=\"2\"} 1\n# EOF\n", ExpositionFormat.OpenMetrics).Samples);
        Assert.Equal(new MergeFault("2", "c_total", MergeFaultReason.NameConflict, 2), Assert.Single(merger.Faults));
    }

    [Fact]
    public void The_first_source_of_a_series_wins()
    {
        var merger = Merge("a{x=\"1\"} 1\na{x=\"2\"} 2\n", "a{x=\"2\"} 20\na{x=\"3\"} 30\n", "a{x=\"3\"} 300\n");
        Assert.Equal("a{x=\"1\"} 1\na{x=\"2\"} 2\na{x=\"3\"} 30\n", Written(merger));
        Assert.Equal(
            [new MergeFault("1", "a", MergeFaultReason.DuplicateSeries, 1), new MergeFault("2", "a", MergeFaultReason.DuplicateSeries, 1)],
            merger.Faults);
    }

    [Fact]
    public void The_order_of_labels_does_not_make_another_series() =>
        Assert.Equal(MergeFaultReason.DuplicateSeries, Assert.Single(Merge("a{x=\"1\",y=\"2\"} 1\n", "a{y=\"2\",x=\"1\"} 2\n").Faults).Reason);

    [Fact]
    public void Swapped_values_do_make_another_series() => Assert.Empty(Merge("a{x=\"1\",y=\"2\"} 1\n", "a{y=\"1\",x=\"2\"} 2\n").Faults);

    [Fact]
    public void A_label_without_value_does_not_make_another_series()
    {
        Assert.Equal(MergeFaultReason.DuplicateSeries, Assert.Single(Merge("a 1\n", "a{x=\"\"} 2\n").Faults).Reason);
        Assert.Equal(MergeFaultReason.DuplicateSeries, Assert.Single(Merge("a{y=\"1\",x=\"\"} 2\n", "a{y=\"1\"} 1\n").Faults).Reason);
        Assert.Empty(Merge("a{x=\"\"} 2\n", "a{y=\"1\"} 1\n").Faults);
    }

    [Fact]
    public void Histograms_of_two_sources_never_mix()
    {
        var merger = Merge(
            "# TYPE h histogram\nh_bucket{le=\"1\"} 1\nh_bucket{le=\"+Inf\"} 1\nh_count 1\n",
            "# TYPE h histogram\nh_bucket{le=\"2\"} 9\nh_bucket{le=\"+Inf\"} 9\nh_count 9\nh_bucket{x=\"1\",le=\"+Inf\"} 5\nh_count{x=\"1\"} 5\n");
        Assert.Equal("h_bucket{le=\"1\"} 1\nh_bucket{le=\"+Inf\"} 1\nh_count 1\nh_bucket{x=\"1\",le=\"+Inf\"} 5\nh_count{x=\"1\"} 5\n", Written(merger));
        Assert.Equal(new MergeFault("1", "h", MergeFaultReason.DuplicateSeries, 3), Assert.Single(merger.Faults));
    }

    [Fact]
    public void Timestamps_survive_the_merge() =>
        Assert.Equal("a{x=\"1\"} 1\na{x=\"2\"} 2 7\n", Written(Merge("a{x=\"1\"} 1\n", "a{x=\"2\"} 2 7\n")));

    [Fact]
    public void A_batch_may_hold_a_family_under_two_objects()
    {
        var (one, two) = (MetricFamily.Gauge("a", "One.", "x"), MetricFamily.Gauge("a", "Two.", "x"));
        var batch = new SampleBatch();
        batch.Add(one, Series.Create(one, ["1"]), 1);
        batch.Add(two, Series.Create(two, ["1"]), 2);
        batch.Add(two, Series.Create(two, ["2"]), 3);
        var merger = new BatchMerger();
        merger.Add("0", batch);
        Assert.Equal("a{x=\"1\"} 1\na{x=\"2\"} 3\n", Written(merger));
        Assert.Equal(1, Assert.Single(merger.Faults).Samples);
    }

    [Fact]
    public void Clear_forgets_everything()
    {
        var merger = Merge("a 1\n", "a 2\n# TYPE b counter\nb 1\n");
        merger.Clear();
        Assert.Equal((0, 0), (merger.FamilyCount, merger.Faults.Count));
        merger.Add("0", Parsing.Parse("# TYPE b_total gauge\nb_total 1\n").Samples);
        Assert.Equal("b_total 1\n", Written(merger));
        Assert.Empty(merger.Faults);
    }

    private static BatchMerger Merge(params string[] sources)
    {
        var merger = new BatchMerger();
        for (var i = 0; i < sources.Length; i++) merger.Add($"{i}", Parsing.Parse(sources[i]).Samples);
        return merger;
    }

    private static string Exposition(string document) => string.Concat(document.Split('\n').Where(line => line.Length > 0 && line[0] != '#').Select(line => line + "\n"));

    /// <summary>The sample lines in text format.</summary>
    private static string Written(BatchMerger merger)
    {
        var output = new ArrayBufferWriter<byte>();
        for (var family = 0; family < merger.FamilyCount; family++)
        {
            for (var part = 0; part < merger.PartCount(family); part++)
                new ExpositionWriter(ExpositionFormat.Text).WriteSamples(output, merger.Part(family, part), 0, int.MaxValue);
        }

        return Encoding.UTF8.GetString(output.WrittenSpan);
    }
}
