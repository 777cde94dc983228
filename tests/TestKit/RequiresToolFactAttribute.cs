using Xunit;

namespace Gateway.TestKit;

/// <summary>
/// A fact that needs programs of the operating system. Where one is missing, the test is reported as skipped with the reason; with <c>CI=true</c> it runs all
/// the same and fails, because there a missing program is a fault of the set-up. Decided when tests are discovered: xunit 2 has no later skip.
/// </summary>
[AttributeUsage(AttributeTargets.Method)]
public sealed class RequiresToolFactAttribute : FactAttribute
{
    /// <summary>A fact that needs these programs.</summary>
    public RequiresToolFactAttribute(params string[] tools)
    {
        Tools = tools;
        if (ToolPath.SkipReason(tools) is { } reason) Skip = reason;
    }

    /// <summary>Names of the programs.</summary>
    public IReadOnlyList<string> Tools { get; }
}
