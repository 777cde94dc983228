using Gateway.Cli.Arguments;
using Gateway.Cli.Connection;
using Gateway.Cli.Output;

namespace Gateway.Cli.Commands;

/// <summary><c>buffer status</c>: who is away, and what waits for whom.</summary>
internal sealed class BufferStatusCommand : Command
{
    /// <summary>The endpoint that tells everything about the buffer.</summary>
    public const string Endpoint = "prom/buffer";

    public override string Name => "buffer status";

    public override string Summary => "whether the gateway buffers, and what waits for whom";

    public override IReadOnlyList<string> Description =>
    [
        "Asks the gateway whether its Prometheus is there, what each consumer still has to get, and how the remote write targets are doing.",
        "present: scrapes come and are answered live. absent: none came, and the gateway collects by itself. replaying: they come again and get what was collected meanwhile.",
    ];

    public override IReadOnlyList<Option> Options => [CommonOptions.Socket, CommonOptions.Url, CommonOptions.Json];

    public override async Task<int> RunAsync(Invocation invocation, CancellationToken cancellationToken)
    {
        using var gateway = invocation.Connect();
        var answer = await gateway.AskAsync(HttpMethod.Get, Endpoint, json: true, cancellationToken);
        await PrintAsync(invocation, answer, BufferReport.Presence);
        return ExitCode.Ok;
    }

    /// <summary>Prints an answer: JSON as it came, or what a report makes of it.</summary>
    public static async Task PrintAsync(Invocation invocation, GatewayAnswer answer, Func<JsonFields, string> report)
    {
        var fields = JsonFields.Read(answer.Body);
        await invocation.Terminal.Out.WriteAsync(invocation.Json ? answer.Body.TrimEnd() + "\n" : report(fields));
    }
}
