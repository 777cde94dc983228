using System.Text.Json;
using Xunit;

namespace Gateway.EndToEnd.Parts;

/// <summary>The judge is judged: each way to lose, double or change a sample is found and named.</summary>
public sealed class SampleDifferenceTests
{
    private const long Start = 1_700_000_000_000;
    private const int Pace = 100;

    private static readonly RecordedSeries Series = new(2);

    /// <summary>Every tenth of a hundred writings was collected.</summary>
    private static readonly IReadOnlyList<RecordedWriting> Writings =
    [
        .. Enumerable.Range(0, 100).Select(number =>
            new RecordedWriting(number, Start + (number * Pace), TimeSpan.Zero) { Collections = number % 10 == 0 ? 1 : 0 }),
    ];

    private static readonly int[] Collected = [.. Enumerable.Range(0, 10).Select(i => i * 10)];

    [Fact]
    public void What_arrived_exactly_once_at_its_time_does_not_differ()
    {
        var difference = Compare(Store(Collected));
        Assert.True(difference.IsEmpty, difference.ToString());
        Assert.Equal(Collected, difference.Arrived.Select(sample => sample.Number));
        Assert.StartsWith("10 collected, 10 arrived; 0 missing,", difference.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public void What_is_missing_is_named_in_runs()
    {
        var difference = Compare(Store([0, 10, 40, 50, 60, 80, 90]));
        Assert.Equal([20, 30, 70], difference.Missing.Select(writing => writing.Number));
        Assert.True(difference.IsEmptyButForMissing);
        Assert.Contains("missing: 2 from 20 (2023-11-14 22:13:22.000) to 30 (2023-11-14 22:13:23.000)\n", difference.ToString(), StringComparison.Ordinal);
        Assert.Contains("missing: 70, collected about 2023-11-14 22:13:27.000\n", difference.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public void Only_what_was_collected_within_the_time_must_arrive()
    {
        var store = Store([30, 40]);
        Assert.Empty(SampleDifference.Between(Series, Writings, Start + 3000, Start + 4200, [store]).Missing);
        Assert.Equal([20], SampleDifference.Between(Series, Writings, Start + 2000, Start + 4200, [store]).Missing.Select(writing => writing.Number));
    }

    [Fact]
    public void Two_stores_complete_each_other_and_may_overlap()
    {
        var difference = Compare(Store([0, 10, 20, 30, 40]), Store([30, 40, 50, 60, 70, 80, 90]));
        Assert.True(difference.IsEmpty, difference.ToString());
    }

    [Fact]
    public void A_number_at_two_times_is_repeated() => Assert.Equal(1, Compare(Store(Collected, (20, 2600))).Repeated);

    [Fact]
    public void Two_samples_at_one_time_of_a_store_are_doubled()
    {
        var store = Store(Collected);
        store.Series[new SeriesName(SampleRecord.Index, "job=gateway")].Add(new Sample(Start + 2000, 20));
        Assert.Equal(1, Compare(store).Doubled);
    }

    [Fact]
    public void Stores_that_disagree_about_a_time_are_doubled()
    {
        var other = Store([]);
        other.Of(Metric("record_constant", "ü \\ \" \n 字")).Add(new Sample(Start + 2000, 43));
        Assert.Equal(1, Compare(Store(Collected), other).Doubled);
    }

    [Fact]
    public void A_number_that_was_never_written_or_never_collected_is_invented()
    {
        Assert.Equal(1, Compare(Store([.. Collected, 123])).Invented);
        Assert.Equal(1, Compare(Store([.. Collected, 35])).Invented);
        var store = Store(Collected);
        store.Of(Metric("record_other", "")).Add(new Sample(Start, 1));
        Assert.Equal(1, Compare(store).Invented);
    }

    [Theory, InlineData(-1500), InlineData(1500)]
    public void A_number_at_a_wrong_time_is_misplaced(int shift) =>
        Assert.Equal(1, Compare(Store([0, 10, 20, 40, 50, 60, 70, 80, 90], (30, 3000 + shift))).Misplaced);

    [Fact]
    public void A_smaller_number_at_a_later_time_is_reordered() =>
        Assert.Equal(1, Compare(Store([0, 10, 20, 40, 50, 60, 70, 80, 90], (30, 4300))).Reordered);

    [Fact]
    public void A_lost_digit_a_missing_and_an_odd_sample_of_another_series_are_torn()
    {
        foreach (var change in new Action<List<Sample>>[]
        {
            samples => samples[3] = samples[3] with { Value = Math.BitIncrement(samples[3].Value) },
            samples => samples.RemoveAt(3),
            samples => samples.Add(new Sample(Start + 5500, 1)),
        })
        {
            var store = Store(Collected);
            change(store.Series[new SeriesName("record_fraction", $"job=gateway{SeriesName.Separator}part=1")]);
            var difference = Compare(store);
            Assert.Equal(1, difference.Torn);
            Assert.Contains("torn: record_fraction{1} at ", difference.ToString(), StringComparison.Ordinal);
        }
    }

    [Fact]
    public void A_store_that_keeps_twelve_digits_is_judged_by_twelve_and_one_that_keeps_all_by_all()
    {
        var rough = Rough(1e-12);
        Assert.True(Compare(rough).IsEmpty, Compare(rough).ToString());
        Assert.True(Compare(rough, Store(Collected)).IsEmpty);
        Assert.True(Compare(Store(Collected), rough).IsEmpty);
        Assert.True(Compare(Rough(0)).Torn > 0);

        static StoredSamples Rough(double precision)
        {
            var rough = new StoredSamples { Precision = precision };
            foreach (var (series, samples) in Store(Collected).Series)
            {
                var part = series.Labels.Contains("part=", StringComparison.Ordinal) ? series.Label("part") : "";
                rough.Of(Metric(series.Name, part)).AddRange(samples.Select(sample => sample with { Value = Cut(sample.Value) }));
            }

            return rough;
        }

        static double Cut(double value) => double.IsFinite(value) ? Math.Floor(value * 1e13) / 1e13 : value;
    }

    [Fact]
    public void Times_by_another_clock_are_expected_by_it()
    {
        var shifted = Writings.Select(writing => writing with { ClockOffset = TimeSpan.FromHours(-6) }).ToList();
        var store = Store([]);
        Fill(store, 20, Start + 2000 - (6 * 3_600_000));
        var difference = SampleDifference.Between(Series, shifted, Start + 2000, Start + 2100, [store]);
        Assert.True(difference.IsEmpty, difference.ToString());
        Assert.Equal(1, Compare(store).Misplaced);
    }

    private static SampleDifference Compare(params StoredSamples[] stores) => SampleDifference.Between(Series, Writings, Start, Start + 10_000, stores);

    /// <summary>A store that holds these numbers at their times, and those at the given times.</summary>
    private static StoredSamples Store(IReadOnlyList<int> numbers, params (int Number, int Milliseconds)[] more)
    {
        var store = new StoredSamples();
        foreach (var number in numbers) Fill(store, number, Start + (number * Pace));
        foreach (var (number, milliseconds) in more) Fill(store, number, Start + milliseconds);
        return store;
    }

    private static void Fill(StoredSamples store, int number, long time)
    {
        foreach (var (name, part, value) in Series.All)
        {
            if (value(number) is { } now) store.Of(Metric(name, part)).Add(new Sample(time, now));
        }
    }

    private static JsonElement Metric(string name, string part)
    {
        var labels = new Dictionary<string, string>(StringComparer.Ordinal) { ["__name__"] = name, ["job"] = "gateway" };
        if (part.Length > 0) labels["part"] = part;
        return JsonSerializer.SerializeToElement(labels);
    }
}
