using System.Globalization;
using System.Text.Json;
using Gateway.EndToEnd.Parts;

namespace Gateway.EndToEnd.Replay;

/// <summary>What <c>/prom/buffer</c> says of one consumer at one endpoint.</summary>
/// <param name="State"><c>present</c>, <c>absent</c> or <c>replaying</c>.</param>
/// <param name="Backlog">Snapshots it has still to get.</param>
/// <param name="DeliveredPages">Since the start of the service.</param>
/// <param name="FailedPages">Since the start of the service.</param>
/// <param name="UnconfirmedPages">Pages that a query did not find, since the start of the service.</param>
/// <param name="Appended">Snapshots that the buffer took since the start of the service, for anybody; each was durable when it was counted.</param>
internal sealed record ConsumerState(string State, long Backlog, long DeliveredPages, long FailedPages, long UnconfirmedPages, long Appended)
{
    public const string Metrics = "/prom/metrics";

    public const string Pushes = "/prom/deamon/metrics";

    public static async Task<ConsumerState> OfAsync(GatewayProcess gateway, string endpoint = Metrics)
    {
        using var checker = gateway.Client(Http.Checker);
        using var document = JsonDocument.Parse(await checker.GetStringAsync("/prom/buffer"));
        var queue = document.RootElement.GetProperty("consumers").EnumerateArray()
            .Single(one => one.GetProperty("consumer").GetString() == "default" && one.GetProperty("endpoint").GetString() == endpoint);
        return new ConsumerState(
            queue.GetProperty("state").GetString() ?? "", queue.GetProperty("backlog_snapshots").GetInt64(), queue.GetProperty("delivered_pages").GetInt64(),
            queue.GetProperty("failed_pages").GetInt64(), queue.GetProperty("unconfirmed_pages").GetInt64(),
            document.RootElement.GetProperty("store").GetProperty("appended_snapshots").GetInt64());
    }

    /// <summary>Waits for a state.</summary>
    public static Task ReachedAsync(ReplayParts parts, string state, string endpoint = Metrics, TimeSpan? limit = null)
    {
        ConsumerState? last = null;
        return Poll.UntilAsync(
            $"the consumer is {state} at {endpoint}", async () => (last = await OfAsync(parts.Gateway, endpoint)).State == state, limit,
            () => string.Create(CultureInfo.InvariantCulture, $"last: {last}\n{parts.Evidence()}"));
    }
}
