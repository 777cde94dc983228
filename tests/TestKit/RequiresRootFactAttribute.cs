using Xunit;

namespace Gateway.TestKit;

/// <summary>A fact that only root can set up, because it mounts a file system or runs a program as somebody else. Never skipped with <c>CI=true</c>.</summary>
[AttributeUsage(AttributeTargets.Method)]
public sealed class RequiresRootFactAttribute : FactAttribute
{
    /// <summary>A fact that needs root, and these programs.</summary>
    public RequiresRootFactAttribute(params string[] tools)
    {
        Tools = tools;
        if (!Environment.IsPrivilegedProcess && !ToolPath.IsCi) Skip = "only root can set this test up";
        else if (ToolPath.SkipReason(tools) is { } reason) Skip = reason;
    }

    /// <summary>Names of the programs.</summary>
    public IReadOnlyList<string> Tools { get; }
}
