using System.Collections.Concurrent;
using System.Diagnostics.CodeAnalysis;
using Gateway.Collectors;
using Gateway.Exposition;
using Gateway.Logging;

namespace Gateway.Scrape;

/// <summary>
/// Runs one collector: never twice at a time, within a time limit, on a lane so that a hang holds up nobody. Whoever asks while a run is under
/// way gets that run. A run that does not end in time is left behind; until it returns, the collector is skipped. Never throws for a collector's fault.
/// </summary>
internal sealed class CollectorRunner(CollectorRegistration registration, CollectorLanes lanes, TimeProvider time, FailureLog failures, ILogger logger) : IDisposable
{
    /// <summary>Batches kept for later runs: one being filled, one being written, one held by a slow reader.</summary>
    private const int MaxIdleBatches = 3;

    // Subjects of the failure log.
    private readonly string _part = registration.Name + "/part";
    private readonly string _duplicateSeries = registration.Name + "/duplicates";
    private readonly string _clean = registration.Name + "/end";

    private readonly Lock _lock = new();
    private readonly ConcurrentBag<SampleBatch> _idle = [];
    private readonly MetricSink _sink = new(registration.MaxSamples);

    private ActiveRun? _current;
    private bool _closed;
    private bool _disposed;

    private CollectorOutcome _outcome;
    private string? _lastError;
    private TimeSpan _duration;
    private DateTimeOffset? _lastRun;
    private DateTimeOffset? _lastSuccess;
    private int _samples;
    private long _skips;
    private long _duplicates;
    private string[] _faults = [];
    private int _faultCount;

    public CollectorRegistration Registration { get; } = registration;

    public string Name => Registration.Name;

    /// <summary>Runs the collector, or waits for the run under way. The caller holds the result and releases it.</summary>
    /// <param name="limit">Longest wait; the run itself is bounded by the collector's own timeout, too.</param>
    /// <param name="cancellationToken">Ends the waiting, not the run: others may wait for it as well.</param>
    public async Task<CollectorRun> RunAsync(TimeSpan limit, CancellationToken cancellationToken)
    {
        if (limit > Registration.Timeout) limit = Registration.Timeout;
        if (!TryJoinOrStart(limit, out var run)) return new CollectorRun(CollectorOutcome.Skipped, TimeSpan.Zero);
        try
        {
            return await run.Result.WaitAsync(limit, time, cancellationToken);
        }
        catch (TimeoutException)
        {
            Leave(run);
            // The timer of the run may come a little later than the one of this wait; what is reported about this scrape must not depend on that.
            Expire(run);
            return new CollectorRun(CollectorOutcome.TimedOut, limit);
        }
        catch (OperationCanceledException)
        {
            Leave(run);
            throw;
        }
    }

    /// <summary>Cancels the run under way, if any, and starts no other. Returns at once: what a collector does when it is cancelled is its own affair.</summary>
    public void Cancel()
    {
        ActiveRun? run;
        lock (_lock)
        {
            _closed = true;
            run = _current;
        }

        if (run is not null) _ = Task.Run(() => CancelQuietly(run), CancellationToken.None);
    }

    public CollectorState GetState(DateTimeOffset? nextRun = null)
    {
        lock (_lock)
        {
            DateTimeOffset? runningSince = _current is null ? null : time.GetUtcNow() - _current.Elapsed;
            return new CollectorState(
                Name, Registration.Summary, _outcome, _lastError, _duration, _lastRun, _lastSuccess, _samples, _skips, _duplicates, _faults, _faultCount,
                runningSince, Registration.Schedule, nextRun);
        }
    }

    /// <summary>Cancels what runs; the collector itself is disposed of when its run has ended.</summary>
    public void Dispose()
    {
        bool idle;
        lock (_lock)
        {
            if (_disposed) return;
            _disposed = true;
            idle = _current is null;
        }

        Cancel();
        if (idle) DisposeCollector();
    }

    /// <summary>False when an earlier run was left behind and has not returned, or the collector is taken out.</summary>
    private bool TryJoinOrStart(TimeSpan limit, [NotNullWhen(true)] out ActiveRun? run)
    {
        lock (_lock)
        {
            run = null;
            if (_closed) return false;
            if (_current is null)
            {
                _lastRun = time.GetUtcNow();
                var started = run = _current = new ActiveRun(time, Expire) { Waiters = 1 };
                started.ExtendTo(limit);
                started.Result = lanes.RunAsync(() => ExecuteAsync(started));
                return true;
            }

            if (!_current.IsLeftBehind)
            {
                run = _current;
                run.Waiters++;
                // A short scrape must not cost a long one that joins it the collector.
                var end = run.Elapsed + limit;
                run.ExtendTo(end < Registration.Timeout ? end : Registration.Timeout);
                return true;
            }

            _skips++;
            _outcome = CollectorOutcome.Skipped;
            _lastError ??= "an earlier run has not returned";
            return false;
        }
    }

