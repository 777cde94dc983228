using Gateway.TestKit;
using Gateway.Tests.Support;
using Xunit;

namespace Gateway.Tests.Configuration;

/// <summary>Exit codes and output of the built program.</summary>
public sealed class GatewayProgramTests
{
    [Fact]
    public async Task Tells_its_version_and_its_arguments()
    {
        var (code, output, errors) = await RunningProgram.RunAsync(null, "--version");
        Assert.Equal((0, ""), (code, errors));
        Assert.Matches(@"^gateway \d+\.\d+\.\d+\S*\n$", output);
        (code, output, _) = await RunningProgram.RunAsync(null, "--help");
        Assert.Equal(0, code);
        Assert.Contains("--check-config", output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Checks_a_configuration_without_starting()
    {
        using var folder = new TempFolder();
        var (code, output, errors) = await RunningProgram.RunAsync(null, "--check-config", "--Gateway:StateDirectory=" + folder["state"]);
        Assert.Equal((0, "The configuration is good.\n", ""), (code, output, errors));
        Assert.False(Directory.Exists(folder["state"]));
    }

    [Fact]
    public async Task Bad_configuration_is_exit_code_2_and_all_faults_on_standard_error()
    {
        var (code, output, errors) = await RunningProgram.RunAsync(
            new Dictionary<string, string>(StringComparer.Ordinal) { ["Gateway__ScrapeInterval"] = "15" }, "--Gateway:Listen:Tcp=0.0.0.0:1", "--Logging:LogLevel:Default=loud");
        Assert.Equal((2, ""), (code, output));
        Assert.Equal(
            """
            The configuration has 3 faults:
              Gateway:ScrapeInterval = "15" (environment): must be a duration such as 15s, 1m30s, 250ms or 00:00:15
              Gateway:Listen:Tcp = "0.0.0.0:1" (command line): must be a loopback address: this listener has neither encryption nor passwords; put a proxy in front of it
              Logging:LogLevel:Default = "loud" (command line): must be one of Trace, Debug, Information, Warning, Error, Critical, None

            """,
            errors);
        (code, _, errors) = await RunningProgram.RunAsync(null, "--bogus");
        Assert.Equal((2, "The configuration has one fault:\n  \"--bogus\": is not a known argument; --help lists them\n"), (code, errors));
    }

    [Fact]
    public async Task What_prevents_listening_is_exit_code_1_and_a_sentence()
    {
        using var folder = new TempFolder();
        var file = folder.Write("not-a-socket", "precious");
        var (code, _, errors) = await RunningProgram.RunAsync(null, "--Gateway:StateDirectory=" + folder.Path, "--Gateway:Listen:Socket=" + file);
        Assert.Equal(1, code);
        Assert.StartsWith($"{file} exists and is no socket", errors, StringComparison.Ordinal);
        Assert.Single(errors.TrimEnd().Split('\n'));
        Assert.Equal("precious", await File.ReadAllTextAsync(file));
    }
}
