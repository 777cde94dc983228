using Gateway.TestKit;

namespace Gateway.EndToEnd.Parts;

/// <summary>Where programs are; servers of Debian live in folders that are not on everybody's search path.</summary>
internal static class ToolPath
{
    private const string ServerFolders = "/usr/local/sbin:/usr/sbin:/sbin:/usr/lib/systemd";

    private static string SearchPath => $"{Environment.GetEnvironmentVariable("PATH")}:{ServerFolders}";

    /// <summary>Full path of a program.</summary>
    /// <exception cref="FileNotFoundException">It is not installed.</exception>
    public static string Find(string tool) => RequiresToolFactAttribute.PathOf(tool, SearchPath)
        ?? throw new FileNotFoundException($"{tool} is not installed; test.sh installs what the tests need when it runs as root.");

    public static string? SkipReason(string[] tools)
    {
        foreach (var tool in tools)
        {
            if (RequiresToolFactAttribute.SkipReason(tool, SearchPath, Environment.GetEnvironmentVariable("CI")) is { } reason) return reason;
        }

        return null;
    }
}
