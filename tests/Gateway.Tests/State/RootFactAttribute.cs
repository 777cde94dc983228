using Xunit;

namespace Gateway.Tests.State;

/// <summary>A fact that mounts file systems: needs root. Skipped, and reported as skipped, without it; but never where CI promises a full run.</summary>
[AttributeUsage(AttributeTargets.Method)]
public sealed class RootFactAttribute : FactAttribute
{
    public RootFactAttribute()
    {
        if (!Environment.IsPrivilegedProcess && Environment.GetEnvironmentVariable("CI") != "true") Skip = "Needs root to mount a small file system.";
    }
}
