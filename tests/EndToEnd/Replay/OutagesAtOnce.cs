namespace Gateway.EndToEnd.Replay;

/// <summary>
/// Runs outages side by side: they wait most of the time, and one after the other would take minutes. All begin with the first test that asks for one; each test
/// then judges its own. What an outage returns are its figures, for the output of the test.
/// </summary>
public sealed class OutagesAtOnce
{
    private readonly Lock _lock = new();
    private Dictionary<string, Task<string>>? _running;

    internal Task<string> RunAsync(IReadOnlyDictionary<string, Func<Task<string>>> outages, string name)
    {
        lock (_lock)
        {
            _running ??= outages.ToDictionary(outage => outage.Key, outage => Task.Run(outage.Value), StringComparer.Ordinal);
            return _running[name];
        }
    }
}
