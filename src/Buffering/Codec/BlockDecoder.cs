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
    private readonly ByteWriter _rows = new();
    private readonly ByteWriter _ids = new();
    private readonly ByteWriter _shapes = new();
    private readonly ByteWriter _numbers = new();
    private readonly ColumnModel<BitDecoder> _model = new();
    private readonly ColumnShape _shape = new();
    private readonly Neighbours _neighbours = new();
    private byte[] _coded = [];
    private int _codedLength;
    private int _columns;
    private bool _ownTimes;
    private long[] _sequences = [];
    private long[] _times = [];
    private long[] _columnTimes = [];
    private double[] _values = [];
    private long[] _integers = [];
    private byte[] _sizes = [];
    private int[] _rowOf = [];
    private int _count;
    private BlobHeader _header;

    /// <summary>Sequences of the rows of the open block, ascending.</summary>
    public ReadOnlySpan<long> Sequences => _sequences.AsSpan(0, _header.Rows);

    /// <summary>Times of the rows of the open block, Unix milliseconds.</summary>
    public ReadOnlySpan<long> TimesMs => _times.AsSpan(0, _header.Rows);

    /// <summary>Bytes of the open block that are numbers of columns, without headers and constants; for figures.</summary>
    internal int CodedLength => _codedLength;

    /// <summary>Opens a block; the bytes are not needed afterwards.</summary>
    /// <exception cref="BufferFormatException">Damaged, newer, beyond the limits, or no block; no block is open then.</exception>
    public BlobHeader Open(ReadOnlySpan<byte> blob)
    {
        _header = default;
        var header = BlobHeader.Open(blob, _limits, out var reader);
        if (header.Kind != BlobKind.Block) throw new BufferFormatException(BufferFault.WrongBlob, Where, $"a blob of kind {header.Kind} is no block");
        var flags = reader.Byte();
        if (flags > 1) throw BufferFormatException.Damaged(Where, $"flags {flags}");
        _ownTimes = flags == 1;
        _columns = reader.Limited("series", _limits.MaxSeries);
        if ((long)_columns * header.Rows > _limits.CellsOf(_ownTimes))
            throw BufferFormatException.TooLarge(Where, "series times rows", (long)_columns * header.Rows, _limits.CellsOf(_ownTimes));
        foreach (var part in (ReadOnlySpan<ByteWriter>)[_rows, _ids, _shapes, _numbers]) Packing.Read(ref reader, part, Where, _limits.MaxUncompressedBytes);
        _codedLength = reader.Left;
        if (_coded.Length < _codedLength) _coded = new byte[_codedLength];
        reader.Bytes(_codedLength).CopyTo(_coded);
        if (_times.Length < header.Rows) (_sequences, _times, _sizes) = (new long[header.Rows], new long[header.Rows], new byte[header.Rows]);
        ReadRows(header);
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
    public void Read(int from, int to, IColumnSink sink) => Read(from, to, default, sink, null);

    /// <summary>Reads some rows, however they lie, in the time of one reading.</summary>
    /// <param name="wanted">One for each row of the block.</param>
    /// <param name="sink">Receives the columns that have a sample there.</param>
    /// <exception cref="BufferFormatException">The content contradicts itself; columns handed over before it are not to be used.</exception>
    /// <exception cref="InvalidOperationException">No block is open.</exception>
    public void Read(ReadOnlySpan<bool> wanted, IColumnSink sink)
    {
        if (wanted.Length != _header.Rows) throw new ArgumentException($"{wanted.Length} marks for {_header.Rows} rows.", nameof(wanted));
        Read(0, _header.Rows, wanted, sink, null);
    }

    /// <summary>The same, telling the shape of each column as well; for tests and figures.</summary>
    internal void Read(IColumnSink sink, Action<ColumnShape> look) => Read(0, _header.Rows, default, sink, look);

    private void Read(int from, int to, ReadOnlySpan<bool> wanted, IColumnSink sink, Action<ColumnShape>? look)
    {
        if (_header.Rows == 0) throw new InvalidOperationException("No block is open.");
        ArgumentOutOfRangeException.ThrowIfNegative(from);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(to, _header.Rows);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(from, to);
        var ids = new ByteReader(_ids.Written, Where);
        var shapes = new ByteReader(_shapes.Written, Where);
        var numbers = new ByteReader(_numbers.Written, Where);
        _neighbours.Begin(_ownTimes ? 0 : _header.Rows);
        _model.Begin(new BitDecoder(_coded, _codedLength));
        var (id, left) = (-1L, _header.Samples);
        for (var column = 0; column < _columns; column++)
        {
            id += ids.Count("series", _limits.MaxSeries) + 1;
            if (id >= _limits.MaxSeries) throw BufferFormatException.TooLarge(Where, "series", id + 1, _limits.MaxSeries);
            _shape.Read(ref shapes, ref numbers, Where);
            look?.Invoke(_shape);
            if (_ownTimes) ReadOwnTimes(left);
            else ReadGaps(ref ids);
            left -= _count;
            if (_count == 0 || left < 0) throw BufferFormatException.Damaged(Where, "the number of samples is not that of the header");
            ReadIntegers();
            if (!wanted.IsEmpty) Keep(wanted);
            Hand((int)id, from, to, sink);
        }

        ids.End();
        shapes.End();
        numbers.End();
        if (left != 0) throw BufferFormatException.Damaged(Where, "the number of samples is not that of the header");
    }

    private void ReadRows(in BlobHeader header)
    {
        var reader = new ByteReader(_rows.Written, Where);
        var (sequence, time, step) = (header.FirstSequence, header.FirstTimeMs, 0L);
        (_sequences[0], _times[0]) = (sequence, time);
        for (var i = 1; i < header.Rows; i++)
        {
            var between = reader.Varint();
            if (between >= (ulong)(header.LastSequence - sequence)) throw BufferFormatException.Damaged(Where, "the sequences do not ascend to the last");
            sequence += (long)between + 1;
            step = unchecked(step + reader.Signed());
            time = unchecked(time + step);
            (_sequences[i], _times[i]) = (sequence, time);
        }

        reader.End();
        if (sequence != header.LastSequence || time != header.LastTimeMs)
            throw BufferFormatException.Damaged(Where, "the rows do not end where the header says");
    }

    /// <summary>Finds out in which rows the column has a sample.</summary>
    private void ReadGaps(ref ByteReader ids)
    {
        Reserve(_header.Rows);
        _count = 0;
        if (!_shape.HasGaps)
        {
            for (; _count < _header.Rows; _count++) _rowOf[_count] = _count;
            return;
        }

        var row = 0;
        for (var present = false; row < _header.Rows; present = !present)
        {
            var end = row + ids.Count("rows", _header.Rows - row);
            if (end == row && (present || row > 0)) throw BufferFormatException.Damaged(Where, "an empty run of rows");
            for (; row < end; row++)
            {
                if (present) _rowOf[_count++] = row;
            }
        }
    }

    /// <summary>Finds out how many samples the column has in each row, and their times.</summary>
    private void ReadOwnTimes(long left)
    {
        _count = 0;
        _model.BeginColumn();
        for (var row = 0; row < _header.Rows; row++)
        {
            var count = _model.Next(0, 0);
            if (count < 0 || count > left - _count || count > _limits.MaxSeries - _count)
                throw BufferFormatException.Damaged(Where, "more samples than there are");
            Reserve(_count + (int)count);
            for (; count > 0; count--) _rowOf[_count++] = row;
        }

        _model.BeginColumn();
        for (var i = 0; i < _count; i++)
        {
            var (row, time) = (_rowOf[i], _model.Next(0, 0));
            _columnTimes[i] = unchecked(time + (i > 0 && _rowOf[i - 1] == row ? _columnTimes[i - 1] : _times[row]));
        }
    }

    private void ReadIntegers()
    {
        var integers = _integers.AsSpan(0, _count);
        if (_shape.Form == ColumnForm.Constant)
        {
            integers.Fill(_shape.First);
            return;
        }

        if (_shape.Skipped > _count) throw BufferFormatException.Damaged(Where, "a column with fewer samples than its form needs");
        _model.BeginColumn();
        if (_shape.Skipped > 0) integers[0] = _shape.First;
        if (_shape.Skipped > 1) integers[1] = unchecked(_shape.First + _shape.FirstStep);
        ReadNumbers(integers);
        Rebuild(integers);
        if (!_ownTimes) _neighbours.Add(_shape.Scale, _shape.HasGaps ? default : integers, _sizes.AsSpan(0, _header.Rows));
    }

    private void ReadNumbers(Span<long> integers)
    {
        if (_ownTimes)
        {
            for (var i = _shape.Skipped; i < integers.Length; i++) integers[i] = _model.Next(0, 0);
            return;
        }

        var beside = _neighbours.Sizes(1);
        _sizes.AsSpan(0, _header.Rows).Clear();
        for (var i = _shape.Skipped; i < integers.Length; i++)
        {
            var row = _rowOf[i];
            integers[i] = _model.Next(0, beside.IsEmpty ? 0 : beside[row]);
            _sizes[row] = (byte)NumberModel<BitDecoder>.Size(integers[i]);
        }
    }

    /// <summary>Turns numbers into integers, in place.</summary>
    private void Rebuild(Span<long> integers)
    {
        unchecked
        {
            var (divisor, centre) = (_shape.Divisor, _shape.Centre);
            for (var i = _shape.Skipped; i < integers.Length; i++) integers[i] = (integers[i] + centre) * divisor;
            for (var kin = 0; kin < _shape.KinCount; kin++)
            {
                var ago = Math.Abs(_shape.Kin[kin]);
                if (_shape.HasGaps || _ownTimes || !_neighbours.IsKin(ago, _shape.Scale))
                    throw BufferFormatException.Damaged(Where, "a column predicted from one that is not there");
                var sign = Math.Sign(_shape.Kin[kin]);
                var other = _neighbours.Integers(ago);
                for (var i = 1; i < integers.Length; i++) integers[i] += sign * (other[i] - other[i - 1]);
            }

            switch (_shape.Form)
            {
                case ColumnForm.Level:
                    foreach (ref var integer in integers) integer += _shape.First;
                    break;
                case ColumnForm.Step:
                    for (var i = 1; i < integers.Length; i++) integers[i] += integers[i - 1];
                    break;
                default:
                    var step = _shape.FirstStep;
                    for (var i = 2; i < integers.Length; i++) integers[i] = integers[i - 1] + (step += integers[i]);
                    break;
            }
        }
    }

    /// <summary>Takes the samples of other rows out of the column. What the next columns are predicted from is a copy.</summary>
    private void Keep(ReadOnlySpan<bool> wanted)
    {
        var kept = 0;
        for (var i = 0; i < _count; i++)
        {
            if (!wanted[_rowOf[i]]) continue;
            (_rowOf[kept], _integers[kept], _columnTimes[kept]) = (_rowOf[i], _integers[i], _columnTimes[i]);
            kept++;
        }

        _count = kept;
    }

    private void Hand(int id, int from, int to, IColumnSink sink)
    {
        var first = 0;
        while (first < _count && _rowOf[first] < from) first++;
        var end = first;
        for (; end < _count && _rowOf[end] < to; end++)
        {
            if (!_ownTimes) _columnTimes[end] = _times[_rowOf[end]];
        }

        if (first == end) return;
        Scale.Values(_shape.Scale, _integers.AsSpan(first, end - first), _values);
        sink.Column(id, _columnTimes.AsSpan(first, end - first), _values.AsSpan(0, end - first));
    }

    private void Reserve(int count)
    {
        if (_values.Length >= count) return;
        var capacity = Math.Max(count, _values.Length * 2);
        Array.Resize(ref _rowOf, capacity);
        Array.Resize(ref _values, capacity);
        Array.Resize(ref _integers, capacity);
        Array.Resize(ref _columnTimes, capacity);
    }
}
