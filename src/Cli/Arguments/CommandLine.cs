using Gateway.Cli.Commands;

namespace Gateway.Cli.Arguments;

/// <summary>
/// The arguments, read: words that name a command, and options anywhere between them, as <c>--name value</c> or <c>--name=value</c>. A value may begin with one
/// dash but not with two.
/// </summary>
internal sealed class CommandLine
{
    private readonly Dictionary<Option, List<string>> _values = [];

    private CommandLine(IReadOnlyList<string> words, Command? command, string complaint) => (Words, Command, Complaint) = (words, command, complaint);

    /// <summary>The words, in order.</summary>
    public IReadOnlyList<string> Words { get; }

    /// <summary>The command that the words name; null when they name none.</summary>
    public Command? Command { get; }

    /// <summary>What is wrong when there is no command.</summary>
    public string Complaint { get; }

    /// <summary>Reads the arguments.</summary>
    /// <exception cref="CliException">They are wrong; says how and what would be right.</exception>
    public static CommandLine Read(IReadOnlyList<string> arguments, IReadOnlyList<Command> commands)
    {
        var words = new List<string>();
        var options = new List<(string Name, string? Value)>();
        var known = commands.SelectMany(command => command.Options).Concat(CommonOptions.Everywhere).DistinctBy(option => option.Name, StringComparer.Ordinal)
            .ToDictionary(option => option.Name, StringComparer.Ordinal);
        for (var i = 0; i < arguments.Count; i++)
        {
            var argument = arguments[i] == "-h" ? CommonOptions.Help.Name : arguments[i];
            if (!argument.StartsWith('-') || argument.Length == 1)
            {
                words.Add(argument);
                continue;
            }

            var equals = argument.IndexOf('=', StringComparison.Ordinal);
            var name = equals < 0 ? argument : argument[..equals];
            if (!known.TryGetValue(name, out var option)) throw CliException.Usage($"there is no option {Shown(name)}; {Hint(words, commands)}");
            var value = equals < 0 ? null : argument[(equals + 1)..];
            if (option.Value is null && value is not null) throw CliException.Usage($"{name} takes no value");
            if (option.Value is not null && value is null)
            {
                if (i + 1 == arguments.Count || arguments[i + 1].StartsWith("--", StringComparison.Ordinal)) throw CliException.Usage($"{name} needs a value: {option.Usage}");
                value = arguments[++i];
            }

            options.Add((name, value));
        }

        return Assign(words, options, commands);
    }

    /// <summary>True when the option is given.</summary>
    public bool Has(Option option) => _values.ContainsKey(option);

    /// <summary>Its value; null when it is not given.</summary>
    public string? Value(Option option) => _values.TryGetValue(option, out var values) ? values[^1] : null;

    /// <summary>Its values, in order.</summary>
    public IReadOnlyList<string> Values(Option option) => _values.TryGetValue(option, out var values) ? values : [];

    private static CommandLine Assign(List<string> words, List<(string Name, string? Value)> options, IReadOnlyList<Command> commands)
    {
        var asksForHelp = options.Exists(option => option.Name == CommonOptions.Help.Name || option.Name == CommonOptions.Version.Name);
        if (words.Count > 0 && words[0] == "help")
        {
            asksForHelp = true;
            words.RemoveAt(0);
            options.Add((CommonOptions.Help.Name, null));
        }

        var command = Find(words, commands);
        var line = new CommandLine(words, command, command is null ? Complain(words, commands) : "");
        foreach (var (name, value) in options)
        {
            var option = CommonOptions.Everywhere.Concat(command?.Options ?? []).FirstOrDefault(option => option.Name == name);
            if (option is null && asksForHelp) continue;
            if (option is null) throw CliException.Usage(command is null ? line.Complaint : $"{name} is no option of {command.Name}; {Hint(words, commands)}");
            if (!line._values.TryGetValue(option, out var values)) line._values[option] = values = [];
            if (values.Count > 0 && !option.IsRepeatable) throw CliException.Usage($"{name} is given twice");
            values.Add(value ?? "");
        }

        if (asksForHelp || command is null) return line;
        foreach (var option in command.Options)
        {
            if (option.IsRequired && !line.Has(option)) throw CliException.Usage($"{command.Name} needs {option.Usage}; {Hint(words, commands)}");
        }

        return line;
    }

    private static Command? Find(List<string> words, IReadOnlyList<Command> commands)
    {
        var name = string.Join(' ', words);
        return commands.FirstOrDefault(command => command.Name == name);
    }

    private static string Complain(List<string> words, IReadOnlyList<Command> commands)
    {
        if (words.Count == 0) return "no command is given; see gatewayctl --help";
        var group = commands.Where(command => command.Name.StartsWith(words[0] + " ", StringComparison.Ordinal)).ToList();
        if (group.Count > 0) return $"{words[0]} is followed by {string.Join(", ", group.Select(command => command.Name[(words[0].Length + 1)..]))}; see gatewayctl {words[0]} --help";
        var exact = commands.FirstOrDefault(command => words[0] == command.Name);
        return exact is null ? $"there is no command {Shown(words[0])}; see gatewayctl --help" : $"{exact.Name} takes no word behind it but options; {Hint([exact.Name], commands)}";
    }

    private static string Hint(IReadOnlyList<string> words, IReadOnlyList<Command> commands)
    {
        var command = commands.FirstOrDefault(command => command.Name == string.Join(' ', words));
        return command is null ? "see gatewayctl --help" : $"see gatewayctl {command.Name} --help";
    }

    /// <summary>Somebody's text in a message: without what a terminal would obey.</summary>
    private static string Shown(string text) => $"'{string.Concat(text.Select(c => char.IsControl(c) ? '?' : c))}'";
}
