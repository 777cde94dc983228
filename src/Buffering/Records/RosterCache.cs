using Gateway.Buffering.Codec;
using Gateway.Buffering.Stores;

namespace Gateway.Buffering.Records;

/// <summary>Rosters read back from the store, the least recently used go first. Belongs to the owner of the store.</summary>
internal sealed class RosterCache(IBufferStore store)
{
    /// <summary>Series of all rosters kept: some 100 MiB of names and labels would be the most, and a box has one or two rosters of a thousand.</summary>
    private const int MaxSeries = 200_000;

    private readonly LinkedList<(long Id, RosterView View)> _rosters = [];

    /// <summary>The series of a roster as far as its chunks can be read; also tells whether all could.</summary>
    /// <exception cref="BufferStoreException">The store cannot be read.</exception>
    public RosterView Get(long id, out BufferFormatException? damage)
    {
        damage = null;
        for (var node = _rosters.First; node is not null; node = node.Next)
        {
            if (node.Value.Id != id) continue;
            _rosters.Remove(node);
            _rosters.AddFirst(node);
            return node.Value.View;
        }

        var decoder = Read(id, out damage);
        var series = new SeriesKey[decoder.Series.Count];
        for (var i = 0; i < series.Length; i++) series[i] = new SeriesKey(decoder.Series[i]);
        var view = new RosterView(series, series.Length);
        _rosters.AddFirst((id, view));
        var total = 0;
        for (var node = _rosters.First; node is not null;)
        {
            var next = node.Next;
            total += node.Value.View.Series.Length;
            if (total > MaxSeries && node != _rosters.First) _rosters.Remove(node);
            node = next;
        }

        return view;
    }

    /// <summary>Reads a roster.</summary>
    public RosterDecoder Read(long id, out BufferFormatException? damage)
    {
        damage = null;
        var decoder = new RosterDecoder(id);
        try
        {
            foreach (var chunk in store.ReadRoster(id)) decoder.Append(chunk);
        }
        catch (BufferFormatException e)
        {
            damage = e;
        }

        return decoder;
    }

    /// <summary>Forgets all.</summary>
    public void Clear() => _rosters.Clear();
}
