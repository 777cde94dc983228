using Gateway.State;
using Gateway.Status;

namespace Gateway;

/// <summary>Adapter: heartbeats are kept in the state database.</summary>
internal sealed class PersistedHeartbeats(StateStore state) : IHeartbeatStore
{
    public bool IsLoaded => state.IsLoaded;

    public DateTimeOffset FirstStart => DateTimeOffset.FromUnixTimeMilliseconds(state.FirstStartUnixMs);

    public IReadOnlyList<(string Endpoint, string Consumer, DateTimeOffset Time)> Load() =>
        [.. state.LoadScrapes().Select(record => (record.Endpoint, record.Consumer, DateTimeOffset.FromUnixTimeMilliseconds(record.UnixMs)))];

    public void Record(string endpoint, string consumer, DateTimeOffset time) => state.RecordScrape(endpoint, consumer, time.ToUnixTimeMilliseconds());
}
