using Gateway.Cli.Tests.Support;
using Xunit;

namespace Gateway.Cli.Tests.Arguments;

/// <summary>Wrong use: exit code 2, one sentence that says what would be right, nothing done.</summary>
public sealed class CommandLineTests
{
    public static TheoryData<string[], string> Wrong => new()
    {
        { [], "no command is given; see gatewayctl --help" },
        { ["bufer"], "there is no command 'bufer'; see gatewayctl --help" },
        { ["\u001b[2J"], "there is no command '?[2J'; see gatewayctl --help" },
        { ["buffer"], "buffer is followed by status, stats, start, stop, replay, clear-shelf, verify; see gatewayctl buffer --help" },
        { ["buffer", "begin"], "buffer is followed by status, stats, start, stop, replay, clear-shelf, verify; see gatewayctl buffer --help" },
        { ["export", "everything"], "export takes no word behind it but options; see gatewayctl export --help" },
        { ["buffer", "status", "--sokcet", "x"], "there is no option '--sokcet'; see gatewayctl buffer status --help" },
        { ["buffer", "status", "-x"], "there is no option '-x'; see gatewayctl buffer status --help" },
        { ["--nonsense"], "there is no option '--nonsense'; see gatewayctl --help" },
        { ["buffer", "start", "--state", "x"], "--state is no option of buffer start; see gatewayctl buffer start --help" },
        { ["buffer", "status", "--json=yes"], "--json takes no value" },
        { ["buffer", "status", "--socket"], "--socket needs a value: --socket PATH" },
        { ["buffer", "status", "--socket", "--json"], "--socket needs a value: --socket PATH" },
        { ["buffer", "status", "--socket", "a", "--socket", "b"], "--socket is given twice" },
        { ["buffer", "status", "--socket", ""], "the path of a socket has 1 to 107 bytes" },
        { ["buffer", "status", "--socket", "a", "--url", "http://b"], "--socket and --url are two places: give one" },
        { ["buffer", "status", "--url", "gateway:9464"], "--url is no address such as http://127.0.0.1:9464" },
        { ["buffer", "status", "--url", "ftp://b"], "--url is no address such as http://127.0.0.1:9464" },
        { ["buffer", "stats", "--state", "x", "--socket", "y"], "--state reads files and --socket or --url asks a gateway: give one" },
        { ["buffer", "start", "--consumer", ""], "--consumer needs a name" },
        { ["replay"], "replay needs --since TIME; see gatewayctl replay --help" },
        { ["buffer", "replay", "--since", "yesterday"], $"--since is no time: {TimeText.Rule}" },
        { ["buffer", "replay", "--since", "1h", "--until", "2h"], "--since is later than --until" },
        { ["export", "--since", "1h"], "export needs --format FORMAT; see gatewayctl export --help" },
        { ["export", "--since", "1h", "--format", "csv"], "--format is openmetrics, prometheus or jsonl" },
        { ["export", "--since", "1h", "--format", "jsonl", "--kind", "both"], "--kind is metrics, pushes or all" },
        { ["export", "--since", "1h", "--until", "2h", "--format", "jsonl"], "--since is later than --until" },
        { ["export", "--since", "1h", "--format", "jsonl", "--label", "job"], "--label needs a name and a value: --label NAME=VALUE" },
        { ["export", "--since", "1h", "--format", "jsonl", "--label", "le=1"], "--label: le and quantile belong to buckets and quantiles and cannot be added." },
        { ["export", "--since", "1h", "--format", "jsonl", "--label", "a=1", "--label", "a=2"], "a label is given twice" },
    };

    [Theory, MemberData(nameof(Wrong))]
    public async Task Says_what_would_be_right(string[] arguments, string message) =>
        Assert.Equal(new Run(2, "", $"gatewayctl: {message}\n"), await Run.OfAsync(arguments));

    [Fact]
    public async Task Options_stand_anywhere_and_with_or_without_equals_sign()
    {
        string[][] forms = [["--socket={0}", "buffer", "status"], ["buffer", "--socket", "{0}", "status"], ["buffer", "status", "--socket", "{0}"]];
        foreach (var form in forms)
        {
            await using var gateway = ScriptedGateway.Answering(ScriptedGateway.Whole("{}"));
            var run = await Run.OfAsync([.. form.Select(part => part.Replace("{0}", gateway.Socket, StringComparison.Ordinal))]);
            Assert.Equal((0, ""), (run.ExitCode, run.Errors));
            Assert.Equal("GET /prom/buffer HTTP/1.1", gateway.Request);
        }
    }
}
