using System.Text.Json;
using Gateway.EndToEnd.Parts;

namespace Gateway.EndToEnd.Replay;

/// <summary>How the only target of remote write does, as <c>/prom/buffer</c> tells it.</summary>
/// <param name="Fault">Empty when nothing is wrong.</param>
/// <param name="SamplesSent">Since the start of the service.</param>
/// <param name="Backlog">Samples of the collectors that it still has to get.</param>
/// <param name="GivenUp">Samples given up for any reason, since the start.</param>
internal sealed record TargetState(string Fault, long SamplesSent, long Backlog, long GivenUp)
{
    public static async Task<TargetState> OfAsync(GatewayProcess gateway)
    {
        using var client = gateway.Client(Http.Checker);
        using var document = JsonDocument.Parse(await client.GetStringAsync("/prom/buffer"));
        var target = document.RootElement.GetProperty("remote_write").EnumerateArray().Single();
        return new TargetState(
            target.GetProperty("fault").GetString() ?? "",
            target.GetProperty("samples_sent").GetInt64(),
            target.GetProperty("backlog_samples").GetProperty("metrics").GetInt64(),
            target.GetProperty("given_up_samples").EnumerateObject().Sum(reason => reason.Value.GetInt64()));
    }

    /// <summary>Waits until it does as wished.</summary>
    public static Task UntilAsync(ReplayParts parts, string what, Func<TargetState, bool> condition)
    {
        TargetState? last = null;
        return Poll.UntilAsync(what, async () => condition(last = await OfAsync(parts.Gateway)), evidence: () => $"{last}\n{parts.Evidence()}");
    }
}
