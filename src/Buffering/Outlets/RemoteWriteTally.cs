using Microsoft.Extensions.Logging;

namespace Gateway.Buffering.Outlets;

/// <summary>
/// Counts and state of one target, and its lines in the log: a failure that lasts is logged once, with a reminder an hour and a line when it is over. Written
/// by the loop of the target, read by anybody.
/// </summary>
internal sealed class RemoteWriteTally(RemoteWriteTargetOptions options, TimeProvider time, ILogger logger)
{
    /// <summary>Samples given up are logged at once, then summed up for so long.</summary>
    private static readonly TimeSpan GiveUpInterval = TimeSpan.FromMinutes(10);

    private static readonly TimeSpan ReminderInterval = TimeSpan.FromHours(1);

    private readonly Lock _lock = new();
    private readonly string _target = options.EffectiveName;
    private readonly string _address = options.Shown;
    private readonly long[] _requests = new long[Enum.GetValues<RemoteWriteResult>().Length];
    private readonly GivenUp[] _givenUp = [.. Enum.GetValues<GiveUpReason>().Select(_ => new GivenUp())];
    private long _samples;
    private long _bytes;
    private long _retries;
    private DateTimeOffset? _lastSuccess;
    private DateTimeOffset? _pausedUntil;
    private string? _fault;
    private RemoteWriteResult _faultResult;
    private long _failures;
    private long _faultStart;
    private long _faultLogged;

    /// <summary>The numbers of this moment.</summary>
    /// <param name="backlog">By kind.</param>
    public RemoteWriteFigures Figures(IReadOnlyList<BacklogSize> backlog)
    {
        lock (_lock)
        {
            return new RemoteWriteFigures
            {
                Target = _target,
                Address = _address,
                SamplesSent = _samples,
                BytesSent = _bytes,
                Requests = [.. _requests],
                Retries = _retries,
                GivenUpSamples = [.. _givenUp.Select(part => part.Samples)],
                Backlog = backlog,
                LastSuccess = _lastSuccess,
                PausedUntil = _pausedUntil > time.GetUtcNow() ? _pausedUntil : null,
                Fault = _fault,
            };
        }
    }

    /// <summary>A request was made.</summary>
    public void Request(RemoteWriteResult result, int samples, int bytes, bool isRetry)
    {
        lock (_lock)
        {
            _requests[(int)result]++;
            if (result != RemoteWriteResult.LocalFault) _bytes += bytes;
            if (isRetry) _retries++;
            if (result != RemoteWriteResult.Delivered) return;
            _samples += samples;
            _lastSuccess = time.GetUtcNow();
        }
    }

    /// <summary>The target answers to what is sent again: taken or not, that is about samples.</summary>
    public void Recovered()
    {
        long failures;
        double seconds;
        lock (_lock)
        {
            _pausedUntil = null;
            if (_failures == 0) return;
            (failures, seconds) = (_failures, time.GetElapsedTime(_faultStart).TotalSeconds);
            (_fault, _failures) = (null, 0);
        }

        logger.RemoteWriteRecovered(_target, failures, seconds);
    }

    /// <summary>An attempt failed, and a pause follows.</summary>
    /// <param name="answer">What came of it.</param>
    /// <param name="pause">Until the next attempt.</param>
    /// <param name="mustAct">Waiting alone will not mend it.</param>
    public void Failed(in WriteAnswer answer, TimeSpan pause, bool mustAct)
    {
        var now = time.GetTimestamp();
        long failures;
        bool isNew;
        lock (_lock)
        {
            if (_failures++ == 0) _faultStart = now;
            isNew = _failures == 1 || _faultResult != answer.Result;
            (_fault, _faultResult, _pausedUntil) = (answer.Fault, answer.Result, time.GetUtcNow() + pause);
            failures = _failures;
            if (!isNew && time.GetElapsedTime(_faultLogged, now) < ReminderInterval) return;
            _faultLogged = now;
        }

        if (!isNew) logger.RemoteWriteStillFailing(_target, answer.Fault, failures);
        else if (mustAct) logger.RemoteWriteRefused(_target, answer.Fault, pause);
        else logger.RemoteWriteFailed(_target, answer.Fault);
    }

    /// <summary>Samples are given up.</summary>
    public void GaveUp(GiveUpReason reason, int samples, string series, string fault)
    {
        var now = time.GetTimestamp();
        long sum;
        lock (_lock)
        {
            var part = _givenUp[(int)reason];
            part.Samples += samples;
            part.NotLogged += samples;
            if (part.LastLine is { } last && time.GetElapsedTime(last, now) < GiveUpInterval) return;
            (sum, part.NotLogged, part.LastLine) = (part.NotLogged, 0, now);
        }

        logger.RemoteWriteGaveUp(_target, sum, reason, series, fault);
    }

    private sealed class GivenUp
    {
        public long Samples { get; set; }

        public long NotLogged { get; set; }

        public long? LastLine { get; set; }
    }
}
