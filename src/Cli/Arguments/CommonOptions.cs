using Gateway.Buffering.Export;

namespace Gateway.Cli.Arguments;

/// <summary>The options that several commands have.</summary>
internal static class CommonOptions
{
    /// <summary>Where the packaged service listens (deploy/systemd).</summary>
    public const string DefaultSocket = "/run/gateway/gateway.sock";

    /// <summary>Environment variable with another socket.</summary>
    public const string SocketVariable = "GATEWAY_SOCKET";

    public static readonly Option Socket = new("--socket", "PATH", $"Unix socket of the gateway. Default: the environment variable {SocketVariable}, else {DefaultSocket}.");

    public static readonly Option Url = new("--url", "URL", "HTTP address of the gateway, instead of the socket: http://127.0.0.1:9464.");

    public static readonly Option State = new("--state", "DIR", "Read the files in this folder instead of asking a gateway. No gateway may have them open.");

    public static readonly Option Json = new("--json", null, "Print JSON instead of text.");

    public static readonly Option Help = new("--help", null, "Print this help.");

    public static readonly Option Version = new("--version", null, "Print the version of gatewayctl.");

    public static readonly Option Since = new("--since", "TIME", "Oldest time, included.") { IsRequired = true };

    public static readonly Option Until = new("--until", "TIME", "Newest time, included. Default: now.");

    public static readonly Option Consumer = new("--consumer", "NAME", "Which consumer, as in ?consumer=NAME of its scrapes. Default: the one without a name.");

    /// <summary>For orders that go to everybody unless one is named.</summary>
    public static readonly Option AnyConsumer = Consumer with { Help = "Which consumer, as in ?consumer=NAME of its scrapes. Default: all that the gateway knows." };

    public static readonly Option Format = new("--format", "FORMAT", $"What to write: {ExportFormats.Names}.") { IsRequired = true };

    /// <summary>What every command takes, whatever it does.</summary>
    public static readonly IReadOnlyList<Option> Everywhere = [Help, Version];
}
