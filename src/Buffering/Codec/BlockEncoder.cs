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

    private const int Quality = 9;

    private readonly CodecLimits _limits = limits ?? CodecLimits.Default;
    private readonly ByteWriter _blob = new();
    private readonly ByteWriter _content = new();
    private int[] _cursors = [];

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
        BlobHeader.Write(_blob, header);
        _content.Clear();
        var ownTimes = WriteRows(rows);
        if (_cursors.Length < rows.Count) _cursors = new int[rows.Count];
        Array.Clear(_cursors);
        for (var (id, last) = (Next(rows, -1), -1); id >= 0; (last, id) = (id, Next(rows, id)))
        {
            _content.Varint((ulong)(id - last));
            WriteColumn(rows, id, ownTimes);
        }

        _content.Varint(0);
        Packing.Write(_blob, _content.Written, Quality);
        Envelope.Close(_blob, output);
        return header;
    }

    private BlobHeader Check(long rosterId, IReadOnlyList<SnapshotRow> rows)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(rosterId);
        if (rows.Count == 0 || rows.Count > _limits.MaxRows) throw new ArgumentException($"A block has 1 to {_limits.MaxRows} rows, not {rows.Count}.", nameof(rows));
        var samples = 0L;
        for (var i = 0; i < rows.Count; i++)
        {
            if (i > 0 && rows[i].Sequence <= rows[i - 1].Sequence) throw new ArgumentException("The sequences of the rows do not ascend.", nameof(rows));
            if (rows[i].Count > _limits.MaxSeries) throw new ArgumentException($"{rows[i].Count} samples in a row; the limit is {_limits.MaxSeries}.", nameof(rows));
            rows[i].Order();
            samples += rows[i].Count;
        }

        if (samples > _limits.MaxSamples) throw new ArgumentException($"{samples} samples; the limit is {_limits.MaxSamples}.", nameof(rows));
        var (first, last) = (rows[0], rows[^1]);
        return new BlobHeader(BlobKind.Block, rosterId, first.Sequence, last.Sequence, first.TimeMs, last.TimeMs, first.Sequence, rows.Count, samples);
    }

    private bool WriteRows(IReadOnlyList<SnapshotRow> rows)
    {
        var ownTimes = false;
        var (sequence, time) = (rows[0].Sequence, rows[0].TimeMs);
        for (var i = 0; i < rows.Count; i++)
        {
            var row = rows[i];
            ownTimes |= row.HasOwnTimes;
            if (i > 0)
            {
                _content.Varint((ulong)(row.Sequence - sequence));
                _content.Signed(unchecked(row.TimeMs - time));
            }

            (sequence, time) = (row.Sequence, row.TimeMs);
        }

        _content.Byte(ownTimes ? (byte)1 : (byte)0);
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

    private void WriteColumn(IReadOnlyList<SnapshotRow> rows, int id, bool ownTimes)
    {
        var before = 0UL;
        for (var i = 0; i < rows.Count; i++)
        {
            var row = rows[i];
            var end = _cursors[i];
            while (end < row.Count && row.Ids[end] == id) end++;
            _content.Varint((ulong)(end - _cursors[i]));
            var time = row.TimeMs;
            for (var at = _cursors[i]; at < end; at++)
            {
                if (ownTimes)
                {
                    var own = row.HasOwnTimes ? row.OwnTimesMs[at] : row.TimeMs;
                    _content.Signed(unchecked(own - time));
                    time = own;
                }

                var bits = BitConverter.DoubleToUInt64Bits(row.Values[at]);
                _content.Fixed64(bits ^ before);
                before = bits;
            }
        }
    }
}
