using Xunit;

namespace Gateway.EndToEnd.Parts;

/// <summary>A fact that only root can set up, because it mounts a file system. Never skipped with <c>CI=true</c>.</summary>
[AttributeUsage(AttributeTargets.Method)]
public sealed class RequiresRootFactAttribute : FactAttribute
{
    public RequiresRootFactAttribute()
    {
        if (Environment.IsPrivilegedProcess || string.Equals(Environment.GetEnvironmentVariable("CI"), "true", StringComparison.OrdinalIgnoreCase)) return;
        Skip = "only root can mount the small file system of this test";
    }
}
