using Microsoft.Extensions.Configuration.Json;

namespace Gateway.Configuration;

/// <summary>
/// The layers of the configuration, later ones win: defaults embedded in the program (the repository's <c>appsettings.json</c>), <c>appsettings.json</c>
/// beside the program, the file given with <c>--config</c>, environment (<c>Gateway__Listen__Socket</c>), command line (<c>--Gateway:Listen:Socket=…</c>).
/// </summary>
internal static class ConfigurationLayers
{
    public const string FileName = "appsettings.json";

    /// <exception cref="ConfigurationException">A file is missing or is not JSON.</exception>
    public static IConfigurationRoot Build(CommandLine commandLine)
    {
        var builder = new ConfigurationBuilder();
        var defaults = typeof(ConfigurationLayers).Assembly.GetManifestResourceStream(FileName)
            ?? throw new InvalidOperationException($"{FileName} is not embedded in the program.");
        builder.AddJsonStream(defaults);
        builder.AddJsonFile(Path.Join(AppContext.BaseDirectory, FileName), optional: true, reloadOnChange: false);
        if (commandLine.ConfigFile is { } file) builder.AddJsonFile(Path.GetFullPath(file), optional: false, reloadOnChange: false);
        builder.Add(new NamedSettings("environment", EnvironmentSettings()));
        builder.Add(new NamedSettings("command line", commandLine.Settings));
        try
        {
            return builder.Build();
        }
        catch (Exception e) when (e is InvalidDataException or IOException or UnauthorizedAccessException)
        {
            var reason = e.InnerException is FormatException or System.Text.Json.JsonException ? e.InnerException.Message : e.Message;
            throw new ConfigurationException([new(FileNamed(e.Message, commandLine.ConfigFile), null, $"cannot be read as JSON: {reason}")]);
        }
    }

    /// <summary>Name of a layer for an operator.</summary>
    public static string NameOf(IConfigurationProvider provider) => provider switch
    {
        JsonConfigurationProvider json => json.Source.Path ?? "file",
        NamedSettings settings => settings.Name,
        _ => "built-in default",
    };

    private static string FileNamed(string message, string? configFile) =>
        configFile is not null && message.Contains(configFile, StringComparison.Ordinal) ? configFile : configFile ?? FileName;

    /// <summary>Only our two sections: the rest of the environment is none of our business, and would show up as unknown keys.</summary>
    private static IEnumerable<KeyValuePair<string, string?>> EnvironmentSettings()
    {
        foreach (System.Collections.DictionaryEntry entry in Environment.GetEnvironmentVariables())
        {
            var key = ((string)entry.Key).Replace("__", ConfigurationPath.KeyDelimiter, StringComparison.Ordinal);
            if (key.StartsWith("Gateway:", StringComparison.OrdinalIgnoreCase) || key.StartsWith("Logging:", StringComparison.OrdinalIgnoreCase))
                yield return new(key, (string?)entry.Value);
        }
    }

    /// <summary>Settings from somewhere that has a name.</summary>
    private sealed class NamedSettings(string name, IEnumerable<KeyValuePair<string, string?>> settings) : ConfigurationProvider, IConfigurationSource
    {
        public string Name { get; } = name;

        public override void Load()
        {
            foreach (var (key, value) in settings) Set(key, value);
        }

        public IConfigurationProvider Build(IConfigurationBuilder builder) => this;
    }
}
