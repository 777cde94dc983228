using System.Buffers;

namespace Gateway.Buffering.Codec;

/// <summary>
/// Fuses consecutive snapshots of one roster into one blob, column by column. Memory beside the rows is that of one column and of the output.
/// Reusable; not safe for two threads. Meant for the background.
/// </summary>
/// <param name="limits">What a reader accepts.</param>
public sealed class BlockEncoder(CodecLimits? limits = null)
{
    /// <summary>Samples of a block worth aiming at: one page of a replay, so that a block is decoded once to be handed over.</summary>
    public const int TargetSamples = 250_000;

    /// <summary>Rows of a block worth aiming at, whatever the number of series; longer columns gain nothing more.</summary>
    public const int TargetRows = 480;

    private readonly CodecLimits _limits = limits ?? CodecLimits.Default;
    private readonly ByteWriter _blob = new();
    private readonly ByteWriter _rows = new();
    private readonly ByteWriter _ids = new();
    private readonly ByteWriter _shapes = new();
    private readonly ByteWriter _numbers = new();
    private readonly ByteWriter _coded = new();
    private readonly ColumnModel<BitEncoder> _model = new();
    private readonly ColumnShape _shape = new();
    private readonly ColumnPlanner _planner = new();
    private readonly Neighbours _neighbours = new();
    private int[] _cursors = [];
    private byte[] _sizes = [];
    private int[] _rowOf = [];
    private double[] _values = [];
    private long[] _integers = [];
    private long[] _times = [];
    private int _count;

    /// <summary>Rows of this many series that make a good block; 1 or more.</summary>
    public static int RowsFor(int series) => Math.Clamp(TargetSamples / Math.Max(1, series), 1, TargetRows);

    /// <summary>Writes one block.</summary>
    /// <param name="rosterId">Roster that the ids of all rows count in.</param>
    /// <param name="rows">Rows with ascending sequences, at least one; rows with own times and others may be mixed. They are put into order.</param>
    /// <param name="output">Receives the blob.</param>
    /// <returns>What was written.</returns>
    /// <exception cref="DuplicateSampleException">Two samples of one series in a row have the same time.</exception>
    /// <exception cref="ArgumentException">No rows, sequences that do not ascend, or more than a reader accepts.</exception>
    public BlobHeader Encode(long rosterId, IReadOnlyList<SnapshotRow> rows, IBufferWriter<byte> output)
    {
        var header = Check(rosterId, rows);
        foreach (var part in (ReadOnlySpan<ByteWriter>)[_rows, _ids, _shapes, _numbers, _coded]) part.Clear();
        var ownTimes = WriteRows(rows);
        if (_cursors.Length < rows.Count) (_cursors, _sizes) = (new int[rows.Count], new byte[rows.Count]);
        Array.Clear(_cursors);
        _neighbours.Begin(ownTimes ? 0 : rows.Count);
        _model.Begin(new BitEncoder(_coded));
        var columns = 0;
        for (var (id, last) = (Next(rows, -1), -1); id >= 0; (last, id) = (id, Next(rows, id)))
        {
            _ids.Varint((ulong)(id - last - 1));
            columns++;
            if ((long)columns * rows.Count > _limits.CellsOf(ownTimes)) throw new ArgumentException($"More than {_limits.CellsOf(ownTimes)} series times rows.", nameof(rows));
            if (ownTimes) WriteOwnTimes(rows, id);
            else Gather(rows, id);
            WriteColumn(rows.Count, ownTimes);
        }

        _model.Coder.Finish();
        foreach (var part in (ReadOnlySpan<ByteWriter>)[_rows, _ids, _shapes, _numbers])
        {
            if (part.Length > _limits.MaxUncompressedBytes)
                throw new ArgumentException($"{part.Length} bytes of headers; the limit is {_limits.MaxUncompressedBytes}.", nameof(rows));
        }

        BlobHeader.Write(_blob, header);
        _blob.Byte(ownTimes ? (byte)1 : (byte)0);
        _blob.Varint((ulong)columns);
        Packing.Write(_blob, _rows.Written);
        Packing.Write(_blob, _ids.Written);
        Packing.Write(_blob, _shapes.Written);
        Packing.Write(_blob, _numbers.Written);
        _blob.Bytes(_coded.Written);
        Envelope.Close(_blob, output);
        return header;
    }

    private BlobHeader Check(long rosterId, IReadOnlyList<SnapshotRow> rows)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(rosterId);
        if (rows.Count == 0 || rows.Count > _limits.MaxRows)
            throw new ArgumentException($"A block has 1 to {_limits.MaxRows} rows, not {rows.Count}.", nameof(rows));
        var samples = 0L;
        for (var i = 0; i < rows.Count; i++)
        {
            if (i > 0 && rows[i].Sequence <= rows[i - 1].Sequence) throw new ArgumentException("The sequences of the rows do not ascend.", nameof(rows));
            if (rows[i].Count > _limits.MaxSeries)
                throw new ArgumentException($"{rows[i].Count} samples in a row; the limit is {_limits.MaxSeries}.", nameof(rows));
            rows[i].Order();
            if (rows[i].Ids is { IsEmpty: false } ids && ids[^1] >= _limits.MaxSeries)
                throw new ArgumentException($"Series {ids[^1]}; the limit is {_limits.MaxSeries}.", nameof(rows));
            samples += rows[i].Count;
        }

