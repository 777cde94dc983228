using System.Text;
using FsCheck;
using FsCheck.Fluent;
using Gateway.TestKit;
using Xunit;

namespace Gateway.Exposition.Tests;

/// <summary>What is written reads back as it was, in both formats; the list of what text 0.0.4 cannot say is in <see cref="AsTextSaysIt"/>.</summary>
public sealed class RoundTripTests
{
    private static readonly double[] Numbers =
    [
        0, -0.0, 1, -1, 0.1, 1e21, -1e-7, double.Epsilon, double.MaxValue, double.MinValue, double.NaN, double.PositiveInfinity, double.NegativeInfinity,
        9007199254740993, BitConverter.Int64BitsToDouble(0x7FF8_0000_0000_0001), BitConverter.Int64BitsToDouble(unchecked((long)0xFFF8_0000_0000_0123)),
    ];

    private static readonly double[] Counts = [0, 1, 2.5, 1e15, 1e300, double.PositiveInfinity];
    private static readonly double[] BucketBounds = [-1.5, 0, 0.005, 1, 1e10, 1e-10, double.PositiveInfinity];
    private static readonly double[] Quantiles = [0, 0.5, 0.99, 1];
    private static readonly long[] Times = [SampleBatch.NoTimestamp, SampleBatch.NoTimestamp, 0, -1, 1520879607789, long.MaxValue, long.MinValue + 1];
    private static readonly string[] Texts = ["", "a", "\\", "\"", "\n", "\\n", "a\\\"b\n", "ä€😀", "\u2028\r\t", "{x=\"1\"} # ", "\uFFFD", " "];

    /// <summary>Any text that can be encoded and read: no half surrogate pair (written as U+FFFD) and no NUL (refused by the readers).</summary>
    private static Gen<string> AnyText => Gen.OneOf(
        Gen.Elements(Texts),
        ArbMap.Default.GeneratorFor<string>().Select(text => Encoding.UTF8.GetString(Encoding.UTF8.GetBytes(text ?? "")).Replace("\0", "", StringComparison.Ordinal)));

    [Fact]
    public void Open_metrics_reads_back_as_it_was_written() => Properties.Check(
        Prop.ForAll(Arb.From(Generated), batch =>
        {
            var read = Parsing.Parse(Exposed.Text(batch, ExpositionFormat.OpenMetrics), ExpositionFormat.OpenMetrics);
            Assert.Equal(Described(batch, AsOpenMetricsSaysIt), Described(read.Samples, sample => sample));
        }),
        300);

    [Fact]
    public void Text_reads_back_as_it_was_written() => Properties.Check(
        Prop.ForAll(Arb.From(Generated), batch =>
        {
            var read = Parsing.Parse(Exposed.Text(batch));
            Assert.Equal(Described(batch, AsTextSaysIt), Described(read.Samples, sample => sample));
        }),
        300);

    [Theory, InlineData(ExpositionFormat.Text), InlineData(ExpositionFormat.OpenMetrics)]
    public void A_document_of_every_type_reads_back(ExpositionFormat format)
    {
        var batch = Samples.OfEveryType();
        var read = Parsing.Parse(Exposed.Text(batch, format), format);
        Assert.Equal(Described(batch, format == ExpositionFormat.Text ? AsTextSaysIt : AsOpenMetricsSaysIt), Described(read.Samples, sample => sample));
    }

    private static Gen<SampleBatch> Generated =>
        from families in Gen.Choose(0, 5)
        from seed in Gen.Choose(0, int.MaxValue - 1)
        from texts in AnyText.ArrayOf(12)
        from bits in ArbMap.Default.GeneratorFor<long>().ArrayOf(8)
        select Build(new Random(seed), families, texts, bits);

    private static SampleBatch Build(Random random, int families, string[] texts, long[] bits)
    {
        var batch = new SampleBatch();
        for (var number = 0; number < families; number++)
        {
            var type = (MetricType)random.Next(8);
            var unit = type is not (MetricType.Info or MetricType.StateSet) && random.Next(3) == 0 ? "seconds" : "";
            // Between number and suffix stands a letter, so that no family takes the name of another one's sample.
            var bare = $"{(type == MetricType.StateSet ? "" : ":")}f{number}x{(unit.Length > 0 ? "_seconds" : "")}";
            var name = type switch
            {
                MetricType.Info => bare + "_info",
                MetricType.Counter when random.Next(3) > 0 => bare + "_total",
                _ => bare,
            };
            var names = new List<string>();
            if (type == MetricType.StateSet) names.Add(name);
            for (var i = random.Next(4); i > 0; i--) names.Add($"l{i}");
            var family = MetricFamily.Create(name, type, texts[random.Next(texts.Length)], unit, [.. names]);
            var seen = new HashSet<Series>(SeriesIdentity.Sample);
            for (var metric = random.Next(1, 4); metric > 0; metric--)
            {
                string[] labels = [.. names.Select(_ => texts[random.Next(texts.Length)])];
                foreach (var (role, bound) in Points(random, type))
                {
                    var series = Series.Create(family, labels, role, bound);
                    if (seen.Add(series)) batch.Add(family, series, Value(random, type, role, bits), Times[random.Next(Times.Length)]);
                }
            }
        }

        return batch;
    }

