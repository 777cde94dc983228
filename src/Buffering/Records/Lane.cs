using System.Buffers;
using Gateway.Buffering.Codec;
using Gateway.Buffering.Stores;

namespace Gateway.Buffering.Records;

/// <summary>
/// Turns the drafts of one kind into records: series to ids of the current roster, values into a keyframe or a delta. Belongs to the owner of the store.
/// </summary>
internal sealed class Lane(SnapshotKind kind, BufferOptions options)
{
    private readonly SnapshotEncoder _encoder = new(options.KeyframeInterval);
    private readonly RosterEncoder _rosterEncoder = new();
    private readonly SnapshotRow _row = new();
    private readonly ArrayBufferWriter<byte> _output = new();
    private int _groupRows;
    private long _groupBytes;

    /// <summary>The roster in use; null before the first snapshot.</summary>
    public RosterBook? Book { get; set; }

    /// <summary>The keyframe that the next delta would name, with its content; null when the next snapshot is a keyframe anyhow.</summary>
    public (Record Record, byte[] Content)? Keyframe { get; private set; }

    /// <summary>Largest number of bytes that one keyframe and its deltas may have; smaller while memory is all there is.</summary>
    public long MaxGroupBytes { get; set; } = long.MaxValue;

    /// <summary>Makes the next snapshot one that opens alone.</summary>
    public void Restart()
    {
        _encoder.Reset();
        Keyframe = null;
    }

    /// <summary>Writes a draft.</summary>
    /// <param name="draft">Not empty.</param>
    /// <param name="sequence">Its sequence.</param>
    /// <param name="nextRoster">Taken and counted up when a new roster begins.</param>
    /// <exception cref="ArgumentException">Two samples of a series have the same time, or there are more than the format holds; nothing has changed.</exception>
    public Encoded Encode(SnapshotDraft draft, long sequence, ref long nextRoster)
    {
        if (draft.Count > CodecLimits.Default.MaxSeries)
            throw new ArgumentException($"The snapshot has {draft.Count} samples; {CodecLimits.Default.MaxSeries} can be buffered.", nameof(draft));
        var before = Book?.Count ?? 0;
        var book = Book ??= new RosterBook(nextRoster++);
        try
        {
            var ids = book.IdsOf(draft);
            if (book.Count > before && (book.Count > CodecLimits.Default.MaxSeries || book.IsWasteful))
            {
                book.Truncate(before);
                (before, Book) = (0, book = new RosterBook(nextRoster++));
                ids = book.IdsOf(draft);
            }

            StoreChunk? chunk = book.Count > before ? new StoreChunk(book.Id, before, Chunk(book, before)) : null;
            return new Encoded(Write(draft, ids, sequence, book), chunk);
        }
        catch (Exception e) when (e is ArgumentException or DuplicateSampleException)
        {
            book.Truncate(before);
            if (before == 0) Book = null;
            Restart();
            throw e as ArgumentException ?? new ArgumentException("Two samples of a series have the same time.", nameof(draft), e);
        }
    }

    /// <summary>The whole roster in use as one chunk, for a store that lost it.</summary>
    public StoreChunk? WholeRoster() => Book is { Count: > 0 } book ? new StoreChunk(book.Id, 0, Chunk(book, 0)) : null;

    private Record Write(SnapshotDraft draft, ReadOnlySpan<int> ids, long sequence, RosterBook book)
    {
        var ownTimes = draft.Kind == SnapshotKind.Pushes;
        var times = draft.Times;
        var values = draft.Values;
        var time = draft.TimeMs;
        if (ownTimes)
        {
            time = times[0];
            foreach (var one in times) time = Math.Min(time, one);
        }

        _row.Reset(sequence, time, ownTimes);
        for (var i = 0; i < ids.Length; i++) _row.Add(ids[i], times[i], values[i]);
        // Groups are fused whole, so they are no larger than a block; and they are removed whole.
        if (_groupRows >= Math.Min(options.FuseSnapshots, BlockEncoder.RowsFor(ids.Length)) || _groupBytes >= MaxGroupBytes) _encoder.Reset();
        _output.ResetWrittenCount();
        var header = _encoder.Encode(book.Id, _row, _output);
        var content = _output.WrittenSpan.ToArray();
        var record = Record.Of(kind, header, content);
        if (header.Kind == BlobKind.Keyframe) (Keyframe, _groupRows, _groupBytes) = ((record, content), 0, 0);
        _groupRows++;
        _groupBytes += content.Length;
        return record;
    }

    private byte[] Chunk(RosterBook book, int from)
    {
        _output.ResetWrittenCount();
        _rosterEncoder.Encode(book.Id, from, book.View.Series[from..], _output);
        return _output.WrittenSpan.ToArray();
    }
}

/// <summary>A snapshot as it goes into the store.</summary>
/// <param name="Record">Its record, with content.</param>
/// <param name="Chunk">Series that the roster did not have; null when it had all.</param>
internal readonly record struct Encoded(Record Record, StoreChunk? Chunk);
