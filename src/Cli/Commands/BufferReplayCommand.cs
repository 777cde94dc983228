using System.Globalization;
using Gateway.Cli.Arguments;

namespace Gateway.Cli.Commands;

/// <summary><c>buffer replay</c> and its short form <c>replay</c>: what was delivered is offered again.</summary>
internal sealed class BufferReplayCommand(string name) : Command
{
    public override string Name => name;

    public override string Summary => name == "replay" ? "short for buffer replay" : "offer snapshots again that were delivered already";

    public override IReadOnlyList<string> Description =>
    [
        "Snapshots stay in the buffer until space or age takes them, delivered or not. This has the gateway offer those of a time to a consumer once more: after a Prometheus lost its data, or when it was restored from an older backup.",
        "What a Prometheus takes by scrape is bounded by its age: without an out-of-order window the last 55 minutes. For older data see gatewayctl export.",
    ];

    public override IReadOnlyList<Option> Options =>
        [CommonOptions.Since, CommonOptions.Until, CommonOptions.Consumer, CommonOptions.Socket, CommonOptions.Url, CommonOptions.Json];

    public override IReadOnlyList<(string Line, string Purpose)> Examples => [("gatewayctl buffer replay --since 50m", "Prometheus lost its data a moment ago")];

    public override Task<int> RunAsync(Invocation invocation, CancellationToken cancellationToken)
    {
        var (since, until) = (invocation.Time(CommonOptions.Since), invocation.Time(CommonOptions.Until));
        if (since > until) throw CliException.Usage($"{CommonOptions.Since.Name} is later than {CommonOptions.Until.Name}");
        return BufferStartCommand.PostAsync(
            invocation, "replay", [new("since", since.ToString(CultureInfo.InvariantCulture)), new("until", until.ToString(CultureInfo.InvariantCulture))], cancellationToken);
    }
}
