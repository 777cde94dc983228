namespace Gateway.Sqlite;

/// <summary>Pauses between attempts: one second, doubled up to a limit. Not thread-safe.</summary>
public sealed class RetryPause(TimeSpan longest)
{
    private static readonly TimeSpan First = TimeSpan.FromSeconds(1);

    /// <summary>The pause that runs or would come next.</summary>
    public TimeSpan Current { get; private set; } = First;

    /// <summary>Takes the next pause.</summary>
    public TimeSpan Next()
    {
        var pause = Current;
        Current = pause * 2 < longest ? pause * 2 : longest;
        return pause;
    }

    public void Reset() => Current = First;
}
