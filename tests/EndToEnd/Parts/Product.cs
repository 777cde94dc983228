using Gateway.TestKit;
using Xunit.Sdk;

namespace Gateway.EndToEnd.Parts;

/// <summary>
/// The published programs that are tested: <c>GATEWAY_BIN</c> and <c>GATEWAYCTL_BIN</c>, else what <c>dotnet publish -c Release</c> of <c>src/Gateway</c> and <c>src/Cli</c>
/// made in the repository. What is missing is made once.
/// </summary>
internal static class Product
{
    private static readonly Lazy<Task<string>> Published = new(() => FindOrPublishAsync("GATEWAY_BIN", "src/Gateway", "Gateway"));

    private static readonly Lazy<Task<string>> PublishedCli = new(() => FindOrPublishAsync("GATEWAYCTL_BIN", "src/Cli", "gatewayctl"));

    /// <summary>Full path of the service.</summary>
    public static Task<string> ProgramAsync() => Published.Value;

    /// <summary>Full path of <c>gatewayctl</c>.</summary>
    public static Task<string> GatewayctlAsync() => PublishedCli.Value;

    private static async Task<string> FindOrPublishAsync(string variable, string project, string name)
    {
        if (Environment.GetEnvironmentVariable(variable) is { Length: > 0 } given) return Path.GetFullPath(given);
        var program = Repository.PathOf($"{project}/bin/Release/net10.0/publish/{name}");
        if (File.Exists(program)) return program;
        var (exitCode, output, errors) = await RunningProcess.RunAsync(
            ToolPath.Find("dotnet"), ["publish", project, "-c", "Release", "--nologo", "-v", "quiet"], Repository.Root, limit: TimeSpan.FromMinutes(5));
        return exitCode == 0 ? program : throw new XunitException($"dotnet publish {project} failed:\n{output}\n{errors}");
    }
}
