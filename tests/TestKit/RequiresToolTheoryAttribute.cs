using Xunit;

namespace Gateway.TestKit;

/// <summary>A theory that needs programs of the operating system; see <see cref="RequiresToolFactAttribute"/> for what happens without them.</summary>
[AttributeUsage(AttributeTargets.Method)]
public sealed class RequiresToolTheoryAttribute : TheoryAttribute
{
    /// <summary>A theory that needs these programs.</summary>
    public RequiresToolTheoryAttribute(params string[] tools)
    {
        Tools = tools;
        if (ToolPath.SkipReason(tools) is { } reason) Skip = reason;
    }

    /// <summary>Names of the programs.</summary>
    public IReadOnlyList<string> Tools { get; }
}
