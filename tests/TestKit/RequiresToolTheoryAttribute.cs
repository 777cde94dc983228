using Gateway.TestKit;
using Xunit;

namespace Gateway.EndToEnd.Parts;

/// <summary>A theory that needs several programs; see <see cref="RequiresToolFactAttribute"/> for what happens without them.</summary>
[AttributeUsage(AttributeTargets.Method)]
public sealed class RequiresPartsTheoryAttribute : TheoryAttribute
{
    public RequiresPartsTheoryAttribute(params string[] tools)
    {
        Tools = tools;
        if (ToolPath.SkipReason(tools) is { } reason) Skip = reason;
    }

    public IReadOnlyList<string> Tools { get; }
}
