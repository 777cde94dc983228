using Xunit.Sdk;

namespace Gateway.EndToEnd.Parts;

/// <summary>Waiting for something that another process does: asks again and again, up to a deadline, and says what it waited for when it gives up.</summary>
internal static class Poll
{
    /// <summary>Long enough for a busy machine of two cores; a wait that succeeds never takes it.</summary>
    public static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);

    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(20);

    /// <summary>Waits until the condition holds. An exception of it counts as "not yet" and is shown at the end.</summary>
    public static async Task UntilAsync(string what, Func<Task<bool>> condition, TimeSpan? limit = null, Func<string>? evidence = null)
    {
        var start = TimeProvider.System.GetTimestamp();
        Exception? last = null;
        do
        {
            try
            {
                if (await condition()) return;
                last = null;
            }
            catch (Exception e) when (e is not XunitException)
            {
                last = e;
            }

            await Task.Delay(Pause, TimeProvider.System);
        }
        while (TimeProvider.System.GetElapsedTime(start) < (limit ?? Patience));
        throw new XunitException($"Waited {limit ?? Patience} for: {what}. {last}\n{evidence?.Invoke()}");
    }

    /// <inheritdoc cref="UntilAsync(string, Func{Task{bool}}, TimeSpan?, Func{string})"/>
    public static Task UntilAsync(string what, Func<bool> condition, TimeSpan? limit = null, Func<string>? evidence = null) =>
        UntilAsync(what, () => Task.FromResult(condition()), limit, evidence);

    /// <summary>A token that is cancelled after a time, so that nothing waits for ever.</summary>
    public static CancellationToken Deadline(TimeSpan? limit = null) => new CancellationTokenSource(limit ?? Patience, TimeProvider.System).Token;
}
