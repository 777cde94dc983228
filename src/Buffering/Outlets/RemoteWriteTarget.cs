namespace Gateway.Buffering.Outlets;

/// <summary>
/// Brings the backlog of one target to it, one request a step: reads a page, cuts it, sends the parts oldest first, each after the answer to the one before,
/// and does with each answer what design rule says (<c>docs/decisions/0013-remote-write.md</c>). A sample leaves the backlog when it was taken or when it was
/// given up, counted by reason. One thread.
/// </summary>
internal sealed class RemoteWriteTarget : IDisposable
{
    /// <summary>No target calls samples too old that are younger.</summary>
    private static readonly TimeSpan LeastAge = TimeSpan.FromMinutes(20);

    /// <summary>Refusals in a row up to which a search goes on. A dive to one of 5,000 samples takes 13; with everything refused there is nothing to be
    /// found.</summary>
    internal const int MaxFruitless = 64;

    /// <summary>Parts that contradict stored samples are split so often in any case: at the edge of what a target takes, at most an eighth of a page is given
    /// up with the rest.</summary>
    private const int AlwaysSplit = 3;

    /// <summary>After pages of which nothing was taken, a search ends after so many refusals in a row.</summary>
    private const int MinFruitless = 4;

    /// <summary>Pauses before a page of which nothing at all is taken is given up; more likely the target is set up wrongly.</summary>
    internal const int MaxHolds = 3;

    /// <summary>Requests are not made smaller than this because of answers that come too late.</summary>
    private const int MinAdaptedSamples = 100;

    /// <summary>Requests taken in a row after which requests may become larger again.</summary>
    private const int GrowAfter = 100;

    private static readonly WriteAnswer AboveOwnBound = new(RemoteWriteResult.TooLarge, Fault: "would get a request larger than MaxRequestBytes");

    private readonly string _name;
    private readonly RemoteWriteOptions _options;
    private readonly OldestPages _pages;
    private readonly TargetBacklogs _backlogs;
    private readonly IWriteSender _sender;
    private readonly WriteRequestEncoder _encoder;
    private readonly TimeProvider _time;
    private readonly RemoteWriteTally _tally;
    private readonly Backoff _backoff;
    private readonly PageParts _parts = new();
    private readonly AgeSearch _ages;
    private readonly List<PagePart> _tooOld = [];
    private readonly SuspectSeries _suspects = new();
    private readonly List<Tentative> _tentative = [];
    private readonly PooledBytes _message = new();
    private readonly PooledBytes _body = new();
    private bool _hasPage;
    private int _maxSamples;
    private int _takenInRow;

    // About the current page.
    private bool _anyTaken;
    private bool _anyConflict;
    private bool _mayBeRepeated;
    private int _fruitless;

    // About the current part.
    private bool _wasSent;
    private int _timeouts;

    // About the target.
    private bool _isProven;
    private int _holds;
    private int _conflictPatience = MaxFruitless;

    /// <summary>A target.</summary>
    /// <param name="name">Its name.</param>
    /// <param name="options">Checked.</param>
    /// <param name="buffer">Where snapshots come from.</param>
    /// <param name="backlogs">Where its progress is kept.</param>
    /// <param name="sender">The way to it; disposed here.</param>
    /// <param name="tally">Its counts.</param>
    /// <param name="time">The clock.</param>
    /// <param name="random">Jitter of the pauses.</param>
    public RemoteWriteTarget(
        string name, RemoteWriteOptions options, ISnapshotBuffer buffer, TargetBacklogs backlogs,
        IWriteSender sender, RemoteWriteTally tally, TimeProvider time, Random random)
    {
        (_name, _options, _backlogs, _sender, _tally, _time) = (name, options, backlogs, sender, tally, time);
        _pages = new OldestPages(name, buffer, backlogs, time);
        _encoder = new WriteRequestEncoder(
            new SentLabels(options.ExternalLabels, options.HonorLabels), new SentLabels(options.AllPushedLabels, options.PushedHonorLabels), options.Format);
        _backoff = new Backoff(options.MinBackoff, options.MaxBackoff, random);
        _maxSamples = options.MaxSamplesPerRequest;
        _ages = new AgeSearch(_parts);
        // A stop may have come between the answer and the note of it.
        _mayBeRepeated = true;
    }