        if (samples > _limits.MaxSamples) throw new ArgumentException($"{samples} samples; the limit is {_limits.MaxSamples}.", nameof(rows));
        var (first, last) = (rows[0], rows[^1]);
        return new BlobHeader(BlobKind.Block, rosterId, first.Sequence, last.Sequence, first.TimeMs, last.TimeMs, first.Sequence, rows.Count, samples);
    }

    private bool WriteRows(IReadOnlyList<SnapshotRow> rows)
    {
        var ownTimes = rows[0].HasOwnTimes;
        var step = 0L;
        for (var i = 1; i < rows.Count; i++)
        {
            ownTimes |= rows[i].HasOwnTimes;
            var next = unchecked(rows[i].TimeMs - rows[i - 1].TimeMs);
            _rows.Varint((ulong)(rows[i].Sequence - rows[i - 1].Sequence - 1));
            _rows.Signed(unchecked(next - step));
            step = next;
        }

        return ownTimes;
    }

    /// <summary>Smallest id after this one that a row has.</summary>
    private int Next(IReadOnlyList<SnapshotRow> rows, int id)
    {
        var next = int.MaxValue;
        for (var i = 0; i < rows.Count; i++)
        {
            var ids = rows[i].Ids;
            while (_cursors[i] < ids.Length && ids[_cursors[i]] <= id) _cursors[i]++;
            if (_cursors[i] < ids.Length) next = Math.Min(next, ids[_cursors[i]]);
        }

        return next == int.MaxValue ? -1 : next;
    }

    /// <summary>Takes the samples of a series out of the rows; the runs of rows that have none and some go into the header if there are any gaps.</summary>
    private void Gather(IReadOnlyList<SnapshotRow> rows, int id)
    {
        _count = 0;
        Reserve(rows.Count);
        for (var i = 0; i < rows.Count; i++)
        {
            if (!Has(rows[i], i, id)) continue;
            _rowOf[_count] = i;
            _values[_count++] = rows[i].Values[_cursors[i]];
        }

        _shape.HasGaps = _count < rows.Count;
        if (!_shape.HasGaps) return;
        var (present, start) = (false, 0);
        for (var i = 0; i <= rows.Count; i++)
        {
            if (i < rows.Count && Has(rows[i], i, id) == present) continue;
            _ids.Varint((ulong)(i - start));
            (present, start) = (!present, i);
        }
    }

    /// <summary>The same for samples with times: their number per row and the times go through the model.</summary>
    private void WriteOwnTimes(IReadOnlyList<SnapshotRow> rows, int id)
    {
        _count = 0;
        _shape.HasGaps = false;
        _model.BeginColumn();
        for (var i = 0; i < rows.Count; i++)
        {
            var row = rows[i];
            var from = _cursors[i];
            var to = from;
            for (; to < row.Count && row.Ids[to] == id; to++)
            {
                Reserve(_count + 1);
                _times[_count] = row.HasOwnTimes ? row.OwnTimesMs[to] : row.TimeMs;
                if (to > from) _times[_count] = unchecked(_times[_count] - row.OwnTimesMs[to - 1]);
                else _times[_count] = unchecked(_times[_count] - row.TimeMs);
                _values[_count++] = row.Values[to];
            }

            _model.Next(to - from, 0);
        }

        if (_count > _limits.MaxSeries) throw new ArgumentException($"{_count} samples of a series; the limit is {_limits.MaxSeries}.", nameof(rows));
        _model.BeginColumn();
        for (var i = 0; i < _count; i++) _model.Next(_times[i], 0);
    }

    private void WriteColumn(int rows, bool ownTimes)
    {
        var integers = _integers.AsSpan(0, _count);
        _shape.Scale = Scale.Choose(_values.AsSpan(0, _count), integers);
        var numbers = _planner.Plan(integers, _shape, _neighbours);
        _shape.Write(_shapes, _numbers);
        if (_shape.Form == ColumnForm.Constant) return;
        _model.BeginColumn();
        if (ownTimes)
        {
            foreach (var number in numbers) _model.Next(number, 0);
            return;
        }

        var beside = _neighbours.Sizes(1);
        var sizes = _sizes.AsSpan(0, rows);
        sizes.Clear();
        for (var i = 0; i < numbers.Length; i++)
        {
            var row = _rowOf[i + _shape.Skipped];
            _model.Next(numbers[i], beside.IsEmpty ? 0 : beside[row]);
            sizes[row] = (byte)NumberModel<BitEncoder>.Size(numbers[i]);
        }

        _neighbours.Add(_shape.Scale, _shape.HasGaps ? default : integers, sizes);
    }

    private bool Has(SnapshotRow row, int at, int id) => _cursors[at] < row.Count && row.Ids[_cursors[at]] == id;

    private void Reserve(int count)
    {
        if (_values.Length >= count) return;
        var capacity = Math.Max(count, _values.Length * 2);
        Array.Resize(ref _rowOf, capacity);
        Array.Resize(ref _values, capacity);
        Array.Resize(ref _integers, capacity);
        Array.Resize(ref _times, capacity);
    }
}
