namespace Gateway.Buffering.Outlets;

/// <summary>Wakes one loop. Any thread sets it, any number of times; one loop waits.</summary>
internal sealed class WakeSignal
{
    private volatile TaskCompletionSource _set = New();

    /// <summary>Wakes the loop, or keeps it from its next sleep.</summary>
    public void Set() => _set.TrySetResult();

    /// <summary>Waits until it is set or the time is over, and clears it.</summary>
    /// <exception cref="OperationCanceledException">The token was cancelled.</exception>
    public async Task WaitAsync(TimeSpan longest, TimeProvider time, CancellationToken cancellationToken)
    {
        try
        {
            await _set.Task.WaitAsync(longest, time, cancellationToken);
        }
        catch (TimeoutException)
        {
            return;
        }

        _set = New();
    }

    private static TaskCompletionSource New() => new(TaskCreationOptions.RunContinuationsAsynchronously);
}
