namespace Gateway.Buffering;

/// <summary>
/// Pauses between attempts that grow: doubled each time up to a limit, with jitter, so that many boxes do not come back at one instant. Not thread-safe.
/// </summary>
/// <param name="shortest">The first pause.</param>
/// <param name="longest">No pause is longer.</param>
/// <param name="random">Source of the jitter; a seeded one makes the pauses the same each time.</param>
public sealed class Backoff(TimeSpan shortest, TimeSpan longest, Random random)
{
    private TimeSpan _next;

    /// <summary>Pauses taken since the last success.</summary>
    public int Attempts { get; private set; }

    /// <summary>Takes the next pause: between a half of the step and the whole step.</summary>
    public TimeSpan Next()
    {
        var wanted = Attempts == 0 ? shortest : _next;
        var step = wanted < longest ? wanted : longest;
        // Halves are compared, so that the doubling never overflows.
        _next = step > longest / 2 ? longest : step * 2;
        Attempts++;
        return (step / 2) + (step / 2 * random.NextDouble());
    }

    /// <summary>It worked: the next pause is the shortest again.</summary>
    public void Reset() => Attempts = 0;

    /// <summary>Takes the next pause and waits for its end by a clock.</summary>
    public Task WaitAsync(TimeProvider time, CancellationToken cancellationToken) => Task.Delay(Next(), time, cancellationToken);
}
