using Gateway.Configuration;

namespace Gateway.Logging;

/// <summary>
/// Checks section <c>Logging:LogLevel</c>, which the framework reads itself: a level it does not know would end the start with a stack trace instead of a sentence.
/// </summary>
internal static class LogLevels
{
    private const string Section = "Logging:LogLevel";

    private static readonly string Rule = "must be one of " + string.Join(", ", Enum.GetNames<LogLevel>());

    public static void Check(IConfiguration configuration, OptionsReader reader)
    {
        reader.RefuseUnknown("Logging", ["LogLevel"]);
        foreach (var level in configuration.GetSection(Section).GetChildren())
        {
            if (!Enum.GetNames<LogLevel>().Contains(level.Value ?? "", StringComparer.OrdinalIgnoreCase))
                reader.Add(new(level.Path, level.Value, Rule, reader.Origin(level.Path)));
        }
    }
}
