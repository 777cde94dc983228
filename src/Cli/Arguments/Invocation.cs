using Gateway.Cli.Connection;

namespace Gateway.Cli.Arguments;

/// <summary>One run of a command: its options with their meaning, and what is around it.</summary>
internal sealed class Invocation(CommandLine line, Terminal terminal)
{
    public Terminal Terminal { get; } = terminal;

    public bool Json => line.Has(CommonOptions.Json);

    /// <summary>The folder of files to read instead of asking a gateway; null when a gateway is to be asked.</summary>
    /// <exception cref="CliException">Both are asked for.</exception>
    public string? StateFolder
    {
        get
        {
            if (!line.Has(CommonOptions.State)) return null;
            if (line.Has(CommonOptions.Socket) || line.Has(CommonOptions.Url)) throw CliException.Usage($"{CommonOptions.State.Name} reads files and {CommonOptions.Socket.Name} or {CommonOptions.Url.Name} asks a gateway: give one");
            return Folder(CommonOptions.State);
        }
    }

    /// <summary>The folder that a given option names, as a full path.</summary>
    public string Folder(Option option) => line.Value(option) is { Length: > 0 } folder ? Path.GetFullPath(folder) : throw CliException.Usage($"{option.Name} needs a folder");

    public bool Has(Option option) => line.Has(option);

    public string? Value(Option option) => line.Value(option);

    public IReadOnlyList<string> Values(Option option) => line.Values(option);

    /// <summary>A connection to the gateway that the options name.</summary>
    public GatewayClient Connect() => new(Target(), Terminal.Time);

    /// <summary>Unix ms of a time, or of now when the option is not given.</summary>
    public long Time(Option option)
    {
        var now = Terminal.Time.GetUtcNow();
        if (line.Value(option) is not { } text) return now.ToUnixTimeMilliseconds();
        return TimeText.TryParse(text, now, out var timeMs) ? timeMs : throw CliException.Usage($"{option.Name} is no time: {TimeText.Rule}");
    }

    private GatewayTarget Target()
    {
        if (line.Value(CommonOptions.Url) is { } url)
        {
            if (line.Has(CommonOptions.Socket)) throw CliException.Usage($"{CommonOptions.Socket.Name} and {CommonOptions.Url.Name} are two places: give one");
            return GatewayTarget.OfUrl(url) ?? throw CliException.Usage($"{CommonOptions.Url.Name} is no address such as http://127.0.0.1:9464");
        }

        var variable = Terminal.Environment(CommonOptions.SocketVariable);
        return GatewayTarget.OfSocket(line.Value(CommonOptions.Socket) ?? (string.IsNullOrEmpty(variable) ? CommonOptions.DefaultSocket : variable))
            ?? throw CliException.Usage($"the path of a socket has 1 to {GatewayTarget.MaxSocketBytes} bytes");
    }
}