    /// <summary>Makes at most one request.</summary>
    /// <returns>How long to wait before the next step, or null when there is nothing to send.</returns>
    public async Task<TimeSpan?> StepAsync(CancellationToken cancellationToken)
    {
        if (!_hasPage && !await OpenAsync(cancellationToken)) return null;
        var pause = TimeSpan.Zero;
        while (_parts.IsOpen)
        {
            var part = _parts.Current;
            var samples = _parts.CountSamples(part);
            if (samples == 0)
            {
                _parts.Pop();
                continue;
            }

            if (samples > _maxSamples || !TryEncode(part))
            {
                if (!Split(refused: false)) GiveUp(part, samples, GiveUpReason.TooLarge, AboveOwnBound, isBad: false);
                continue;
            }

            var answer = await _sender.SendAsync(_body.Written, cancellationToken);
            _tally.Request(answer.Result, samples, _body.Length, _wasSent);
            _wasSent = true;
            pause = Apply(answer, part, samples);
            break;
        }

        if (_hasPage && !_parts.IsOpen) pause = await CloseAsync(cancellationToken);
        return pause;
    }

    /// <summary>Forgets the page in hand; it is read again.</summary>
    public void Drop()
    {
        _hasPage = false;
        _tentative.Clear();
        _parts.Clear();
        _ages.Abandon();
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _sender.Dispose();
        _parts.Dispose();
        _message.Dispose();
        _body.Dispose();
    }

    private async Task<bool> OpenAsync(CancellationToken cancellationToken)
    {
        if (await _pages.ReadOldestAsync(_parts.Page, _maxSamples, cancellationToken) is not { } kind) return false;
        BeginPage(kind);
        return true;
    }

    private void BeginPage(SnapshotKind kind)
    {
        _parts.Begin(kind, _suspects, _encoder.IsLeftOut);
        _tentative.Clear();
        (_hasPage, _anyTaken, _anyConflict, _fruitless) = (true, false, false, 0);
        BeginPart();
    }

    private void BeginPart() => (_wasSent, _timeouts) = (false, 0);

    /// <summary>Makes message and body of a part; false when the message is larger than allowed.</summary>
    private bool TryEncode(in PagePart part)
    {
        _message.Clear();
        foreach (var index in _parts.SeriesOf(part))
        {
            var (start, length) = _parts.Within(part, index);
            if (length == 0) continue;
            var page = _parts.Page;
            _encoder.Write(_parts.Kind, page.Series[index], page.TimesOf(index).Slice(start, length), page.ValuesOf(index).Slice(start, length), _message);
            if (_message.Length > _options.MaxRequestBytes) return false;
        }

        _body.Clear();
        _body.Advance(Snappy.Encode(_message.Written.Span, _body.Reserve(Snappy.MaxEncodedLength(_message.Length))));
        return true;
    }

    private TimeSpan Apply(in WriteAnswer answer, in PagePart part, int samples)
    {
        switch (answer.Result)
        {
            case RemoteWriteResult.Delivered:
                Taken(answer, part);
                return TimeSpan.Zero;
            case RemoteWriteResult.OutOfBounds when !IsOld(part):
                return Bad(answer, part, samples);
            case RemoteWriteResult.OutOfOrder or RemoteWriteResult.Duplicate or RemoteWriteResult.OutOfBounds:
                Contradicted(answer, part, samples);
                return TimeSpan.Zero;
            case RemoteWriteResult.BadRequest or RemoteWriteResult.TooLarge:
                return Bad(answer, part, samples);
            case RemoteWriteResult.ReceiverOff or RemoteWriteResult.Credentials or RemoteWriteResult.Redirected or RemoteWriteResult.Refused:
                _tally.Failed(answer, _options.RefusalPause, mustAct: true);
                return _options.RefusalPause;
            default:
                return Later(answer, samples);
        }
    }

