using Xunit;

namespace Gateway.Tests.Support;

/// <summary>Waits for what other threads do, without sleeping: yields until it is so. The bound is for hangs only; no test depends on its length.</summary>
internal static class Eventually
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(20);

    public static async Task TrueAsync(Func<bool> condition, string what)
    {
        var start = TimeProvider.System.GetTimestamp();
        while (!condition())
        {
            if (TimeProvider.System.GetElapsedTime(start) > Patience) Assert.Fail($"never happened: {what}");
            await Task.Yield();
        }
    }

    /// <summary>Waits for a task, but not for ever.</summary>
    public static Task<T> InTime<T>(this Task<T> task) => task.WaitAsync(Patience, TimeProvider.System);

    /// <summary>Waits for a task, but not for ever.</summary>
    public static Task InTime(this Task task) => task.WaitAsync(Patience, TimeProvider.System);
}
