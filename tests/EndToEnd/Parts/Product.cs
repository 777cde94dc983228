using Gateway.TestKit;
using Xunit.Sdk;

namespace Gateway.EndToEnd.Parts;

/// <summary>
/// The published program that is tested: <c>GATEWAY_BIN</c>, else what <c>dotnet publish src/Gateway -c Release</c> made in the repository. When that is
/// missing it is made once.
/// </summary>
internal static class Product
{
    private static readonly Lazy<Task<string>> Published = new(FindOrPublishAsync);

    /// <summary>Full path of the program.</summary>
    public static Task<string> ProgramAsync() => Published.Value;

    private static async Task<string> FindOrPublishAsync()
    {
        if (Environment.GetEnvironmentVariable("GATEWAY_BIN") is { Length: > 0 } given) return Path.GetFullPath(given);
        var program = Repository.PathOf("src/Gateway/bin/Release/net10.0/publish/Gateway");
        if (File.Exists(program)) return program;
        var (exitCode, output, errors) = await RunningProcess.RunAsync(
            ToolPath.Find("dotnet"), ["publish", "src/Gateway", "-c", "Release", "--nologo", "-v", "quiet"], Repository.Root, limit: TimeSpan.FromMinutes(5));
        return exitCode == 0 ? program : throw new XunitException($"dotnet publish failed:\n{output}\n{errors}");
    }
}
