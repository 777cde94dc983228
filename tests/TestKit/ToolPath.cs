namespace Gateway.TestKit;

/// <summary>Where programs of the operating system are; servers of Debian live in folders that are not on everybody's search path.</summary>
public static class ToolPath
{
    private const string ServerFolders = "/usr/local/sbin:/usr/sbin:/sbin:/usr/lib/systemd";

    private static string SearchPath => $"{Environment.GetEnvironmentVariable("PATH")}:{ServerFolders}";

    /// <summary>True where a missing program, or a missing right, is a fault of the set-up: there no test is skipped.</summary>
    internal static bool IsCi => IsTrue(Environment.GetEnvironmentVariable("CI"));

    /// <summary>Full path of a program.</summary>
    /// <exception cref="FileNotFoundException">It is not installed.</exception>
    public static string Find(string tool) => Find(tool, SearchPath)
        ?? throw new FileNotFoundException($"{tool} is not installed; test.sh installs what the tests need when it runs as root.");

    /// <summary>Where the program is; null when it is missing.</summary>
    public static string? Find(string tool, string searchPath)
    {
        foreach (var folder in searchPath.Split(Path.PathSeparator, StringSplitOptions.RemoveEmptyEntries))
        {
            var path = Path.Join(folder, tool);
            if (File.Exists(path)) return path;
        }

        return null;
    }

    /// <summary>Why a test that needs these programs is skipped; null when it runs.</summary>
    public static string? SkipReason(IEnumerable<string> tools)
    {
        foreach (var tool in tools)
        {
            if (SkipReason(tool, SearchPath, Environment.GetEnvironmentVariable("CI")) is { } reason) return reason;
        }

        return null;
    }

    /// <summary>Why a test is skipped; null when it runs.</summary>
    /// <param name="tool">Name of the program.</param>
    /// <param name="searchPath">Folders, as in <c>PATH</c>.</param>
    /// <param name="ci">Value of <c>CI</c>.</param>
    public static string? SkipReason(string tool, string searchPath, string? ci) =>
        IsTrue(ci) || Find(tool, searchPath) is not null ? null : $"{tool} is not installed (nothing of that name in PATH)";

    private static bool IsTrue(string? ci) => string.Equals(ci, "true", StringComparison.OrdinalIgnoreCase);
}
