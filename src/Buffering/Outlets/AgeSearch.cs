namespace Gateway.Buffering.Outlets;

/// <summary>
/// Finds the time from which on a target takes samples, within a part that it refused for its age. What is too old is too old for all series, so single
/// samples of one series are asked by halving: two requests where all of it is too old, a few at the edge, and no request whose success would make older
/// samples of other series late. One thread.
/// </summary>
internal sealed class AgeSearch(PageParts parts)
{
    private int _tooOldBefore;
    private int _takenFrom;
    private int _end;
    private bool _newestTaken;

    /// <summary>True between <see cref="TryBegin"/> and the last answer.</summary>
    public bool IsActive { get; private set; }

    /// <summary>Begins with the current part; false when it is too small for it.</summary>
    public bool TryBegin()
    {
        var part = parts.Current;
        if (IsActive || part.ToTime - part.FromTime < 2 || part.SeriesCount < 2) return false;
        // One series stands for all of them: it goes behind them, and is asked on its own before.
        if (!parts.MoveWitnessFirst(part)) return false;
        var asked = part with { SeriesCount = 1 };
        parts.Pop();
        parts.Push(asked);
        parts.Push(part with { FirstSeries = part.FirstSeries + 1, SeriesCount = part.SeriesCount - 1 });
        (IsActive, _tooOldBefore, _takenFrom, _end, _newestTaken) = (true, part.FromTime, part.ToTime, part.ToTime, false);
        parts.Push(At(asked, part.ToTime - 1));
        return true;
    }

    /// <summary>The answer to a single sample; that part was popped.</summary>
    /// <param name="part">The sample.</param>
    /// <param name="result">What came of it: delivered, or refused for its age or its order.</param>
    /// <param name="given">At the end of the search, what is too old, for the others and for the one asked; the rest has taken its place. Else empty.</param>
    public void Answered(in PagePart part, RemoteWriteResult result, List<PagePart> given)
    {
        // Order is looked at behind age, so what contradicts newer samples is not too old. The newest one is asked first.
        if (result == RemoteWriteResult.Delivered && part.ToTime == _end) _newestTaken = true;
        if (result == RemoteWriteResult.OutOfBounds) _tooOldBefore = part.ToTime;
        else _takenFrom = part.FromTime;
        if (_tooOldBefore < _takenFrom)
        {
            var next = At(part, (_tooOldBefore + _takenFrom) >>> 1);
            if (parts.CountSamples(next) > 0)
            {
                parts.Push(next);
                return;
            }
        }

        IsActive = false;
        var others = parts.Current;
        parts.Pop();
        var asked = parts.Current;
        parts.Pop();
        Cut(_newestTaken ? asked with { ToTime = asked.ToTime - 1 } : asked, given);
        Cut(others, given);
    }

    /// <summary>No answer about age came: the parts are sent like others.</summary>
    public void Abandon() => IsActive = false;

    private static PagePart At(in PagePart part, int time) => part with { FromTime = time, ToTime = time + 1, IsProbe = true };

    private void Cut(in PagePart part, List<PagePart> given)
    {
        if (_tooOldBefore > part.FromTime) given.Add(part with { ToTime = _tooOldBefore });
        if (_tooOldBefore < part.ToTime) parts.Push(part with { FromTime = _tooOldBefore });
    }
}
