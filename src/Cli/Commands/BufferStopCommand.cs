using Gateway.Cli.Arguments;

namespace Gateway.Cli.Commands;

/// <summary><c>buffer stop</c>: the gateway does not buffer, whatever it knows of Prometheus.</summary>
internal sealed class BufferStopCommand : Command
{
    public override string Name => "buffer stop";

    public override string Summary => "have the gateway stop buffering";

    public override IReadOnlyList<string> Description =>
    [
        "Tells the gateway that nothing need be collected for the time being, for example during maintenance of a Prometheus that will not ask for it. What is buffered stays and is handed over. Without --consumer the order is for all known consumers.",
    ];

    public override IReadOnlyList<Option> Options => [CommonOptions.AnyConsumer, CommonOptions.Socket, CommonOptions.Url, CommonOptions.Json];

    public override Task<int> RunAsync(Invocation invocation, CancellationToken cancellationToken) =>
        BufferStartCommand.PostAsync(invocation, "stop", [], cancellationToken);
}
