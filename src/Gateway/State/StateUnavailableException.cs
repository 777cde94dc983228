namespace Gateway.State;

/// <summary>The state cannot be written now: disk full, read-only, I/O error, queue full, stopping. The environment's fault: 503 with Retry-After.</summary>
/// <param name="reason">What is wrong, one plain sentence.</param>
/// <param name="retryAfter">When another attempt makes sense.</param>
/// <param name="inner">What the database or the operating system said.</param>
internal sealed class StateUnavailableException(string reason, TimeSpan retryAfter, Exception? inner = null) : Exception(reason, inner)
{
    /// <summary>When another attempt makes sense; at least one second.</summary>
    public TimeSpan RetryAfter { get; } = retryAfter;
}

/// <summary>Another process holds the state directory. The start fails.</summary>
/// <param name="directory">The directory.</param>
/// <param name="processId">The holder as written in the lock file; null when it cannot be read.</param>
internal sealed class StateInUseException(string directory, int? processId) : Exception(
    $"The state directory {directory} is in use by {(processId is { } id ? $"process {id}" : "another process")}; " +
    "stop that process or give this one a directory of its own (Gateway:StateDirectory).")
{
    /// <summary>The holder; null when its number cannot be read.</summary>
    public int? ProcessId { get; } = processId;
}
