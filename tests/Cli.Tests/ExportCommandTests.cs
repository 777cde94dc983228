using Gateway.Cli.Tests.Support;
using Gateway.TestKit;
using Xunit;

namespace Gateway.Cli.Tests;

/// <summary>An export of a running gateway: streamed, whole or an error, and a file only when it is whole.</summary>
public sealed class ExportCommandTests
{
    private const string Whole = "# TYPE a gauge\na 1 1.000\n# EOF\n";

    [Fact]
    public async Task Asks_for_what_the_options_say()
    {
        await using var gateway = ScriptedGateway.Answering(ScriptedGateway.Chunked(true, "x"));
        await Run.OfAsync(
            "export", "--since", "1h", "--until", "2026-05-01T11:30:00Z", "--format", "jsonl", "--kind", "pushes", "--label", "job=a=b", "--label", "instance=ä:1", "--honor-labels", "--socket", gateway.Socket);
        Assert.Equal("GET /prom/buffer/export?since=1777633200000&until=1777635000000&format=jsonl&kind=pushes&honor_labels=true&labels.job=a%3Db&labels.instance=%C3%A4%3A1 HTTP/1.1", gateway.Request);
    }

    [Fact]
    public async Task Copies_the_answer_to_standard_output()
    {
        foreach (var answer in new[] { ScriptedGateway.Chunked(true, Whole[..5], Whole[5..^2], Whole[^2..]), ScriptedGateway.Whole(Whole) })
        {
            await using var gateway = ScriptedGateway.Answering(answer);
            Assert.Equal(new Run(0, Whole, ""), await ExportAsync(gateway));
        }
    }

    [Fact]
    public async Task A_file_appears_whole_and_takes_the_place_of_another()
    {
        using var folder = new TempFolder();
        folder.Write("out", "older");
        await using var gateway = ScriptedGateway.Answering(ScriptedGateway.Chunked(true, Whole));
        Assert.Equal(new Run(0, "", ""), await ExportAsync(gateway, "--output", folder["out"]));
        Assert.Equal(Whole, await File.ReadAllTextAsync(folder["out"]));
        Assert.Single(Directory.GetFileSystemEntries(folder));
    }

    public static TheoryData<string, string, string> Broken => new()
    {
        { "chunks broken off", "openmetrics", ScriptedGateway.Chunked(false, Whole) },
        { "length not reached", "prometheus", "HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\na 1 1000\n" },
        { "no length at all", "prometheus", "HTTP/1.1 200 OK\r\n\r\na 1 1000\n" },
        { "whole by HTTP, but without end", "openmetrics", ScriptedGateway.Chunked(true, Whole[..^6]) },
        { "an end within a line", "openmetrics", ScriptedGateway.Chunked(true, Whole[..^1]) },
        { "empty", "openmetrics", ScriptedGateway.Whole("") },
        { "a refusal", "openmetrics", ScriptedGateway.Whole("since is later than until.", status: "400 Bad Request") },
    };

    [Theory, MemberData(nameof(Broken))]
    public async Task What_is_not_whole_fails_and_leaves_the_older_file(string @case, string format, string answer)
    {
        using var folder = new TempFolder();
        folder.Write("out", "older");
        await using var gateway = ScriptedGateway.Answering(answer, answer);
        var run = await Run.OfAsync("export", "--since", "1h", "--format", format, "--socket", gateway.Socket, "--output", folder["out"]);
        Assert.True(run.ExitCode == 1 && run.Errors.StartsWith("gatewayctl: ", StringComparison.Ordinal), $"{@case}: {run}");
        Assert.Equal("older", await File.ReadAllTextAsync(folder["out"]));
        Assert.Single(Directory.GetFileSystemEntries(folder));
        Assert.Equal(1, (await Run.OfAsync("export", "--since", "1h", "--format", format, "--socket", gateway.Socket)).ExitCode);
    }

    [Fact]
    public async Task A_place_that_cannot_be_written_is_said_before_anything_is_asked()
    {
        using var folder = new TempFolder();
        await using var gateway = ScriptedGateway.Answering();
        Assert.Equal(new Run(1, "", $"gatewayctl: {folder.Path} is a folder\n"), await ExportAsync(gateway, "--output", folder));
        Assert.Equal(1, (await ExportAsync(gateway, "--output", folder["no/such/file"])).ExitCode);
        Assert.Empty(gateway.Requests);
    }

    [Fact]
    public async Task A_dash_is_standard_output()
    {
        await using var gateway = ScriptedGateway.Answering(ScriptedGateway.Whole(Whole));
        Assert.Equal(Whole, (await ExportAsync(gateway, "--output", "-")).Output);
    }

    private static Task<Run> ExportAsync(ScriptedGateway gateway, params string[] more) =>
        Run.OfAsync(["export", "--since", "1h", "--format", "openmetrics", "--socket", gateway.Socket, .. more]);
}
