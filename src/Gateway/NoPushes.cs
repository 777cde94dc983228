using Gateway.Exposition;
using Gateway.Http;
using Gateway.Scrape;
using Gateway.Status;

namespace Gateway;

internal sealed class NoPushes : IPushedSamples, IHeartbeatStore
{
    public DateTimeOffset FirstStart { get; } = TimeProvider.System.GetUtcNow();

    public IReadOnlyList<(string Endpoint, string Consumer, DateTimeOffset Time)> Load() => [];

    public void Record(string endpoint, string consumer, DateTimeOffset time)
    {
    }

    public ScrapeResult Take() => new(new BatchMerger(), () => { });
}
