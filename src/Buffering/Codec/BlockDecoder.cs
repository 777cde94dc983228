namespace Gateway.Buffering.Codec;

/// <summary>
/// Reads a block back, whole or a range of its rows, into a sink of columns. Memory is that of the decompressed block and one column; a block is opened
/// once for any number of reads. Reusable; not safe for two threads.
/// </summary>
/// <param name="limits">What is accepted.</param>
public sealed class BlockDecoder(CodecLimits? limits = null)
{
    private const string Where = "block";

    private readonly CodecLimits _limits = limits ?? CodecLimits.Default;
    private readonly ByteWriter _content = new();
    private long[] _sequences = [];
    private long[] _times = [];
    private long[] _columnTimes = [];
    private double[] _values = [];
    private BlobHeader _header;

    /// <summary>Sequences of the rows of the open block, ascending.</summary>
    public ReadOnlySpan<long> Sequences => _sequences.AsSpan(0, _header.Rows);

    /// <summary>Times of the rows of the open block, Unix milliseconds.</summary>
    public ReadOnlySpan<long> TimesMs => _times.AsSpan(0, _header.Rows);

    /// <summary>Opens a block; the bytes are not needed afterwards.</summary>
    /// <exception cref="BufferFormatException">Damaged, newer, beyond the limits, or no block; no block is open then.</exception>
    public BlobHeader Open(ReadOnlySpan<byte> blob)
    {
        _header = default;
        var header = BlobHeader.Open(blob, _limits, out var reader);
        if (header.Kind != BlobKind.Block) throw new BufferFormatException(BufferFault.WrongBlob, Where, $"a blob of kind {header.Kind} is no block");
        Packing.Read(ref reader, _content, Where, _limits.MaxUncompressedBytes);
        reader.End();
        if (_times.Length < header.Rows) (_sequences, _times) = (new long[header.Rows], new long[header.Rows]);
        var rows = new ByteReader(_content.Written, Where);
        ReadRows(ref rows, header);
        _header = header;
        return header;
    }

    /// <summary>Reads all rows.</summary>
    /// <exception cref="BufferFormatException">The content contradicts itself; columns handed over before it are not to be used.</exception>
    /// <exception cref="InvalidOperationException">No block is open.</exception>
    public void Read(IColumnSink sink) => Read(0, _header.Rows, sink);

    /// <summary>Reads the rows from <paramref name="from"/> (included) to <paramref name="to"/> (excluded), positions in <see cref="Sequences"/>.</summary>
    /// <exception cref="BufferFormatException">The content contradicts itself; columns handed over before it are not to be used.</exception>
    /// <exception cref="InvalidOperationException">No block is open.</exception>
    public void Read(int from, int to, IColumnSink sink)
    {
        if (_header.Rows == 0) throw new InvalidOperationException("No block is open.");
        ArgumentOutOfRangeException.ThrowIfNegative(from);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(to, _header.Rows);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(from, to);
        var reader = new ByteReader(_content.Written, Where);
        var ownTimes = ReadRows(ref reader, _header);
        var samples = 0L;
        for (var id = -1L; ;)
        {
            var step = reader.Count("series", _limits.MaxSeries);
            if (step == 0) break;
            id += step;
            if (id >= _limits.MaxSeries) throw BufferFormatException.TooLarge(Where, "series", id + 1, _limits.MaxSeries);
            samples += ReadColumn(ref reader, (int)id, ownTimes, from, to, sink);
        }

        reader.End();
        if (samples != _header.Samples) throw BufferFormatException.Damaged(Where, "the number of samples is not that of the header");
    }

    private bool ReadRows(ref ByteReader reader, in BlobHeader header)
    {
        var (sequence, time) = (header.FirstSequence, header.FirstTimeMs);
        for (var i = 0; i < header.Rows; i++)
        {
            if (i > 0)
            {
                var step = reader.Varint();
                if (step == 0 || step > (ulong)(header.LastSequence - sequence)) throw BufferFormatException.Damaged(Where, "the sequences do not ascend to the last");
                sequence += (long)step;
                time = unchecked(time + reader.Signed());
            }

            (_sequences[i], _times[i]) = (sequence, time);
        }

        if (sequence != header.LastSequence || time != header.LastTimeMs) throw BufferFormatException.Damaged(Where, "the rows do not end where the header says");
        var flags = reader.Byte();
        return flags <= 1 ? flags == 1 : throw BufferFormatException.Damaged(Where, $"flags {flags}");
    }

    private int ReadColumn(ref ByteReader reader, int id, bool ownTimes, int from, int to, IColumnSink sink)
    {
        var total = 0;
        var taken = 0;
        var before = 0UL;
        for (var row = 0; row < _header.Rows; row++)
        {
            var count = reader.Count("samples", Math.Min(ownTimes ? _limits.MaxSeries : 1, reader.Left));
            var time = _times[row];
            for (var i = 0; i < count; i++)
            {
                if (ownTimes) time = unchecked(time + reader.Signed());
                before ^= reader.Fixed64();
                if (row < from || row >= to) continue;
                if (taken == _values.Length) Grow();
                _columnTimes[taken] = time;
                _values[taken++] = BitConverter.UInt64BitsToDouble(before);
            }

            total += count;
        }

        if (total == 0) throw BufferFormatException.Damaged(Where, "a column without samples");
        if (taken > 0) sink.Column(id, _columnTimes.AsSpan(0, taken), _values.AsSpan(0, taken));
        return total;
    }

    private void Grow()
    {
        var capacity = Math.Max(256, _values.Length * 2);
        Array.Resize(ref _columnTimes, capacity);
        Array.Resize(ref _values, capacity);
    }
}
