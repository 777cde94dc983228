using System.Buffers;
using System.Globalization;
using Gateway.Buffering.Codec;
using Gateway.Buffering.Tests.Codec;

namespace Gateway.Benchmarks;

/// <summary>Bytes per sample that the buffer's codec needs for recorded snapshots (text with timestamps, gzip), without a database around them.</summary>
internal static class BufferSize
{
    private static readonly int[] KeyframeIntervals = [20, SnapshotEncoder.DefaultKeyframeInterval, 120];
    private static readonly int[] BlockRows = [60, 120, 240, BlockEncoder.TargetRows];

    public static void Print(string file, TextWriter output)
    {
        var recorded = RecordedSnapshots.Read(file);
        Line(output, $"{recorded.Rows.Count} snapshots, {recorded.Roster.Count} series, {recorded.Samples} samples");
        var roster = new ArrayBufferWriter<byte>();
        new RosterEncoder().Encode(0, 0, [.. recorded.Roster.Select(series => new SeriesKey(series))], roster);
        Line(output, $"roster: {roster.WrittenCount} bytes, {roster.WrittenCount / (double)recorded.Roster.Count:F2} per series");
        foreach (var interval in KeyframeIntervals) Snapshots(recorded, interval, roster.WrittenCount, output);
        foreach (var rows in BlockRows) Blocks(recorded, rows, roster.WrittenCount, output);
    }

    private static void Snapshots(RecordedSnapshots recorded, int interval, int roster, TextWriter output)
    {
        var encoder = new SnapshotEncoder(interval);
        var blob = new ArrayBufferWriter<byte>();
        var (keyframes, keyframeBytes, deltaBytes) = (0, 0L, 0L);
        foreach (var row in recorded.Rows)
        {
            blob.ResetWrittenCount();
            if (encoder.Encode(0, row, blob).Kind == BlobKind.Keyframe)
            {
                keyframes++;
                keyframeBytes += blob.WrittenCount;
            }
            else
            {
                deltaBytes += blob.WrittenCount;
            }
        }

        double samples = recorded.Samples;
        var all = keyframeBytes + deltaBytes;
        Line(output, $"snapshots, keyframe every {interval}: {all / samples:F3} bytes/sample, with roster {(all + roster) / samples:F3}");
        Line(output, $"  {keyframes} keyframes {keyframeBytes / samples:F3}, deltas {deltaBytes / samples:F3}");
    }

    private static void Blocks(RecordedSnapshots recorded, int rows, int roster, TextWriter output)
    {
        var encoder = new BlockEncoder();
        var blob = new ArrayBufferWriter<byte>();
        var decoder = new BlockDecoder();
        var (values, all) = (0L, 0L);
        foreach (var part in recorded.Rows.Chunk(rows))
        {
            blob.ResetWrittenCount();
            encoder.Encode(0, part, blob);
            decoder.Open(blob.WrittenSpan);
            values += decoder.CodedLength;
            all += blob.WrittenCount;
        }

        double samples = recorded.Samples;
        Line(output, $"blocks of {rows}: {all / samples:F3} bytes/sample, with roster {(all + roster) / samples:F3}");
        Line(output, $"  numbers {values / samples:F3}, headers and constants {(all - values) / samples:F3}");
    }

    private static void Line(TextWriter output, FormattableString text) => output.WriteLine(text.ToString(CultureInfo.InvariantCulture));
}