    private async Task<CollectorRun> ExecuteAsync(ActiveRun run)
    {
        var start = time.GetTimestamp();
        var batch = _idle.TryTake(out var idle) ? idle : new SampleBatch();
        var (outcome, error) = (CollectorOutcome.Success, (Exception?)null);
        _sink.Begin(batch);
        try
        {
            await Registration.Collector.CollectAsync(_sink, run.Token);
            if (_sink.IsOverLimit) throw new SampleLimitException(Registration.MaxSamples);
        }
        catch (Exception e)
        {
            error = e;
            outcome = e switch
            {
                NoDataException => CollectorOutcome.NoData,
                SampleLimitException => CollectorOutcome.OverLimit,
                _ when _sink.IsOverLimit => CollectorOutcome.OverLimit,
                _ => CollectorOutcome.Failed,
            };
        }

        return Finish(run, time.GetElapsedTime(start), outcome, error, batch);
    }

    private CollectorRun Finish(ActiveRun run, TimeSpan duration, CollectorOutcome outcome, Exception? error, SampleBatch batch)
    {
        var (duplicates, firstDuplicate) = (batch.DuplicateCount, batch.FirstDuplicate?.ToString());
        CollectorRun result;
        bool tooLate, stopped, last;
        string[] faults;
        int faultCount;
        lock (_lock)
        {
            (tooLate, stopped, last) = (run.IsLeftBehind, _closed, _disposed);
            _current = null;
            _sink.End();
            var success = outcome == CollectorOutcome.Success && !tooLate;
            faults = success && _sink.FaultCount > 0 ? [.. _sink.Faults] : [];
            faultCount = success ? _sink.FaultCount : 0;
            _duration = duration;
            if (tooLate)
            {
                _lastError = $"did not end within {run.Limit.TotalSeconds:0.###} s; it returned after {duration.TotalSeconds:0.###} s";
            }
            else
            {
                _outcome = outcome;
                _lastError = error?.Message;
                (_faults, _faultCount) = (faults, faultCount);
            }

            if (success)
            {
                _lastSuccess = time.GetUtcNow();
                _samples = batch.SampleCount;
                _duplicates += duplicates;
                result = new CollectorRun(outcome, duration, batch, run.Waiters, GiveBack);
            }
            else
            {
                result = new CollectorRun(tooLate ? CollectorOutcome.TimedOut : outcome, duration, holders: run.Waiters);
            }

            if (!success || run.Waiters == 0) GiveBack(batch);
        }

        run.Dispose();
        if (last) DisposeCollector();
        if (tooLate) logger.CollectorReturned(Name, duration.TotalSeconds);
        else if (!stopped) Log(outcome, error, duplicates, firstDuplicate, faults, faultCount);
        return result;
    }

    private void Log(CollectorOutcome outcome, Exception? error, int duplicates, string? firstDuplicate, string[] faults, int faultCount)
    {
        if (outcome == CollectorOutcome.NoData) logger.CollectorNoData(Name, error?.Message ?? "");
        else if (error is not null) failures.Report(Name, error.Message, outcome == CollectorOutcome.Failed ? error : null);
        else failures.Recovered(Name);
        if (error is not null) return;

        if (faults.Length > 0) failures.Report(_part, $"{faultCount} part(s) could not be read: {faults[0]}");
        else failures.Recovered(_part);
        if (duplicates > 0) failures.Report(_duplicateSeries, $"{duplicates} sample(s) left out because their series came twice, first {firstDuplicate}");
        else failures.Recovered(_duplicateSeries);
    }

    /// <summary>A caller waits no longer.</summary>
    private void Leave(ActiveRun run)
    {
        lock (_lock)
        {
            if (ReferenceEquals(_current, run))
            {
                run.Waiters--;
                return;
            }
        }

        // It ended between the end of the wait and the lock, and counted this caller as a holder. Its task is about to complete.
        _ = ReleaseAsync(run.Result);

        static async Task ReleaseAsync(Task<CollectorRun> result) => (await result).Release();
    }

    /// <summary>
    /// Judges a run whose time may be up: one that has not returned is left behind and asked to end. (A short scrape that joined the run of a longer one goes
    /// away without judging it.)
    /// </summary>
    private void Expire(ActiveRun run)
    {
        string error;
        lock (_lock)
        {
            if (!ReferenceEquals(_current, run) || run.IsLeftBehind) return;
            if (!run.IsOver)
            {
                run.Arm();
                return;
            }

            run.IsLeftBehind = true;
            _outcome = CollectorOutcome.TimedOut;
            _duration = run.Limit;
            error = $"did not end within {run.Limit.TotalSeconds:0.###} s; it is skipped until it returns";
            _lastError = error;
            (_faults, _faultCount) = ([], 0);
        }

        failures.Report(Name, error);
        CancelQuietly(run);
    }

    /// <summary>Cancels; what the collector hung on its token may throw here, on a thread where that would end the process.</summary>
    private void CancelQuietly(ActiveRun run)
    {
        try
        {
            run.Cancel();
        }
        catch (Exception e)
        {
            failures.Report(_clean, "threw when its run was cancelled", e);
        }
    }

    private void GiveBack(SampleBatch batch)
    {
        if (_idle.Count >= MaxIdleBatches) return;
        batch.Clear();
        _idle.Add(batch);
    }

    private void DisposeCollector()
    {
        try
        {
            (Registration.Collector as IDisposable)?.Dispose();
        }
        catch (Exception e)
        {
            failures.Report(_clean, "threw when it was closed", e);
        }
    }
}
