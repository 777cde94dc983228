using System.Buffers.Binary;
using System.Text;
using Gateway.Exposition;

namespace Gateway.Buffering.Outlets;

/// <summary>
/// Part of a page as the protobuf message <c>WriteRequest</c> of remote write 1.0: <c>timeseries = 1 { labels = 1 { name = 1, value = 2 }, samples = 2 {
/// value = 1, timestamp = 2 } }</c>. Metadata (field 3) is left out: Prometheus and VictoriaMetrics keep none of it. Nothing is allocated per sample; one
/// thread.
/// </summary>
/// <param name="metrics">Labels of what collectors gave.</param>
/// <param name="pushes">Labels of what was pushed.</param>
/// <param name="format">The format in which the series are scraped: it decides names and bounds.</param>
internal sealed class WriteRequestEncoder(SentLabels metrics, SentLabels pushes, ExpositionFormat format)
{
    // Field number << 3 | wire type (2: bytes with their length, 1: eight bytes, 0: varint).
    private const byte SeriesTag = (1 << 3) | 2;
    private const byte LabelTag = (1 << 3) | 2;
    private const byte LabelNameTag = (1 << 3) | 2;
    private const byte LabelValueTag = (2 << 3) | 2;
    private const byte SampleTag = (2 << 3) | 2;
    private const byte ValueTag = (1 << 3) | 1;
    private const byte TimeTag = (2 << 3) | 0;

    private const int MaxVarintBytes = 10;

    private const int ValueBytes = 1 + sizeof(double);

    /// <summary>Tag and length of a sample, its value and its time.</summary>
    private const int MaxSampleBytes = 2 + ValueBytes + 1 + MaxVarintBytes;

    /// <summary>True when a series has no sample in the format: times of creation exist in OpenMetrics only.</summary>
    public bool IsLeftOut(Series series) => series.Role == SampleRole.Created && format != ExpositionFormat.OpenMetrics;

    /// <summary>Appends samples of a series, all of the same series together in order of their time.</summary>
    /// <param name="kind">Decides about external labels.</param>
    /// <param name="series">The series.</param>
    /// <param name="times">Increasing; at least one.</param>
    /// <param name="values">One per time; their bits are kept.</param>
    /// <param name="output">Where to.</param>
    public void Write(SnapshotKind kind, Series series, ReadOnlySpan<long> times, ReadOnlySpan<double> values, PooledBytes output)
    {
        var labels = kind == SnapshotKind.Metrics ? metrics : pushes;
        labels.Set(series);
        var labelBytes = 0;
        foreach (var label in labels.Labels)
        {
            var bytes = LabelBytes(series, label);
            labelBytes += 1 + VarintBytes((ulong)bytes) + bytes;
        }

        var sampleBytes = 0;
        foreach (var time in times) sampleBytes += 2 + ValueBytes + 1 + VarintBytes((ulong)time);

        var target = output.Reserve(1 + MaxVarintBytes + labelBytes + (times.Length * MaxSampleBytes));
        target[0] = SeriesTag;
        var at = 1 + WriteVarint((ulong)(labelBytes + sampleBytes), target[1..]);
        foreach (var label in labels.Labels) at += WriteLabel(series, label, target[at..]);
        for (var i = 0; i < times.Length; i++)
        {
            target[at++] = SampleTag;
            target[at++] = (byte)(ValueBytes + 1 + VarintBytes((ulong)times[i]));
            target[at++] = ValueTag;
            BinaryPrimitives.WriteInt64LittleEndian(target[at..], BitConverter.DoubleToInt64Bits(values[i]));
            at += sizeof(long);
            target[at++] = TimeTag;
            at += WriteVarint((ulong)times[i], target[at..]);
        }

        output.Advance(at);
    }

    private ReadOnlySpan<byte> EncodedValue(Series series, SentLabel label) => label.IsName ? series.NameIn(format) : series.BoundIn(format);

    private int ValueLength(Series series, SentLabel label) => label.Text is { } text ? Encoding.UTF8.GetByteCount(text) : EncodedValue(series, label).Length;

    private int LabelBytes(Series series, SentLabel label)
    {
        var value = ValueLength(series, label);
        return 1 + VarintBytes((ulong)label.Name.Length) + label.Name.Length + 1 + VarintBytes((ulong)value) + value;
    }

    private int WriteLabel(Series series, SentLabel label, Span<byte> target)
    {
        target[0] = LabelTag;
        var at = 1 + WriteVarint((ulong)LabelBytes(series, label), target[1..]);
        target[at++] = LabelNameTag;
        at += WriteVarint((ulong)label.Name.Length, target[at..]);
        at += Encoding.UTF8.GetBytes(label.Name, target[at..]);
        target[at++] = LabelValueTag;
        at += WriteVarint((ulong)ValueLength(series, label), target[at..]);
        if (label.Text is { } text) return at + Encoding.UTF8.GetBytes(text, target[at..]);
        var encoded = EncodedValue(series, label);
        encoded.CopyTo(target[at..]);
        return at + encoded.Length;
    }

    private static int VarintBytes(ulong value)
    {
        var bytes = 1;
        for (; value >= 0x80; value >>= 7) bytes++;
        return bytes;
    }

    private static int WriteVarint(ulong value, Span<byte> target)
    {
        var written = 0;
        for (; value >= 0x80; value >>= 7) target[written++] = (byte)(value | 0x80);
        target[written++] = (byte)value;
        return written;
    }
}
