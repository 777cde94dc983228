using System.Text;
using Gateway.Cli.Arguments;

namespace Gateway.Cli.Commands;

/// <summary>The help: of all, of a group of commands, of one command.</summary>
internal static class HelpText
{
    /// <summary>Columns of a terminal that nobody has widened.</summary>
    private const int Width = 80;

    /// <summary>The help for words that may name a command, a group or nothing.</summary>
    /// <exception cref="CliException">They name something that does not exist.</exception>
    public static string Of(IReadOnlyList<string> words, IReadOnlyList<Command> commands)
    {
        var name = string.Join(' ', words);
        if (name.Length == 0) return OfAll(commands);
        if (commands.FirstOrDefault(command => command.Name == name) is { } one) return OfOne(one);
        var group = commands.Where(command => command.Name.StartsWith(name + " ", StringComparison.Ordinal)).ToList();
        return group.Count > 0 ? OfGroup(name, group) : throw CliException.Usage("there is no such command; see gatewayctl --help");
    }

    private static string OfAll(IReadOnlyList<Command> commands)
    {
        var text = new StringBuilder("gatewayctl: sees and steers the gateway of this box, or reads its files.\n\nUsage: gatewayctl COMMAND [OPTIONS]\n\nCommands:\n");
        Table(text, commands.Select(command => (command.Name, command.Summary)));
        text.Append("\nOptions of most commands:\n");
        Table(text, new[] { CommonOptions.Socket, CommonOptions.Url, CommonOptions.State, CommonOptions.Json, CommonOptions.Help, CommonOptions.Version }.Select(option => (option.Usage, option.Help)));
        text.Append("\nExit codes:\n");
        Table(text, ExitCode.All.Select(code => (code.Code.ToString(System.Globalization.CultureInfo.InvariantCulture), code.Meaning)));
        return text.Append("\nMore about one: gatewayctl COMMAND --help\n").ToString();
    }

    private static string OfGroup(string name, IReadOnlyList<Command> commands)
    {
        var text = new StringBuilder($"Usage: gatewayctl {name} COMMAND [OPTIONS]\n\nCommands:\n");
        Table(text, commands.Select(command => (command.Name, command.Summary)));
        return text.Append("\nMore about one: gatewayctl ").Append(name).Append(" COMMAND --help\n").ToString();
    }

    private static string OfOne(Command command)
    {
        var text = new StringBuilder($"gatewayctl {command.Name}: {command.Summary}\n\nUsage: gatewayctl {command.Name}");
        foreach (var option in command.Options.Where(option => option.IsRequired)) text.Append(' ').Append(option.Usage);
        text.Append(" [OPTIONS]\n");
        foreach (var paragraph in command.Description)
        {
            text.Append('\n');
            Wrap(text, paragraph, indent: 0);
        }

        text.Append("\nOptions:\n");
        Table(text, command.Options.Concat(CommonOptions.Everywhere).Select(option => (option.Usage, option.Help + (option.IsRepeatable ? " May be given several times." : ""))));
        if (command.Options.Any(option => option.Value == "TIME"))
        {
            text.Append("\nTIME:\n");
            Wrap(text, "  " + TimeText.Rule + ".", indent: 2);
        }

        if (command.Examples.Count > 0) text.Append("\nExamples:\n");
        foreach (var (line, purpose) in command.Examples)
        {
            Wrap(text, $"  {purpose}:", indent: 2);
            text.Append("    ").Append(line).Append('\n');
        }

        return text.ToString();
    }

    private static void Table(StringBuilder text, IEnumerable<(string Name, string Meaning)> rows)
    {
        var all = rows.ToList();
        var indent = all.Max(row => row.Name.Length) + 4;
        foreach (var (name, meaning) in all) Wrap(text, $"  {name.PadRight(indent - 2)}{meaning}", indent);
    }

    /// <summary>Breaks a line at blanks; what follows the first is indented.</summary>
    private static void Wrap(StringBuilder text, string line, int indent)
    {
        while (line.Length > Width)
        {
            var at = line.LastIndexOf(' ', Width);
            if (at <= indent) at = line.IndexOf(' ', Width);
            if (at < 0) break;
            text.Append(line.AsSpan(0, at).TrimEnd()).Append('\n');
            line = new string(' ', indent) + line[(at + 1)..];
        }

        text.Append(line).Append('\n');
    }
}
