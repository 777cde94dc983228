namespace Gateway.Configuration;

/// <summary>The command line: a few switches, and any option of the configuration as <c>--Section:Key=value</c> or <c>--Section:Key value</c>.</summary>
internal sealed record CommandLine
{
    public const string Help =
        """
        gateway: metrics server of an edge appliance

        usage: Gateway [--config FILE] [--Gateway:KEY=VALUE ...]

          --check-config     read the configuration, say what is wrong with it (exit code 2) or that it is good (0), and stop
          --config FILE      a JSON file that overrides appsettings.json
          --print-examples   print curl lines to try once the service listens
          --version          print the version and stop
          --help             print this and stop

        Every option can be given here (--Gateway:Listen:Socket=/run/gateway/gateway.sock), in the environment
        (Gateway__Listen__Socket=...) or in appsettings.json; docs/operations.md explains each of them.
        """;

    public bool CheckConfig { get; private init; }

    public bool PrintExamples { get; private init; }

    public bool Version { get; private init; }

    public bool ShowHelp { get; private init; }

    public string? ConfigFile { get; private init; }

    public IReadOnlyList<KeyValuePair<string, string?>> Settings { get; private init; } = [];

    /// <exception cref="ConfigurationException">An argument is unknown or lacks its value; all of them are listed.</exception>
    public static CommandLine Parse(IReadOnlyList<string> args)
    {
        var faults = new List<ConfigurationFault>();
        var settings = new List<KeyValuePair<string, string?>>();
        var result = new CommandLine();
        for (var i = 0; i < args.Count; i++)
        {
            var (name, value) = Split(args[i]);
            result = name switch
            {
                "--check-config" when value is null => result with { CheckConfig = true },
                "--print-examples" when value is null => result with { PrintExamples = true },
                "--version" when value is null => result with { Version = true },
                "--help" or "-h" when value is null => result with { ShowHelp = true },
                "--config" when TakeValue() && value is { Length: > 0 } => result with { ConfigFile = value },
                _ when IsSetting(name) && TakeValue() => AddSetting(),
                _ => Refuse(),
            };

            bool TakeValue()
            {
                if (value is null && i + 1 < args.Count && !args[i + 1].StartsWith("--", StringComparison.Ordinal)) value = args[++i];
                return value is not null;
            }

            CommandLine AddSetting()
            {
                settings.Add(new(name.TrimStart('-').Replace("__", ":", StringComparison.Ordinal), value));
                return result;
            }

            CommandLine Refuse()
            {
                var rule = name == "--config" || IsSetting(name) ? "needs a value" : "is not a known argument; --help lists them";
                faults.Add(new(Quoted.Text(args[i]), null, rule));
                return result;
            }
        }

        if (faults.Count > 0) throw new ConfigurationException(faults);
        return result with { Settings = settings };
    }

    private static bool IsSetting(string name) =>
        name.StartsWith("--Gateway:", StringComparison.OrdinalIgnoreCase) || name.StartsWith("--Logging:", StringComparison.OrdinalIgnoreCase)
        || name.StartsWith("--Gateway__", StringComparison.OrdinalIgnoreCase) || name.StartsWith("--Logging__", StringComparison.OrdinalIgnoreCase);

    private static (string Name, string? Value) Split(string argument)
    {
        var equals = argument.IndexOf('=', StringComparison.Ordinal);
        return equals < 0 ? (argument, null) : (argument[..equals], argument[(equals + 1)..]);
    }
}
