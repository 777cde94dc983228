using Gateway.Buffering.Codec;
using Gateway.Buffering.Stores;

namespace Gateway.Buffering.Records;

/// <summary>
/// Reads records into pages: fetches contents through the owner of the store, decodes on the thread of the caller. One page at a time; reused.
/// </summary>
internal sealed class PageReader(BufferContents contents, IRecordSource source) : IColumnSink, IDisposable
{
    private readonly BlockDecoder _block = new();
    private readonly SnapshotDecoder _snapshot = new();
    private readonly SnapshotRow _row = new();
    private readonly RowDirectory _rows = new();
    private readonly BlobBytes _bytes = new();
    private readonly BlobBytes _keyframeBytes = new();
    private readonly Dictionary<long, (RosterView View, int[] Slots)> _rosters = [];
    private Record? _open;
    private Record? _keyframe;
    private SnapshotPage _page = null!; // set before anything is decoded
    private RosterView _view;
    private int[] _slots = [];
    private bool[] _wanted = [];
    private int _unknown;

    /// <summary>See <see cref="ISnapshotBuffer.ReadAsync"/>.</summary>
    public async Task ReadAsync(PageQuery query, SnapshotPage page, CancellationToken cancellationToken)
    {
        _page = page;
        _rosters.Clear();
        var from = 1L;
        try
        {
            while (true)
            {
                cancellationToken.ThrowIfCancellationRequested();
                // Before the search: whatever comes after it is not yet covered.
                var last = contents.LastSequence;
                if (contents.With(query.Kind, index => index.Next(query.Ranges, from)) is not { } record)
                {
                    if (last >= from) from = last + 1;
                    break;
                }

                var (next, full) = await ReadAsync(record, query, from, cancellationToken);
                from = Math.Max(from, next);
                if (full) break;
            }
        }
        catch (BufferStoreException)
        {
            // The disk gives nothing now: the page ends here, and nothing beyond is covered.
        }
        finally
        {
            if (from > 1) page.Covered = page.Covered.Union(query.Ranges.Intersect(SequenceRanges.Of(1, from - 1)));
        }
    }

    /// <inheritdoc/>
    public void Column(int id, ReadOnlySpan<long> timesMs, ReadOnlySpan<double> values)
    {
        if (id >= _slots.Length) _unknown++;
        else _page.Add(Slot(id), timesMs, values);
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _bytes.Dispose();
        _keyframeBytes.Dispose();
    }

    /// <summary>Reads what the query lets it of one record.</summary>
    /// <returns>The sequence to go on with, and whether the page is full.</returns>
    private async Task<(long Next, bool Full)> ReadAsync(Record record, PageQuery query, long from, CancellationToken cancellationToken)
    {
        _rows.Read(record);
        var (first, count, samples) = Choose(query, from);
        // Nothing fits: the page ends before it.
        if (count == 0) return (from, true);
        var before = _page.SampleCount;
        try
        {
            if (record.IsBlock ? !await OpenBlockAsync(record, cancellationToken) : !await OpenSnapshotAsync(record, cancellationToken))
            {
                // Gone meanwhile, or fused: look again. What is in the index and not in the store is damage.
                if (contents.ContainsAll([record])) await source.DiscardAsync(record, "its content is missing", cancellationToken);
                return (from, false);
            }

            await UseRosterAsync(record.Roster, known: true, cancellationToken);
            Read(record, query, first, count);
            if (_unknown > 0)
            {
                // The roster in use may have grown since it was asked for.
                _page.Truncate(before);
                await UseRosterAsync(record.Roster, known: false, cancellationToken);
                Read(record, query, first, count);
                if (_unknown > 0) throw BufferFormatException.Damaged("roster", $"{_unknown} series of the snapshot are not in it");
            }
        }
        catch (BufferFormatException e)
        {
            _page.Truncate(before);
            (_open, _keyframe) = (null, null);
            await source.DiscardAsync(record, e.Message, cancellationToken);
            return (from, false);
        }

        _page.SnapshotCount += samples;
        var end = first + count;
        return (_rows.Sequences[end - 1] + 1, IsFull(query));
    }

    private bool IsFull(PageQuery query) => _page.SampleCount >= query.MaxSamples || _page.SnapshotCount >= query.MaxSnapshots;

