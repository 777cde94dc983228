using Gateway.EndToEnd.Parts;
using Gateway.TestKit;
using Xunit;

namespace Gateway.EndToEnd;

/// <summary>The layers of the configuration and their faults, as an operator meets them.</summary>
public sealed class ConfigurationTests : IDisposable
{
    private readonly TempFolder _folder = new();

    [Theory, InlineData(false), InlineData(true)]
    public async Task Bad_configuration_ends_with_exit_code_2_and_all_faults(bool checkOnly)
    {
        var file = _folder.Write("gateway.json", """{ "Gateway": { "ScrapeInterval": "15", "Listen": { "SocketMode": "0999" } } }""");
        string[] arguments = ["--config", file, "--Gateway:Collectors:loadaverage:Enabled=true", "--Gateway:Listen:Tcp=0.0.0.0:9464", .. checkOnly ? ["--check-config"] : Array.Empty<string>()];
        var (exitCode, output, errors) = await RunAsync(arguments, new(StringComparer.Ordinal) { ["Gateway__Scrape__Timeout"] = "1h" });
        Assert.Equal(2, exitCode);
        Assert.Equal("", output);
        var lines = errors.TrimEnd('\n').Split('\n');
        Assert.Equal("The configuration has 5 faults:", lines[0]);
        Assert.Equal(6, lines.Length);
        Assert.Contains(lines, line => line.StartsWith("  Gateway:ScrapeInterval = \"15\" (gateway.json): must be a duration", StringComparison.Ordinal));
        Assert.Contains(lines, line => line.StartsWith("  Gateway:Listen:SocketMode = \"0999\" (gateway.json): must be an octal file mode", StringComparison.Ordinal));
        Assert.Contains(lines, line => line.StartsWith("  Gateway:Collectors:loadaverage", StringComparison.Ordinal) && line.Contains("loadavg", StringComparison.Ordinal));
        Assert.Contains(lines, line => line.StartsWith("  Gateway:Listen:Tcp = \"0.0.0.0:9464\" (command line): must be a loopback address", StringComparison.Ordinal));
        Assert.Contains(lines, line => line.StartsWith("  Gateway:Scrape:Timeout = \"1h\" (environment): must be between", StringComparison.Ordinal));
        Assert.False(Directory.Exists(_folder["var"]), "a refused start made its state directory");
    }

    [Fact]
    public async Task A_missing_or_broken_file_is_named()
    {
        var (missing, _, missingErrors) = await RunAsync(["--config", _folder["nothing.json"], "--check-config"]);
        Assert.Equal(2, missing);
        Assert.Contains($"{_folder["nothing.json"]}: there is no such file", missingErrors, StringComparison.Ordinal);

        var (broken, _, brokenErrors) = await RunAsync(["--config", _folder.Write("broken.json", "{ \"Gateway\": "), "--check-config"]);
        Assert.Equal(2, broken);
        Assert.Contains($"{_folder["broken.json"]}: is not JSON, line 1, ", brokenErrors, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Check_config_says_that_the_configuration_is_good_and_starts_nothing()
    {
        var (exitCode, output, errors) = await RunAsync(["--check-config"]);
        Assert.Equal((0, "The configuration is good.\n", ""), (exitCode, output, errors));
        Assert.False(Directory.Exists(_folder["var"]), "a check made the state directory");
    }

    [Fact]
    public async Task An_unknown_argument_is_a_fault()
    {
        var (exitCode, _, errors) = await RunAsync(["--chek-config"]);
        Assert.Equal(2, exitCode);
        Assert.Contains("\"--chek-config\": is not a known argument", errors, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Command_line_wins_over_environment_and_environment_over_the_file()
    {
        var file = _folder.Write("gateway.json", """{ "Gateway": { "StateDirectory": "from-file", "Listen": { "Socket": "file.sock", "SocketMode": "0600" } } }""");
        await using var gateway = RunningProcess.Start(
            await Product.ProgramAsync(), ["--config", file, "--Gateway:Listen:Socket=line.sock"], _folder.Path,
            new Dictionary<string, string?>(StringComparer.Ordinal) { ["Gateway__Listen__Socket"] = "environment.sock", ["Gateway__Listen__SocketMode"] = "0606" });
        await Poll.UntilAsync("the service listens", () => gateway.Output.Contains("listens on", StringComparison.Ordinal), evidence: () => gateway.Output + gateway.Errors);
        Assert.Equal(_folder["line.sock"], Assert.Single(Directory.EnumerateFiles(_folder.Path, "*.sock")));
        Assert.Equal(Convert.ToInt32("606", 8), (int)File.GetUnixFileMode(_folder["line.sock"]));
        Assert.Contains($"state in {_folder["from-file"]}", gateway.Output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_relative_state_directory_starts_at_the_working_folder()
    {
        await using var gateway = RunningProcess.Start(await Product.ProgramAsync(), ["--Gateway:StateDirectory", "state"], _folder.Path);
        await Poll.UntilAsync("the socket is there", () => File.Exists(_folder["state/gateway.sock"]), evidence: () => gateway.Output + gateway.Errors);
    }

    public void Dispose() => _folder.Dispose();

    private async Task<(int ExitCode, string Output, string Errors)> RunAsync(string[] arguments, Dictionary<string, string?>? environment = null) =>
        await RunningProcess.RunAsync(await Product.ProgramAsync(), arguments, _folder.Path, environment);
}
