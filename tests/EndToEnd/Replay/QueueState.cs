using System.Text.Json;
using Gateway.EndToEnd.Parts;

namespace Gateway.EndToEnd.Replay;

/// <summary>Where a consumer stands at <c>/prom/metrics</c>, as <c>/prom/buffer</c> tells it: asking moves nothing.</summary>
/// <param name="State"><c>present</c>, <c>absent</c> or <c>replaying</c>.</param>
/// <param name="Backlog">Snapshots that it still has to get.</param>
/// <param name="DeliveredSnapshots">Since the start of the service.</param>
/// <param name="UnconfirmedPages">Pages that a query did not find, since the start.</param>
/// <param name="FailedPages">Pages whose answer did not get through, since the start.</param>
/// <param name="OnShelf">Snapshots of the collectors on the shelf, of all consumers.</param>
internal sealed record QueueState(string State, long Backlog, long DeliveredSnapshots, long UnconfirmedPages, long FailedPages, long OnShelf)
{
    public static async Task<QueueState> OfAsync(GatewayProcess gateway, string consumer = "default")
    {
        using var client = gateway.Client(Http.Checker);
        using var document = JsonDocument.Parse(await client.GetStringAsync("/prom/buffer"));
        var queue = document.RootElement.GetProperty("consumers").EnumerateArray().Single(
            one => one.GetProperty("consumer").GetString() == consumer && one.GetProperty("endpoint").GetString() == "/prom/metrics");
        return new QueueState(
            queue.GetProperty("state").GetString() ?? "",
            queue.GetProperty("backlog_snapshots").GetInt64(),
            queue.GetProperty("delivered_snapshots").GetInt64(),
            queue.GetProperty("unconfirmed_pages").GetInt64(),
            queue.GetProperty("failed_pages").GetInt64(),
            document.RootElement.GetProperty("store").GetProperty("set_aside").GetProperty("metrics").GetProperty("snapshots").GetInt64());
    }

    /// <summary>Waits until a consumer stands as wished.</summary>
    public static Task UntilAsync(ReplayParts parts, string what, Func<QueueState, bool> condition, string consumer = "default", TimeSpan? limit = null)
    {
        QueueState? last = null;
        return Poll.UntilAsync(
            what, async () => condition(last = await OfAsync(parts.Gateway, consumer)), limit, () => $"{last}\n{parts.Evidence()}");
    }
}
