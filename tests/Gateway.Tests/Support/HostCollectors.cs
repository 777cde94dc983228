using System.Reflection;

namespace Gateway.Tests.Support;

/// <summary>The assembly in which the program looks for collectors.</summary>
internal static class HostCollectors
{
    public static Assembly Assembly { get; } = Assembly.Load("Gateway.Collectors");
}
