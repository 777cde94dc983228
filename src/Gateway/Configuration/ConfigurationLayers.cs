using System.Globalization;
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
        AddFile(builder, Path.Join(AppContext.BaseDirectory, FileName), optional: true);
        if (commandLine.ConfigFile is { } file) AddFile(builder, file, optional: false);
        builder.Add(new NamedSettings("environment", EnvironmentSettings()));
        builder.Add(new NamedSettings("command line", commandLine.Settings));
        return builder.Build();
    }

    /// <summary>Reads the file once before it is added, so that a fault can be told with its name and place.</summary>
    private static void AddFile(ConfigurationBuilder builder, string path, bool optional)
    {
        var full = Path.GetFullPath(path);
        if (optional && !File.Exists(full)) return;
        try
        {
            new ConfigurationBuilder().AddJsonFile(full, optional: false, reloadOnChange: false).Build();
        }
        catch (Exception e) when (e is InvalidDataException or IOException or UnauthorizedAccessException)
        {
            throw new ConfigurationException([new(path, null, Describe(e))]);
        }

        builder.AddJsonFile(full, optional, reloadOnChange: false);
    }

    private static string Describe(Exception fault) => fault switch
    {
        FileNotFoundException or DirectoryNotFoundException => "there is no such file",
        System.Text.Json.JsonException { LineNumber: { } line, BytePositionInLine: { } column } json =>
            string.Create(CultureInfo.InvariantCulture, $"is not JSON, line {line + 1}, byte {column + 1}: {WithoutPosition(json.Message)}"),
        { InnerException: { } inner } => Describe(inner),
        FormatException => $"is not a configuration: {fault.Message}",
        _ => $"cannot be read: {fault.Message}",
    };

    /// <summary>The parser appends the position, counted from zero, to its sentence.</summary>
    private static string WithoutPosition(string message)
    {
        var position = message.IndexOf(" LineNumber:", StringComparison.Ordinal);
        return position < 0 ? message : message[..position];
    }

    /// <summary>Name of a layer for an operator.</summary>
    public static string NameOf(IConfigurationProvider provider) => provider switch
    {
        JsonConfigurationProvider json => json.Source.Path ?? "file",
        NamedSettings settings => settings.Name,
        _ => "built-in default",
    };

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