    /// <summary>The rows of the record that come next and fit: position of the first, span to the last, and how many of the span are in the query.</summary>
    private (int First, int Count, int Wanted) Choose(PageQuery query, long from)
    {
        var (first, end, wanted, samples) = (-1, -1, 0, (long)_page.SampleCount);
        for (var i = 0; i < _rows.Count; i++)
        {
            if (_rows.Sequences[i] < from || !query.Ranges.Contains(_rows.Sequences[i])) continue;
            samples += _rows.Samples[i];
            // The first snapshot of a page always comes whole.
            if ((samples > query.MaxSamples && _page.SnapshotCount + wanted > 0) || _page.SnapshotCount + wanted >= query.MaxSnapshots) break;
            if (first < 0) first = i;
            end = i + 1;
            wanted++;
        }

        return wanted == 0 ? (0, 0, 0) : (first, end - first, wanted);
    }

    private async Task UseRosterAsync(long id, bool known, CancellationToken cancellationToken)
    {
        if (!_rosters.TryGetValue(id, out var roster) || !known)
        {
            var view = await source.RosterAsync(id, cancellationToken);
            var slots = new int[view.Series.Length];
            slots.AsSpan().Fill(-1);
            roster.Slots?.CopyTo(slots, 0);
            _rosters[id] = roster = (view, slots);
        }

        (_view, _slots) = roster;
    }

    private async Task<bool> OpenBlockAsync(Record record, CancellationToken cancellationToken)
    {
        if (ReferenceEquals(_open, record)) return true;
        _open = null;
        if (!await FetchAsync(record, _bytes, cancellationToken)) return false;
        var header = _block.Open(_bytes.Span);
        if (header.FirstSequence != record.First || header.LastSequence != record.Last || header.RosterId != record.Roster || header.Rows != record.Rows)
            throw BufferFormatException.Damaged("block", "it is not the one of its entry");
        _open = record;
        return true;
    }

    private async Task<bool> OpenSnapshotAsync(Record record, CancellationToken cancellationToken)
    {
        if (record.IsDelta && _keyframe?.First != record.Keyframe)
        {
            _keyframe = null;
            var keyframe = contents.With(record.Kind, index => index.Find(record.Keyframe));
            if (keyframe is null || !await FetchAsync(keyframe, _keyframeBytes, cancellationToken)) return false;
            _keyframe = keyframe;
        }

        if (!await FetchAsync(record, _bytes, cancellationToken)) return false;
        var header = _snapshot.Decode(_bytes.Span, record.IsDelta ? _keyframeBytes.Span : default, _row);
        if (header.FirstSequence != record.First || header.RosterId != record.Roster) throw BufferFormatException.Damaged("snapshot", "it is not the one of its entry");
        return true;
    }

    private Task<bool> FetchAsync(Record record, BlobBytes bytes, CancellationToken cancellationToken)
    {
        bytes.Clear();
        return source.FetchAsync(record, bytes, cancellationToken);
    }

    private void Read(Record record, PageQuery query, int first, int count)
    {
        _unknown = 0;
        if (record.IsBlock) ReadBlock(query, first, count);
        else ReadSnapshot();
    }

    private void ReadBlock(PageQuery query, int first, int count)
    {
        if (_wanted.Length < _rows.Count) _wanted = new bool[_rows.Count];
        var wanted = _wanted.AsSpan(0, _rows.Count);
        wanted.Clear();
        var all = true;
        for (var i = first; i < first + count; i++) all &= wanted[i] = query.Ranges.Contains(_rows.Sequences[i]);
        // A part costs the time of the whole: ranges with holes are read at once as well.
        if (all) _block.Read(first, first + count, this);
        else _block.Read(wanted, this);
    }

    private void ReadSnapshot()
    {
        var ids = _row.Ids;
        for (var i = 0; i < ids.Length; i++)
        {
            if (ids[i] >= _slots.Length) _unknown++;
            else _page.Add(Slot(ids[i]), _row.HasOwnTimes ? _row.OwnTimesMs[i] : _row.TimeMs, _row.Values[i]);
        }
    }

    private int Slot(int id)
    {
        ref var slot = ref _slots[id];
        if (slot < 0)
        {
            var key = _view.Series[id];
            slot = _page.SlotOf(key.Family, key.Series);
        }

        return slot;
    }
}
