using System.Globalization;
using System.IO.Compression;
using System.Text;
using Gateway.Buffering.Codec;
using Gateway.Exposition;
using Xunit;

namespace Gateway.Buffering.Tests.Codec;

public sealed class PackingTests
{
    private const string Where = "test";

    /// <summary>What one content may cost whoever waits for it, on one core of a server.</summary>
    private const double MostSeconds = 0.25;

    [Theory]
    [InlineData(0, 11)]
    [InlineData(64 << 10, 11)]
    [InlineData((64 << 10) + 1, 9)]
    [InlineData(1 << 20, 9)]
    [InlineData((1 << 20) + 1, 5)]
    [InlineData(16 << 20, 5)]
    [InlineData((16 << 20) + 1, 2)]
    [InlineData(int.MaxValue, 2)]
    public void The_longer_a_content_the_faster_the_quality(int length, int quality) => Assert.Equal(quality, Packing.QualityFor(length));

    [Fact]
    public void No_content_that_is_accepted_takes_long()
    {
        for (var length = 1L; length <= CodecLimits.Default.MaxUncompressedBytes; length *= 2) Assert.InRange(length / BytesPerSecond(Packing.QualityFor((int)length)), 0, MostSeconds);
    }

    [Theory]
    [InlineData(10_000)]
    [InlineData(500_000)]
    [InlineData(2_000_000)]
    public void A_content_comes_back_as_the_quality_of_its_length_packs_it(int length)
    {
        var content = Content(length);
        var output = new ByteWriter();
        Packing.Write(output, content);
        var reader = new ByteReader(output.Written, Where);
        var back = new ByteWriter();
        Packing.Read(ref reader, back, Where, length);
        reader.End();
        Assert.True(back.Written.SequenceEqual(content));
        var packed = new byte[BrotliEncoder.GetMaxCompressedLength(length)];
        Assert.True(BrotliEncoder.TryCompress(content, packed, out var written, Packing.QualityFor(length), 22));
        Assert.True(output.Written.EndsWith(packed.AsSpan(0, written)));
    }

    [Fact]
    public void The_names_of_a_hundred_thousand_series_are_packed_fast()
    {
        var family = MetricFamily.Gauge("g", "", "instance", "path");
        SeriesKey[] series = [.. Enumerable.Range(0, 100_000).Select(i => new SeriesKey(Series.Create(family, [$"box-{i / 1000}.example", $"/var/lib/{i}"])))];
        var run = RoundTripTests.Blob(output => new RosterEncoder().Encode(0, 0, series, output));
        _ = BlobHeader.Open(run, CodecLimits.Default, out var reader);
        Span<int> lengths = [reader.Limited("numbers", int.MaxValue), 0];
        _ = reader.Bytes(reader.Count("packed", reader.Left));
        lengths[1] = reader.Limited("texts", int.MaxValue);
        var seconds = 0.0;
        foreach (var length in lengths)
        {
            Assert.True(length > 64 << 10, $"{length} bytes do not show anything");
            seconds += length / BytesPerSecond(Packing.QualityFor(length));
        }

        Assert.InRange(seconds, 0, MostSeconds);
    }

    /// <summary>Speeds measured with names and labels on one core, rounded down.</summary>
    private static double BytesPerSecond(int quality) => quality switch { 11 => 0.4e6, 9 => 7e6, 5 => 70e6, 2 => 270e6, _ => throw new ArgumentOutOfRangeException(nameof(quality)) };

    private static byte[] Content(int length)
    {
        var text = new StringBuilder(length + 32);
        for (var i = 0; text.Length < length; i++) text.Append(CultureInfo.InvariantCulture, $"box-{i / 100}.example/var/{i * 2654435761L % 1000003:x}");
        return Encoding.ASCII.GetBytes(text.ToString(0, length));
    }
}
