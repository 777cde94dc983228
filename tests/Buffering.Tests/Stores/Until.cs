namespace Gateway.Buffering.Tests.Stores;

/// <summary>Waits for work that other threads do beside the test.</summary>
internal static class Until
{
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(30);

    /// <summary>Comes back as soon as it is true.</summary>
    /// <exception cref="TimeoutException">It never was.</exception>
    public static async Task TrueAsync(Func<bool> condition, Func<string>? why = null)
    {
        var start = TimeProvider.System.GetTimestamp();
        while (!condition())
        {
            if (TimeProvider.System.GetElapsedTime(start) > Limit) throw new TimeoutException(why?.Invoke() ?? "What the test waits for did not come.");
            await Task.Delay(TimeSpan.FromMilliseconds(1), TimeProvider.System);
        }
    }
}
