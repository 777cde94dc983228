using Gateway.Cli.Arguments;
using Gateway.Cli.Output;

namespace Gateway.Cli.Commands;

/// <summary><c>buffer start</c>: the gateway buffers, whatever it knows of Prometheus.</summary>
internal sealed class BufferStartCommand : Command
{
    public override string Name => "buffer start";

    public override string Summary => "have the gateway buffer now";

    public override IReadOnlyList<string> Description =>
    [
        "Tells the gateway that Prometheus is away, for a watchdog that knows it earlier than the gateway can. It takes a snapshot at once and then one per interval, until a scrape comes or buffer stop says otherwise. Without --consumer the order is for all known consumers.",
    ];

    public override IReadOnlyList<Option> Options => [CommonOptions.AnyConsumer, CommonOptions.Socket, CommonOptions.Url, CommonOptions.Json];

    public override Task<int> RunAsync(Invocation invocation, CancellationToken cancellationToken) => PostAsync(invocation, "start", [], cancellationToken);

    /// <summary>Posts an order for the consumer of the options and prints what the gateway says.</summary>
    public static async Task<int> PostAsync(
        Invocation invocation, string order, IEnumerable<KeyValuePair<string, string>> parameters, CancellationToken cancellationToken)
    {
        if ((invocation.Value(CommonOptions.Consumer) ?? invocation.Value(CommonOptions.AnyConsumer)) is { } consumer)
        {
            if (consumer.Length == 0) throw CliException.Usage($"{CommonOptions.Consumer.Name} needs a name");
            parameters = parameters.Append(new("consumer", consumer));
        }

        var query = string.Join('&', parameters.Select(parameter => $"{parameter.Key}={Uri.EscapeDataString(parameter.Value)}"));
        using var gateway = invocation.Connect();
        var answer = await gateway.AskAsync(HttpMethod.Post, $"prom/buffer/{order}{(query.Length > 0 ? "?" : "")}{query}", invocation.Json, cancellationToken);
        await invocation.Terminal.Out.WriteAsync(OrderReport.Of(answer, invocation.Json));
        return ExitCode.Ok;
    }
}
