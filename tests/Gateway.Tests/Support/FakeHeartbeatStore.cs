using Gateway.Status;

namespace Gateway.Tests.Support;

/// <summary>Heartbeats of an earlier run, and those kept in this one.</summary>
internal sealed class FakeHeartbeatStore(DateTimeOffset firstStart) : IHeartbeatStore
{
    public Dictionary<(string Endpoint, string Consumer), DateTimeOffset> Kept { get; } = [];

    public bool IsLoaded { get; } = true;

    public DateTimeOffset FirstStart { get; } = firstStart;

    public IReadOnlyList<(string Endpoint, string Consumer, DateTimeOffset Time)> Load()
    {
        lock (Kept) return [.. Kept.Select(entry => (entry.Key.Endpoint, entry.Key.Consumer, entry.Value))];
    }

    public void Record(string endpoint, string consumer, DateTimeOffset time)
    {
        lock (Kept) Kept[(endpoint, consumer)] = time;
    }
}