    private static IEnumerable<(SampleRole Role, double Bound)> Points(Random random, MetricType type)
    {
        switch (type)
        {
            case MetricType.Histogram or MetricType.GaugeHistogram:
                foreach (var bound in BucketBounds.Where(_ => random.Next(2) == 0)) yield return (SampleRole.Bucket, bound);
                yield return (SampleRole.Sum, 0);
                yield return (SampleRole.Count, 0);
                break;
            case MetricType.Summary:
                foreach (var quantile in Quantiles.Where(_ => random.Next(2) == 0)) yield return (SampleRole.Quantile, quantile);
                yield return (SampleRole.Sum, 0);
                yield return (SampleRole.Count, 0);
                break;
            case MetricType.StateSet:
                yield return (SampleRole.State, 0);
                break;
            default:
                yield return (SampleRole.Value, 0);
                break;
        }

        if (type is MetricType.Counter or MetricType.Histogram or MetricType.Summary && random.Next(3) == 0) yield return (SampleRole.Created, 0);
    }

    private static double Value(Random random, MetricType type, SampleRole role, long[] bits) => (type, role) switch
    {
        (MetricType.Info, _) => 1,
        (MetricType.StateSet, _) => random.Next(2),
        (MetricType.Counter, SampleRole.Value) or (_, SampleRole.Bucket or SampleRole.Count) => Counts[random.Next(Counts.Length)],
        (_, SampleRole.Created) => 1700000000.25,
        _ => random.Next(2) == 0 ? Numbers[random.Next(Numbers.Length)] : BitConverter.Int64BitsToDouble(bits[random.Next(bits.Length)]),
    };

    /// <summary>
    /// What text 0.0.4 makes of a sample: no unit, no times of creation, no blanks before a help text; infos and state sets are gauges, and the samples of a gauge histogram are families
    /// without type, because the format has no word for it.
    /// </summary>
    private static Sample? AsTextSaysIt(Sample sample) => (sample with { Help = sample.Help.TrimStart(' ', '\t') }) switch
    {
        { Role: SampleRole.Created } => null,
        { Type: MetricType.GaugeHistogram, Role: SampleRole.Bucket } => Untyped(sample, "_bucket") with
        {
            Labels = string.Join(',', sample.Labels.Split(',', StringSplitOptions.RemoveEmptyEntries).Append($"le={Convert.ToHexString(Encoding.UTF8.GetBytes(SampleNumber.BoundText(sample.Bound, openMetrics: false)))}").Order(StringComparer.Ordinal)),
            Bound = 0,
        },
        { Type: MetricType.GaugeHistogram, Role: SampleRole.Sum } => Untyped(sample, "_gsum"),
        { Type: MetricType.GaugeHistogram } => Untyped(sample, "_gcount"),
        { Type: MetricType.Info or MetricType.StateSet } gauge => gauge with { Type = MetricType.Gauge, Role = SampleRole.Value, Unit = "" },
        var other => other with { Unit = "" },
    };

    /// <summary>OpenMetrics puts <c>_total</c> on every counter, so a counter named without it comes back with it.</summary>
    private static Sample? AsOpenMetricsSaysIt(Sample sample) =>
        sample.Type == MetricType.Counter && !sample.Family.EndsWith("_total", StringComparison.Ordinal) ? sample with { Family = sample.Family + "_total" } : sample;

    private static Sample Untyped(Sample sample, string suffix) =>
        sample with { Family = sample.Family + suffix, Type = MetricType.Unknown, Help = "", Unit = "", Role = SampleRole.Value };

    /// <summary>The samples as text, one per line, in an order that does not depend on how a gauge histogram falls apart.</summary>
    private static string Described(SampleBatch batch, Func<Sample, Sample?> map)
    {
        var lines = new List<string>();
        for (var family = 0; family < batch.FamilyCount; family++)
        {
            var samples = batch[family];
            for (var i = 0; i < samples.Series.Length; i++)
            {
                var series = samples.Series[i];
                var labels = series.LabelNames.Zip(series.LabelValues, (name, value) => $"{name}={Convert.ToHexString(Encoding.UTF8.GetBytes(value))}");
                var bits = BitConverter.DoubleToInt64Bits(double.IsNaN(samples.Values[i]) ? double.NaN : samples.Values[i]);
                var sample = map(new Sample(
                    samples.Family.Name, samples.Family.Type, samples.Family.Help, samples.Family.Unit, series.Role, series.Bound,
                    string.Join(',', labels.Order(StringComparer.Ordinal)), bits, samples.TimestampOf(i)));
                if (sample is not null) lines.Add(sample.ToString());
            }
        }

        lines.Sort(StringComparer.Ordinal);
        return string.Join('\n', lines);
    }

    private sealed record Sample(
        string Family, MetricType Type, string Help, string Unit, SampleRole Role, double Bound, string Labels, long ValueBits, long TimestampMs);
}
