using System.Buffers;
using System.Runtime.InteropServices;
using Gateway.Exposition;

namespace Gateway.Buffering.Outlets;

/// <summary>
/// A page on its way to a target, cut into the parts that become requests. A part is a stretch of times by a stretch of series. Parts come out oldest first;
/// splitting one puts its halves in its place, by time as long as it has several times, then by series, so that time goes forward over requests and samples
/// of a series stay in order. One thread.
/// </summary>
internal sealed class PageParts : IDisposable
{
    private readonly Stack<PagePart> _parts = new();
    private readonly List<int> _order = [];
    private long[] _times = [];
    private int _timeCount;

    /// <summary>The page; filled by the caller, then <see cref="Begin"/>.</summary>
    public SnapshotPage Page { get; } = new();

    /// <summary>Kind of its snapshots.</summary>
    public SnapshotKind Kind { get; private set; }

    /// <summary>True while parts are left.</summary>
    public bool IsOpen => _parts.Count > 0;

    /// <summary>The next part.</summary>
    public PagePart Current => _parts.Peek();

    /// <summary>Starts with a completed page: all series but the suspects in one part, these in another.</summary>
    public void Begin(SnapshotKind kind, SuspectSeries suspects, Func<Series, bool> isLeftOut)
    {
        Kind = kind;
        CollectTimes();
        _order.Clear();
        _parts.Clear();
        for (var i = 0; i < Page.Series.Length; i++)
        {
            if (!isLeftOut(Page.Series[i]) && !suspects.Contains(Page.Series[i])) _order.Add(i);
        }

        var trusted = _order.Count;
        if (suspects.Count > 0)
        {
            for (var i = 0; i < Page.Series.Length; i++)
            {
                if (!isLeftOut(Page.Series[i]) && suspects.Contains(Page.Series[i])) _order.Add(i);
            }
        }

        if (_order.Count > trusted) _parts.Push(new PagePart(0, _timeCount, trusted, _order.Count - trusted, 0, IsSuspect: true));
        if (trusted > 0) _parts.Push(new PagePart(0, _timeCount, 0, trusted, 0, IsSuspect: false));
    }

    /// <summary>A part of the page becomes the current one again.</summary>
    public void Push(in PagePart part) => _parts.Push(part);

    /// <summary>The current part is done with.</summary>
    public void Pop() => _parts.Pop();

    /// <summary>Puts the two halves of the current part in its place; false when it is a single sample.</summary>
    /// <param name="refused">Because of its content, not of its size.</param>
    public bool Split(bool refused)
    {
        var part = _parts.Peek();
        PagePart older, newer;
        // Halves of what is too large may have been stored with it; halves of what was refused were not.
        var whole = refused ? part with { Depth = part.Depth + 1, IsUncertain = false } : part;
        if (part.ToTime - part.FromTime > 1)
        {
            var middle = (part.FromTime + part.ToTime) >>> 1;
            (older, newer) = (whole with { ToTime = middle }, whole with { FromTime = middle });
        }
        else if (part.SeriesCount > 1)
        {
            var half = part.SeriesCount >>> 1;
            older = whole with { SeriesCount = half };
            newer = whole with { FirstSeries = part.FirstSeries + half, SeriesCount = part.SeriesCount - half };
        }
        else
        {
            return false;
        }

        _parts.Pop();
        _parts.Push(newer);
        _parts.Push(older);
        return true;
    }

    /// <summary>The current part may have been stored although nobody said so.</summary>
    public void MarkUncertain() => _parts.Push(_parts.Pop() with { IsUncertain = true });

    /// <summary>Number of samples of a part.</summary>
    public int CountSamples(in PagePart part)
    {
        var count = 0;
        foreach (var series in SeriesOf(part)) count += Within(part, series).Length;
        return count;
    }

    /// <summary>
    /// Puts a series that has samples at the oldest and the newest time of a part before its other series; false when there is none. A part with several
    /// times holds all series that its neighbours in time hold, so that these do not notice.
    /// </summary>
    public bool MoveWitnessFirst(in PagePart part)
    {
        for (var place = part.FirstSeries; place < part.FirstSeries + part.SeriesCount; place++)
        {
            var times = Page.TimesOf(_order[place]);
            if (times.BinarySearch(_times[part.FromTime]) < 0 || times.BinarySearch(_times[part.ToTime - 1]) < 0) continue;
            (_order[part.FirstSeries], _order[place]) = (_order[place], _order[part.FirstSeries]);
            return true;
        }

        return false;
    }

    /// <summary>Oldest time of a part, Unix ms.</summary>
    public long OldestOf(in PagePart part) => _times[part.FromTime];

    /// <summary>Indices into the series of the page.</summary>
    public ReadOnlySpan<int> SeriesOf(in PagePart part) => CollectionsMarshal.AsSpan(_order).Slice(part.FirstSeries, part.SeriesCount);

    /// <summary>Where the samples of a series that belong to a part stand among its samples; may be empty.</summary>
    public (int Start, int Length) Within(in PagePart part, int series)
    {
        var times = Page.TimesOf(series);
        if (part.FromTime == 0 && part.ToTime == _timeCount) return (0, times.Length);
        var start = LowerBound(times, _times[part.FromTime]);
        var end = part.ToTime == _timeCount ? times.Length : LowerBound(times, _times[part.ToTime]);
        return (start, end - start);
    }

    /// <summary>Forgets page and parts, keeps the memory.</summary>
    public void Clear()
    {
        _parts.Clear();
        _order.Clear();
        Page.Clear();
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _parts.Clear();
        Page.Dispose();
        if (_times.Length > 0) ArrayPool<long>.Shared.Return(_times);
        _times = [];
    }

    private static int LowerBound(ReadOnlySpan<long> times, long time)
    {
        var at = times.BinarySearch(time);
        return at < 0 ? ~at : at;
    }

    /// <summary>The distinct times of the page, ascending.</summary>
    private void CollectTimes()
    {
        if (_times.Length < Page.SampleCount)
        {
            if (_times.Length > 0) ArrayPool<long>.Shared.Return(_times);
            _times = ArrayPool<long>.Shared.Rent(Page.SampleCount);
        }

        var all = 0;
        for (var i = 0; i < Page.Series.Length; i++)
        {
            var times = Page.TimesOf(i);
            times.CopyTo(_times.AsSpan(all));
            all += times.Length;
        }

        _times.AsSpan(0, all).Sort();
        _timeCount = 0;
        for (var i = 0; i < all; i++)
        {
            if (_timeCount == 0 || _times[i] != _times[_timeCount - 1]) _times[_timeCount++] = _times[i];
        }
    }
}

/// <summary>A part of a page.</summary>
/// <param name="FromTime">Index of its first time among the distinct times of the page.</param>
/// <param name="ToTime">Index behind its last time.</param>
/// <param name="FirstSeries">First place in the order of the series.</param>
/// <param name="SeriesCount">Number of places.</param>
/// <param name="Depth">How often it was split because it was refused.</param>
/// <param name="IsSuspect">All its series were refused for themselves before.</param>
/// <param name="IsUncertain">It was sent, and may have been stored although nobody said so.</param>
/// <param name="IsProbe">A single sample of another part, asked for its age.</param>
internal readonly record struct PagePart(
    int FromTime, int ToTime, int FirstSeries, int SeriesCount, int Depth, bool IsSuspect, bool IsUncertain = false, bool IsProbe = false);
