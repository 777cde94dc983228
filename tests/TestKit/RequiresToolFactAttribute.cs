using Xunit;

namespace Gateway.TestKit;

/// <summary>
/// A fact that needs a program of the operating system. Where the program is missing, the test is reported as skipped with the reason; with <c>CI=true</c> it
/// runs all the same and fails, because there a missing program is a fault of the set-up. Decided when tests are discovered: xunit 2 has no later skip.
/// </summary>
[AttributeUsage(AttributeTargets.Method)]
public sealed class RequiresToolFactAttribute : FactAttribute
{
    /// <summary>A fact that needs this program on the search path.</summary>
    /// <param name="tool">Name of the program.</param>
    public RequiresToolFactAttribute(string tool)
    {
        Tool = tool;
        if (SkipReason(tool, Environment.GetEnvironmentVariable("PATH"), Environment.GetEnvironmentVariable("CI")) is { } reason) Skip = reason;
    }

    /// <summary>Name of the program.</summary>
    public string Tool { get; }

    /// <summary>Why a test is skipped; null when it runs.</summary>
    /// <param name="tool">Name of the program.</param>
    /// <param name="searchPath">Value of <c>PATH</c>.</param>
    /// <param name="ci">Value of <c>CI</c>.</param>
    public static string? SkipReason(string tool, string? searchPath, string? ci) =>
        string.Equals(ci, "true", StringComparison.OrdinalIgnoreCase) || PathOf(tool, searchPath) is not null
            ? null
            : $"{tool} is not installed (nothing of that name in PATH)";

    /// <summary>Where the program is; null when it is missing.</summary>
    public static string? PathOf(string tool, string? searchPath)
    {
        foreach (var folder in (searchPath ?? "").Split(Path.PathSeparator, StringSplitOptions.RemoveEmptyEntries))
        {
            var path = Path.Join(folder, tool);
            if (File.Exists(path)) return path;
        }

        return null;
    }
}
