using Gateway.Buffering.Codec;

namespace Gateway.Buffering.Records;

/// <summary>
/// The snapshots of a record one by one: sequence, time, samples. Of a block they stand in its entry: runs of equal steps of sequences (length, step), times as differences
/// of differences, runs of equal sizes (length, samples); one to two bytes per snapshot at a steady interval. Reusable; not safe for two threads.
/// </summary>
internal sealed class RowDirectory
{
    private const string Where = "directory";

    private long[] _sequences = new long[16];
    private long[] _times = new long[16];
    private int[] _samples = new int[16];

    /// <summary>Snapshots.</summary>
    public int Count { get; private set; }

    /// <summary>Sequences, ascending.</summary>
    public ReadOnlySpan<long> Sequences => _sequences.AsSpan(0, Count);

    /// <summary>Times, Unix ms; in no order after a clock was set back.</summary>
    public ReadOnlySpan<long> TimesMs => _times.AsSpan(0, Count);

    /// <summary>Samples of each.</summary>
    public ReadOnlySpan<int> Samples => _samples.AsSpan(0, Count);

    /// <summary>Writes the directory of a block from the records that go into it.</summary>
    public static byte[] Write(IReadOnlyList<Record> rows)
    {
        var output = new ByteWriter();
        WriteRuns(output, rows, static (rows, i) => i == 0 ? 0 : rows[i].First - rows[i - 1].First);
        var (last, step) = (rows[0].OldestMs, 0L);
        for (var i = 1; i < rows.Count; i++)
        {
            var next = unchecked(rows[i].OldestMs - last);
            output.Signed(unchecked(next - step));
            (last, step) = (rows[i].OldestMs, next);
        }

        output.Signed(rows[0].OldestMs);
        WriteRuns(output, rows, static (rows, i) => rows[i].Samples);
        return output.Written.ToArray();
    }

    /// <summary>Reads the snapshots of a record.</summary>
    /// <exception cref="BufferFormatException">The directory contradicts the record.</exception>
    public void Read(Record record)
    {
        Count = 0;
        if (_sequences.Length < record.Rows)
        {
            var capacity = Math.Max(record.Rows, _sequences.Length * 2);
            (_sequences, _times, _samples) = (new long[capacity], new long[capacity], new int[capacity]);
        }

        if (!record.IsBlock)
        {
            (_sequences[0], _times[0], _samples[0]) = (record.First, record.OldestMs, (int)record.Samples);
            Count = 1;
            return;
        }

        var reader = new ByteReader(record.Directory, Where);
        var sequence = record.First;
        for (var i = 0; i < record.Rows;)
        {
            var run = Run(ref reader, record.Rows - i);
            var step = (long)reader.Varint();
            if (i > 0 && step < 1) throw BufferFormatException.Damaged(Where, "the sequences do not ascend");
            for (; run > 0; run--, i++) _sequences[i] = sequence += step;
        }

        if (_sequences[0] != record.First || sequence != record.Last) throw BufferFormatException.Damaged(Where, "the sequences are not those of the record");
        var last = 0L;
        for (var i = 1; i < record.Rows; i++) _times[i] = last = unchecked(last + reader.Signed());
        _times[0] = reader.Signed();
        for (var i = 1; i < record.Rows; i++) _times[i] = unchecked(_times[i] + _times[i - 1]);
        var total = 0L;
        for (var i = 0; i < record.Rows;)
        {
            var run = Run(ref reader, record.Rows - i);
            var samples = reader.Count("samples", CodecLimits.Default.MaxSeries);
            total += (long)run * samples;
            for (; run > 0; run--, i++) _samples[i] = samples;
        }

        reader.End();
        if (total != record.Samples) throw BufferFormatException.Damaged(Where, "the samples are not those of the record");
        Count = record.Rows;
    }

    private static int Run(ref ByteReader reader, int most)
    {
        var run = reader.Count("snapshots", most);
        return run > 0 ? run : throw BufferFormatException.Damaged(Where, "an empty run");
    }

    private static void WriteRuns(ByteWriter output, IReadOnlyList<Record> rows, Func<IReadOnlyList<Record>, int, long> value)
    {
        for (var i = 0; i < rows.Count;)
        {
            var (start, first) = (i, value(rows, i));
            while (i < rows.Count && value(rows, i) == first) i++;
            output.Varint((ulong)(i - start));
            output.Varint((ulong)first);
        }
    }
}