    private void Taken(in WriteAnswer answer, in PagePart part)
    {
        _tally.Recovered();
        _backoff.Reset();
        var isFirst = !_anyTaken;
        (_anyTaken, _isProven, _holds, _fruitless) = (true, true, 0, 0);
        if (part.IsSuspect)
        {
            foreach (var series in _parts.SeriesOf(part)) _suspects.Remove(_parts.Page.Series[series]);
        }

        Pop();
        if (part.IsProbe) AgeAsked(answer, part);
        if (isFirst) AskAgain();
        if (++_takenInRow < GrowAfter || _maxSamples >= _options.MaxSamplesPerRequest) return;
        _takenInRow = 0;
        _maxSamples = Math.Min(_maxSamples * 2, _options.MaxSamplesPerRequest);
    }

    /// <summary>Order, a second value of a time, age: repeating is of no use, but other samples of the part may be fine.</summary>
    private void Contradicted(in WriteAnswer answer, in PagePart part, int samples)
    {
        _tally.Recovered();
        _backoff.Reset();
        _anyConflict = true;
        _fruitless++;
        var isAge = answer.Result == RemoteWriteResult.OutOfBounds;
        if (part.IsProbe && _ages.IsActive)
        {
            Pop();
            AgeAsked(answer, part);
            return;
        }

        if (isAge && _ages.TryBegin())
        {
            BeginPart();
            return;
        }

        // All or nothing: unchanged and sent before means that all of it was stored then.
        var wasStored = part.IsUncertain && !isAge;
        if (!wasStored && (_fruitless < _conflictPatience || part.Depth < AlwaysSplit) && Split(refused: true)) return;
        var reason = answer.Result switch
        {
            RemoteWriteResult.OutOfBounds => GiveUpReason.OutOfBounds,
            _ when wasStored || _mayBeRepeated => GiveUpReason.Repeated,
            RemoteWriteResult.Duplicate => GiveUpReason.Duplicate,
            _ => GiveUpReason.OutOfOrder,
        };
        GiveUp(part, samples, reason, answer, isBad: false);
    }

    /// <summary>What is young was not refused for being too old, but because one of the two clocks is wrong.</summary>
    private bool IsOld(in PagePart part) => _parts.OldestOf(part) < (_time.GetUtcNow() - LeastAge).ToUnixTimeMilliseconds();

    private void AgeAsked(in WriteAnswer answer, in PagePart part)
    {
        if (!_ages.IsActive) return;
        _tooOld.Clear();
        _ages.Answered(part, answer.Result, _tooOld);
        foreach (var cut in _tooOld) _tentative.Add(new Tentative(cut, _parts.CountSamples(cut), GiveUpReason.OutOfBounds, answer, IsBad: false));
        if (_anyTaken) CommitTentative();
        BeginPart();
    }

    /// <summary>Something in the part is bad, or the target is set up wrongly: that shows when all of it is refused.</summary>
    private TimeSpan Bad(in WriteAnswer answer, in PagePart part, int samples)
    {
        if (part.IsProbe)
        {
            _ages.Abandon();
            Pop();
            return TimeSpan.Zero;
        }

        if (answer.Result == RemoteWriteResult.TooLarge) Shrink(samples, 1);
        _fruitless++;
        if (!_anyTaken && _fruitless >= MaxFruitless) return Hold(answer);
        if (Split(refused: true)) return TimeSpan.Zero;
        var reason = answer.Result switch
        {
            RemoteWriteResult.TooLarge => GiveUpReason.TooLarge,
            RemoteWriteResult.OutOfBounds => GiveUpReason.OutOfBounds,
            _ => GiveUpReason.BadRequest,
        };
        GiveUp(part, samples, reason, answer, isBad: true);
        return TimeSpan.Zero;
    }

