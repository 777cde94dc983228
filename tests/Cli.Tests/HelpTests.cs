using Gateway.Cli.Commands;
using Gateway.Cli.Tests.Support;
using Gateway.TestKit;
using Xunit;

namespace Gateway.Cli.Tests;

/// <summary>Every help text as it is printed, against recorded ones (<c>GATEWAY_UPDATE_GOLDEN=1</c> writes them anew: look at the difference).</summary>
public sealed class HelpTests
{
    private const int TerminalColumns = 80;

    public static TheoryData<string> Topics => [.. CommandCatalog.All.Select(command => command.Name).Prepend("buffer").Prepend("")];

    [Theory, MemberData(nameof(Topics))]
    public async Task Is_as_recorded(string topic)
    {
        var words = topic.Split(' ', StringSplitOptions.RemoveEmptyEntries);
        var run = await Run.OfAsync([.. words, "--help"]);
        Assert.Equal((0, ""), (run.ExitCode, run.Errors));
        Assert.Equal(run.Output, (await Run.OfAsync(["help", .. words])).Output);
        Assert.Equal(run.Output, (await Run.OfAsync(["-h", .. words])).Output);
        var file = Repository.PathOf($"tests/Cli.Tests/Fixtures/help/{(topic.Length == 0 ? "gatewayctl" : topic.Replace(' ', '-'))}.txt");
        if (Environment.GetEnvironmentVariable("GATEWAY_UPDATE_GOLDEN") == "1") await File.WriteAllTextAsync(file, run.Output);
        Assert.Equal(await File.ReadAllTextAsync(file), run.Output);
    }

    [Theory, MemberData(nameof(Topics))]
    public async Task Fits_a_terminal_but_for_whole_command_lines(string topic)
    {
        var run = await Run.OfAsync([.. topic.Split(' ', StringSplitOptions.RemoveEmptyEntries), "--help"]);
        foreach (var line in run.Output.Split('\n')) Assert.True(line.Length <= TerminalColumns || line.StartsWith("    ", StringComparison.Ordinal), line);
    }

    [Fact]
    public async Task Help_needs_no_required_option_and_no_gateway() =>
        Assert.Equal(0, (await Run.OfAsync("export", "--socket", "/nowhere", "--help")).ExitCode);

    [Fact]
    public async Task Of_something_unknown_is_wrong_use() =>
        Assert.Equal(new Run(2, "", "gatewayctl: there is no such command; see gatewayctl --help\n"), await Run.OfAsync("help", "nonsense"));

    [Fact]
    public async Task The_version_is_that_of_the_build()
    {
        var run = await Run.OfAsync("--version");
        Assert.Equal((0, $"gatewayctl {GatewayctlProgram.Version}\n"), (run.ExitCode, run.Output));
        Assert.Matches(@"^\d+\.\d+\.\d+", GatewayctlProgram.Version);
    }
}
