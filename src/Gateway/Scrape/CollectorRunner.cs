using System.Collections.Concurrent;
using System.Diagnostics.CodeAnalysis;
using Gateway.Collectors;
using Gateway.Exposition;
using Gateway.Logging;

namespace Gateway.Scrape;

/// <summary>
/// Runs one collector: never twice at a time, within a time limit, on a thread of its own so that a hang holds up nobody. Whoever asks while a run is under
/// way gets that run. A run that does not end in time is left behind; until it returns, the collector is skipped. Never throws for a collector's fault.
/// </summary>
internal sealed class CollectorRunner(CollectorRegistration registration, TimeProvider time, FailureLog failures, ILogger logger) : IDisposable
{
    /// <summary>Batches kept for later runs: one being filled, one being written, one held by a slow reader.</summary>
    private const int MaxIdleBatches = 3;

    private readonly Lock _lock = new();
    private readonly ConcurrentBag<SampleBatch> _idle = [];
    private readonly MetricSink _sink = new(registration.MaxSamples);
    private readonly CancellationTokenSource _stopping = new();

    private Task<CollectorRun>? _current;
    private long _currentStart;
    private TimeSpan _currentLimit;
    private int _waiters;
    private bool _abandoned;
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
            return await run.WaitAsync(limit, time, cancellationToken);
        }
        catch (TimeoutException)
        {
            Leave(run);
            return new CollectorRun(CollectorOutcome.TimedOut, limit);
        }
        catch (OperationCanceledException)
        {
            Leave(run);
            throw;
        }
    }

    /// <summary>Cancels the run under way, if any.</summary>
    public void Cancel() => _stopping.Cancel();

    public CollectorState GetState(DateTimeOffset? nextRun = null)
    {
        lock (_lock)
        {
            DateTimeOffset? runningSince = _current is null ? null : time.GetUtcNow() - time.GetElapsedTime(_currentStart);
            return new CollectorState(
                Name, Registration.Summary, _outcome, _lastError, _duration, _lastRun, _lastSuccess, _samples, _skips, _duplicates, _faults, _faultCount,
                runningSince, Registration.Schedule, nextRun);
        }
    }

    /// <summary>Cancels what runs; the collector itself is disposed of when its run has ended.</summary>
    public void Dispose()
    {
        lock (_lock)
        {
            if (_disposed) return;
            _disposed = true;
            _stopping.Cancel();
            if (_current is null) DisposeCollector();
        }
    }

    /// <summary>False when an earlier run was left behind and has not returned, or the collector is taken out.</summary>
    private bool TryJoinOrStart(TimeSpan limit, [NotNullWhen(true)] out Task<CollectorRun>? run)
    {
        lock (_lock)
        {
            if (_current is null && !_disposed)
            {
                _currentStart = time.GetTimestamp();
                _currentLimit = limit;
                _lastRun = time.GetUtcNow();
                _abandoned = false;
                _waiters = 1;
                run = _current = Task.Run(() => ExecuteAsync(limit), CancellationToken.None);
                return true;
            }

            if (_current is not null && !_abandoned && !_disposed)
            {
                _waiters++;
                run = _current;
                return true;
            }

            _skips++;
            _outcome = CollectorOutcome.Skipped;
            _lastError ??= "an earlier run has not returned";
            run = null;
            return false;
        }
    }

    private async Task<CollectorRun> ExecuteAsync(TimeSpan limit)
    {
        var batch = _idle.TryTake(out var idle) ? idle : new SampleBatch();
        var (outcome, error) = (CollectorOutcome.Success, (Exception?)null);
        using var deadline = new CancellationTokenSource(limit, time);
        using var linked = CancellationTokenSource.CreateLinkedTokenSource(deadline.Token, _stopping.Token);
        _sink.Begin(batch);
        try
        {
            await Registration.Collector.CollectAsync(_sink, linked.Token);
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
                OperationCanceledException when deadline.IsCancellationRequested => CollectorOutcome.TimedOut,
                _ => CollectorOutcome.Failed,
            };
        }

        return Finish(outcome, error, batch);
    }

    private CollectorRun Finish(CollectorOutcome outcome, Exception? error, SampleBatch batch)
    {
        var duration = time.GetElapsedTime(_currentStart);
        var duplicates = batch.DuplicateCount;
        var firstDuplicate = batch.FirstDuplicate?.ToString();
        CollectorRun result;
        lock (_lock)
        {
            var tooLate = _abandoned;
            if (tooLate) logger.CollectorReturned(Name, duration.TotalSeconds);
            _current = null;
            _abandoned = false;
            _sink.End();
            var success = outcome == CollectorOutcome.Success && !tooLate;
            var holders = _waiters;
            if (!tooLate)
            {
                _outcome = outcome;
                _duration = duration;
                _lastError = error is null ? null : Describe(outcome, error, duration);
                _faultCount = success ? _sink.FaultCount : 0;
                _faults = success && _sink.FaultCount > 0 ? [.. _sink.Faults] : [];
            }

            if (success)
            {
                _lastSuccess = time.GetUtcNow();
                _samples = batch.SampleCount;
                _duplicates += duplicates;
                result = new CollectorRun(outcome, duration, batch, holders, GiveBack);
            }
            else
            {
                result = new CollectorRun(tooLate ? CollectorOutcome.TimedOut : outcome, duration, holders: holders);
            }

            if (!success || holders == 0) GiveBack(batch);

            if (_disposed) DisposeCollector();
        }

        Log(outcome, error, duration, duplicates, firstDuplicate);
        return result;
    }

    private void Log(CollectorOutcome outcome, Exception? error, TimeSpan duration, int duplicates, string? firstDuplicate)
    {
        if (outcome == CollectorOutcome.NoData) logger.CollectorNoData(Name, error?.Message ?? "");
        else if (error is not null && !_stopping.IsCancellationRequested) failures.Report(Name, Describe(outcome, error, duration), outcome == CollectorOutcome.Failed ? error : null);
        else if (error is null) failures.Recovered(Name);

        if (_faults.Length > 0) failures.Report(Name + "/part", $"{_faultCount} part(s) could not be read: {_faults[0]}");
        else failures.Recovered(Name + "/part");
        if (duplicates > 0) failures.Report(Name + "/duplicates", $"{duplicates} sample(s) left out because their series came twice, first {firstDuplicate}");
        else failures.Recovered(Name + "/duplicates");
    }

    /// <summary>
    /// A caller waits no longer. If the run has used up its own time as well, it has not answered its cancellation: it is left behind. (A short scrape that
    /// joined the run of a longer one goes away without judging it.)
    /// </summary>
    private void Leave(Task<CollectorRun> run)
    {
        var leftBehind = false;
        lock (_lock)
        {
            if (ReferenceEquals(_current, run))
            {
                _waiters--;
                if (!_abandoned && time.GetElapsedTime(_currentStart) >= _currentLimit)
                {
                    leftBehind = _abandoned = true;
                    _outcome = CollectorOutcome.TimedOut;
                    _duration = _currentLimit;
                    _lastError = $"did not end within {_currentLimit.TotalSeconds:0.###} s and has not returned; it is skipped until it does";
                }
            }
            else
            {
                // It ended between the end of the wait and this lock, and counted this caller as a holder.
                run.GetAwaiter().GetResult().Release();
            }
        }

        if (leftBehind) failures.Report(Name, $"did not end within {_currentLimit.TotalSeconds:0.###} s; it is skipped until it returns");
    }

    private void GiveBack(SampleBatch batch)
    {
        if (_idle.Count >= MaxIdleBatches) return;
        batch.Clear();
        _idle.Add(batch);
    }

    private void DisposeCollector() => (Registration.Collector as IDisposable)?.Dispose();

    private static string Describe(CollectorOutcome outcome, Exception error, TimeSpan duration) => outcome switch
    {
        CollectorOutcome.TimedOut => $"did not end in time; stopped after {duration.TotalSeconds:0.###} s",
        _ => error.Message,
    };
}
