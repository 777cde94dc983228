using System.Reflection;

namespace Gateway.Status;

/// <summary>Which build this is.</summary>
internal static class Build
{
    /// <summary>Version, for example <c>0.1.0</c> or <c>0.1.0+4f2a91c</c>.</summary>
    public static string Version { get; } =
        typeof(Build).Assembly.GetCustomAttribute<AssemblyInformationalVersionAttribute>()?.InformationalVersion ?? "unknown";
}
