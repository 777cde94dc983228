using Gateway.Buffering.Codec;
using Gateway.Exposition;
using Gateway.TestKit;
using Xunit;

namespace Gateway.Buffering.Tests.Codec;

public sealed class RosterTests
{
    private static readonly MetricFamily Plain = MetricFamily.Create("disk_read_bytes_total", MetricType.Counter, "Bytes read — всё.", "bytes", "device", "path");
    private static readonly MetricFamily Varying = MetricFamily.Gauge("pushed", "");
    private static readonly MetricFamily Histogram = MetricFamily.Create("latency_seconds", MetricType.Histogram, "Latency.", "seconds", "op");
    private static readonly MetricFamily Summary = MetricFamily.Create("s", MetricType.Summary, "", "");
    private static readonly MetricFamily States = MetricFamily.Create("mode", MetricType.StateSet, "Mode.", "", "mode");

    private static readonly Series[] First =
    [
        Series.Create(Plain, ["sda", "/ä€😀\n\"\\"]), Series.Create(Plain, ["", ""]),
        Series.Create(Varying, ["a", "b"], ["1", "\uFFFD"]), Series.Create(Varying, ["c"], ["1"]), Series.Create(Varying, [], []),
        Series.Create(Histogram, ["read"], SampleRole.Bucket, 0.1), Series.Create(Histogram, ["read"], SampleRole.Bucket, double.PositiveInfinity),
        Series.Create(Histogram, ["read"], SampleRole.Sum), Series.Create(Histogram, ["read"], SampleRole.Count), Series.Create(Histogram, ["read"], SampleRole.Created),
        Series.Create(Summary, [], SampleRole.Quantile, 0.99), Series.Create(States, ["on"], SampleRole.State),
    ];

    private static readonly Series[] Second = [Series.Create(Plain, ["sdb", "x"]), Series.Create(MetricFamily.Gauge("new", "n"), [])];

    [Fact]
    public void Series_come_back_run_by_run_and_share_their_families()
    {
        var encoder = new RosterEncoder();
        var decoder = new RosterDecoder(7);
        decoder.Append(RoundTripTests.Blob(output => encoder.Encode(7, 0, Keys(First), output)));
        decoder.Append(RoundTripTests.Blob(output => encoder.Encode(7, First.Length, Keys(Second), output)));
        Assert.Equal([.. First.Select(Described), .. Second.Select(Described)], decoder.Series.Select(Described), StringComparer.Ordinal);
        Assert.Equal([.. First.Select(one => new SeriesKey(one)), .. Second.Select(one => new SeriesKey(one))], decoder.Series.Select(one => new SeriesKey(one)));
        Assert.Same(decoder.Series[0].Family, decoder.Series[1].Family);
        Assert.Same(decoder.Series[0].Family, decoder.Series[First.Length].Family);
        Assert.Equal(6, decoder.Series.Select(one => one.Family).Distinct().Count());
    }

    [Fact]
    public void Keys_differ_where_series_differ()
    {
        Series[] all = [.. First, .. Second, Series.Create(MetricFamily.Gauge("disk_read_bytes_total", "", "device", "path"), ["sda", "/ä€😀\n\"\\"])];
        Assert.Equal(all.Length, all.Select(one => new SeriesKey(one)).Distinct().Count());
        Assert.Equal(new SeriesKey(First[0]), new SeriesKey(Series.Create(Plain.WithHelp("Other."), ["sda", "/ä€😀\n\"\\"])));
    }

    [Fact]
    public void Runs_out_of_order_and_of_other_rosters_are_refused_and_change_nothing()
    {
        var encoder = new RosterEncoder();
        var first = RoundTripTests.Blob(output => encoder.Encode(7, 0, Keys(First), output));
        var second = RoundTripTests.Blob(output => encoder.Encode(7, First.Length, Keys(Second), output));
        var decoder = new RosterDecoder(7);
        Assert.Equal(BufferFault.WrongBlob, Assert.Throws<BufferFormatException>(() => decoder.Append(second)).Fault);
        decoder.Append(first);
        Assert.Equal(BufferFault.WrongBlob, Assert.Throws<BufferFormatException>(() => decoder.Append(first)).Fault);
        Assert.Equal(BufferFault.WrongBlob, Assert.Throws<BufferFormatException>(() => new RosterDecoder(8).Append(first)).Fault);
        Assert.Equal(First.Length, decoder.Series.Count);
        decoder.Append(second);
    }

    [Fact]
    public void A_hundred_thousand_series_come_back()
    {
        var family = MetricFamily.Gauge("g", "", "n");
        Series[] series = [.. Enumerable.Range(0, 100_000).Select(i => Series.Create(family, [$"number {i}"]))];
        var decoder = new RosterDecoder(0);
        decoder.Append(RoundTripTests.Blob(output => new RosterEncoder().Encode(0, 0, Keys(series), output)));
        Assert.Equal(series.Select(one => new SeriesKey(one)), decoder.Series.Select(one => new SeriesKey(one)));
    }

    [Fact]
    public void Texts_beyond_the_limits_are_refused_on_both_sides()
    {
        var few = new CodecLimits { MaxTextBytes = 20, MaxSeries = 13 };
        var run = RoundTripTests.Blob(output => new RosterEncoder().Encode(7, 0, Keys(First), output));
        Assert.Throws<ArgumentException>(() => new RosterEncoder(few).Encode(7, 0, Keys(First), new System.Buffers.ArrayBufferWriter<byte>()));
        Assert.Throws<ArgumentException>(() => new RosterEncoder(few).Encode(7, 12, Keys(Second), new System.Buffers.ArrayBufferWriter<byte>()));
        Assert.Equal(BufferFault.TooLarge, Assert.Throws<BufferFormatException>(() => new RosterDecoder(7, few).Append(run)).Fault);
        Assert.Equal(BufferFault.TooLarge, Assert.Throws<BufferFormatException>(() => new RosterDecoder(7, new CodecLimits { MaxSeries = 3 }).Append(run)).Fault);
        Assert.Equal(BufferFault.TooLarge, Assert.Throws<BufferFormatException>(() => new RosterDecoder(7, new CodecLimits { MaxUncompressedBytes = 50 }).Append(run)).Fault);
    }

    [Fact]
    public void The_roster_of_the_recorded_node_is_small()
    {
        var recorded = RecordedSnapshots.Read(FixtureRoot.PathOf("buffer/node-150-snapshots.prom.gz"));
        var run = RoundTripTests.Blob(output => new RosterEncoder().Encode(0, 0, Keys(recorded.Roster), output));
        Assert.InRange(run.Length, 1, 5 * 1024);
    }

    private static SeriesKey[] Keys(IEnumerable<Series> series) => [.. series.Select(one => new SeriesKey(one))];

    private static string Described(Series series) =>
        $"{series.Family} {series.Family.Help} {series.Family.Unit} [{string.Join(',', series.Family.LabelNames)}] {series} {series.Role} {BitConverter.DoubleToInt64Bits(series.Bound)}";
}