    /// <summary>Nothing of a page is taken: somebody should look at the target, and the page is read again later.</summary>
    private TimeSpan Hold(in WriteAnswer answer)
    {
        (_isProven, _holds) = (false, _holds + 1);
        _tally.Failed(answer, _options.RefusalPause, mustAct: true);
        Drop();
        return _options.RefusalPause;
    }

    private TimeSpan Later(in WriteAnswer answer, int samples)
    {
        _takenInRow = 0;
        if (answer.IsUncertain)
        {
            _mayBeRepeated = true;
            _parts.MarkUncertain();
        }

        var pause = _backoff.Next();
        if (answer.RetryAfter is { } wanted) pause = wanted < _options.RetryAfterLimit ? wanted : _options.RetryAfterLimit;
        _tally.Failed(answer, pause, mustAct: answer.Result == RemoteWriteResult.LocalFault);
        // Twice too late: perhaps it is too much for the line.
        if (answer.Result == RemoteWriteResult.Timeout && ++_timeouts % 2 == 0 && samples > MinAdaptedSamples)
        {
            Shrink(samples, MinAdaptedSamples);
            Split(refused: false);
        }

        return pause;
    }

    private void Shrink(int samples, int least)
    {
        _takenInRow = 0;
        _maxSamples = Math.Clamp(samples / 2, Math.Min(least, _options.MaxSamplesPerRequest), _maxSamples);
    }

    private bool Split(bool refused)
    {
        if (!_parts.Split(refused)) return false;
        BeginPart();
        return true;
    }

    private void Pop()
    {
        _parts.Pop();
        BeginPart();
    }

    /// <summary>Counts at once when something of the page was taken; else when it is done with, for it may be read again as a whole.</summary>
    private void GiveUp(in PagePart part, int samples, GiveUpReason reason, in WriteAnswer answer, bool isBad)
    {
        _tentative.Add(new Tentative(part, samples, reason, answer, isBad));
        Pop();
        if (_anyTaken) CommitTentative();
    }

    /// <summary>The first part of a page was taken: what was called bad before is asked once more, for the target may have been mended meanwhile.</summary>
    private void AskAgain()
    {
        for (var i = _tentative.Count - 1; i >= 0; i--)
        {
            if (!_tentative[i].IsBad) continue;
            _parts.Push(_tentative[i].Part);
            _tentative.RemoveAt(i);
        }

        CommitTentative();
    }

    private void CommitTentative()
    {
        foreach (var given in _tentative)
        {
            var series = _parts.Page.Series[_parts.SeriesOf(given.Part)[0]];
            // With nothing taken it is not the series that is at fault.
            if (given.Part.SeriesCount == 1 && _anyTaken && given.Reason != GiveUpReason.OutOfBounds) _suspects.Add(series);
            _tally.GaveUp(given.Reason, given.Samples, series.SampleName, given.Answer.Fault);
        }

        _tentative.Clear();
    }

    private async Task<TimeSpan> CloseAsync(CancellationToken cancellationToken)
    {
        if (_tentative.Find(given => given.IsBad) is { IsBad: true } bad)
        {
            if (!_isProven && _holds < MaxHolds) return Hold(bad.Answer);
            _tally.Recovered();
            (_isProven, _holds) = (false, 0);
        }

        CommitTentative();

        if (_anyConflict) _conflictPatience = _anyTaken ? MaxFruitless : Math.Max(MinFruitless, _conflictPatience / 2);
        await _backlogs.DoneAsync(_name, _parts.Kind, _parts.Page.Covered, cancellationToken);
        _mayBeRepeated = false;
        Drop();
        return TimeSpan.Zero;
    }

    /// <summary>Samples given up unless the whole page is read again.</summary>
    /// <param name="Part">Where they are.</param>
    /// <param name="Samples">Their number.</param>
    /// <param name="Reason">Why.</param>
    /// <param name="Answer">What the target said.</param>
    /// <param name="IsBad">The target calls them bad; else they contradict what it has.</param>
    private readonly record struct Tentative(PagePart Part, int Samples, GiveUpReason Reason, WriteAnswer Answer, bool IsBad);
}
