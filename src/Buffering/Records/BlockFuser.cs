using System.Buffers;
using Gateway.Buffering.Codec;

namespace Gateway.Buffering.Records;

/// <summary>
/// Makes blocks of old snapshots: picks a run of them, reads and decodes them, encodes the block, and reads the block back before it may take their place. Works beside
/// the owner of the store, one run at a time.
/// </summary>
internal sealed class BlockFuser(BufferOptions options, BufferContents contents, IRecordSource source)
{
    private readonly SnapshotDecoder _decoder = new();
    private readonly BlockEncoder _encoder = new();
    private readonly BlockDecoder _check = new();
    private readonly List<SnapshotRow> _rows = [];
    private readonly ArrayBufferWriter<byte> _output = new();
    private readonly long[] _skip = new long[BufferContents.Kinds];

    /// <summary>A run that cannot be fused stays as it is: later plans begin behind it. Called between <see cref="FuseAsync"/> and the next <see cref="Plan()"/>.</summary>
    public void Skip(List<Record> run) => _skip[(int)run[0].Kind] = run[^1].Last;

    /// <summary>The next run of records to fuse, or null. Groups of a keyframe and its deltas go whole, and only once they are complete.</summary>
    public List<Record>? Plan()
    {
        for (var kind = 0; kind < BufferContents.Kinds; kind++)
        {
            var skip = _skip[kind];
            if (contents.With((SnapshotKind)kind, index => Plan(index, skip)) is { } plan) return plan;
        }

        return null;
    }

    /// <summary>Fuses a run.</summary>
    /// <returns>The block; null when a record of the run is gone or damaged, which is dealt with.</returns>
    public async Task<(Record Block, byte[] Content)?> FuseAsync(List<Record> run, CancellationToken cancellationToken)
    {
        using var bytes = new BlobBytes();
        using var keyframeBytes = new BlobBytes();
        var sum = default(Digest);
        for (var i = 0; i < run.Count; i++)
        {
            cancellationToken.ThrowIfCancellationRequested();
            if (_rows.Count == i) _rows.Add(new SnapshotRow());
            var target = run[i].Form == BlobKind.Keyframe ? keyframeBytes : bytes;
            target.Clear();
            if (!await source.FetchAsync(run[i], target, cancellationToken)) return null;
            try
            {
                _decoder.Decode(target.Span, run[i].IsDelta ? keyframeBytes.Span : default, _rows[i]);
            }
            catch (BufferFormatException e)
            {
                await source.DiscardAsync(run[i], e.Message, cancellationToken);
                return null;
            }

            sum.Add(_rows[i]);
        }

        _output.ResetWrittenCount();
        var header = _encoder.Encode(run[0].Roster, _rows.GetRange(0, run.Count), _output);
        var content = _output.WrittenSpan.ToArray();
        var back = new DigestSink();
        _check.Open(content);
        _check.Read(back);
        if (!back.Digest.Equals(sum)) throw new InvalidOperationException("The block does not give back what went into it.");
        return (BlockOf(run, header, content), content);
    }

    private static Record BlockOf(List<Record> run, in BlobHeader header, byte[] content)
    {
        var (oldest, newest) = (long.MaxValue, long.MinValue);
        foreach (var row in run) (oldest, newest) = (Math.Min(oldest, row.OldestMs), Math.Max(newest, row.NewestMs));
        return new Record
        {
            First = header.FirstSequence,
            Last = header.LastSequence,
            Kind = run[0].Kind,
            Form = BlobKind.Block,
            Roster = header.RosterId,
            Keyframe = header.FirstSequence,
            OldestMs = oldest,
            NewestMs = newest,
            Rows = header.Rows,
            Samples = header.Samples,
            Bytes = content.Length,
            Directory = RowDirectory.Write(run),
        };
    }

    private List<Record>? Plan(RecordIndex index, long skip)
    {
        var records = index.Records;
        var start = records.Count;
        while (start > 0 && !records[start - 1].IsBlock && records[start - 1].Last > skip) start--;
        while (start < records.Count)
        {
            var (end, rows, samples, closed) = (start, 0, 0L, false);
            while (end < records.Count)
            {
                var (next, more, complete) = Group(records, end);
                if (records[end].Roster != records[start].Roster) closed = true;
                // The last group may still grow, and what is not on disk may yet be dropped.
                if (closed || !complete || records[next - 1].Content is not null) break;
                closed = rows > 0 && (rows + next - end > options.FuseSnapshots || samples + more > BlockEncoder.TargetSamples * 5L / 4);
                if (closed) break;
                (rows, samples, end) = (rows + next - end, samples + more, next);
            }

            if (rows >= 2 && (closed || rows >= Math.Min(options.FuseSnapshots, BlockEncoder.RowsFor((int)(samples / rows))))) return Range(records, start, end);
            if (!closed) return null;
            // A single snapshot that nothing goes with stays as it is.
            start = Math.Max(end, start + 1);
        }

        return null;
    }

    private static (int Next, long Samples, bool Complete) Group(IReadOnlyList<Record> records, int at)
    {
        var samples = records[at].Samples;
        var next = at + 1;
        if (records[at].Form == BlobKind.Events) return (next, samples, true);
        for (; next < records.Count && records[next].IsDelta && records[next].Keyframe == records[at].Keyframe; next++) samples += records[next].Samples;
        return (next, samples, next < records.Count);
    }

    private static List<Record> Range(IReadOnlyList<Record> records, int start, int end)
    {
        var range = new List<Record>(end - start);
        for (var i = start; i < end; i++) range.Add(records[i]);
        return range;
    }

    /// <summary>What a set of samples amounts to, in whatever order they come.</summary>
    private struct Digest : IEquatable<Digest>
    {
        private long _count;
        private ulong _sum;

        public void Add(SnapshotRow row)
        {
            for (var i = 0; i < row.Count; i++) Add(row.Ids[i], row.HasOwnTimes ? row.OwnTimesMs[i] : row.TimeMs, row.Values[i]);
        }

        public void Add(int id, long timeMs, double value)
        {
            _count++;
            var mixed = (BitConverter.DoubleToUInt64Bits(value) * 0x9E3779B97F4A7C15) ^ ((ulong)timeMs * 0xC2B2AE3D27D4EB4F) ^ ((ulong)id * 0x165667B19E3779F9);
            _sum += (mixed ^ (mixed >> 29)) * 0xBF58476D1CE4E5B9;
        }

        public readonly bool Equals(Digest other) => _count == other._count && _sum == other._sum;

        public override readonly bool Equals(object? obj) => obj is Digest other && Equals(other);

        public override readonly int GetHashCode() => HashCode.Combine(_count, _sum);
    }

    private sealed class DigestSink : IColumnSink
    {
        private Digest _digest;

        public Digest Digest => _digest;

        public void Column(int id, ReadOnlySpan<long> timesMs, ReadOnlySpan<double> values)
        {
            for (var i = 0; i < timesMs.Length; i++) _digest.Add(id, timesMs[i], values[i]);
        }
    }
}
