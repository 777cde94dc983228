using Gateway.Cli.Tests.Support;
using Xunit;

namespace Gateway.Cli.Tests;

/// <summary>What is asked of a gateway, what is made of its answers, and the exit codes.</summary>
public sealed class BufferCommandTests
{
    private const string State =
        """
        {"state":"absent","forced":"start","novelty":{"a":[1]},"consumers":[
        {"consumer":"default","endpoint":"/prom/metrics","state":"absent","backlog_snapshots":240,"backlog_samples":120000,"oldest_unix_ms":1777633200000,"last_scrape_age_seconds":3612.5,"set_aside_samples":17,"more":1},
        {"consumer":"b","endpoint":"/prom/deamon/metrics","state":"present","backlog_snapshots":0,"backlog_samples":0,"oldest_unix_ms":null,"last_scrape_age_seconds":null,"set_aside_samples":0}],
        "store":{"kind":"sqlite","available":true,"fault":null,"disk_bytes":12900000,"memory_bytes":0,
        "metrics":{"snapshots":240,"samples":120000,"oldest_unix_ms":1777633200000,"newest_unix_ms":1777636800000},"pushes":{"snapshots":1,"samples":1,"oldest_unix_ms":null,"newest_unix_ms":null},
        "lost_samples":{"bytes":0,"free_space":1200}},
        "remote_write":[{"url":"http://vm/api/v1/write","state":"waiting","backlog_samples":5000,"retry_in_seconds":12.5,"last_error":null}]}
        """;

    [Fact]
    public async Task Status_prints_consumers_side_by_side()
    {
        var (run, gateway) = await AskAsync(State, "buffer", "status");
        Assert.Equal("GET /prom/buffer HTTP/1.1", gateway.Split("\r\n")[0]);
        Assert.Equal(
            """
            State   absent
            Forced  start, by buffer start
            Store   sqlite, available

            CONSUMER  ENDPOINT              STATE    SNAPSHOTS  SAMPLES  OLDEST                LAST SCRAPE  SET ASIDE
            default   /prom/metrics         absent   240        120,000  2026-05-01T11:00:00Z  1h 0m ago    17
            b         /prom/deamon/metrics  present  0          0        -                     never        0

            Remote write
              url               http://vm/api/v1/write
              state             waiting
              backlog samples   5,000
              retry in seconds  12.5s
              last error        -

            """, run.Output);
        Assert.Equal((0, ""), (run.ExitCode, run.Errors));
    }

    [Fact]
    public async Task Stats_print_the_store()
    {
        var (run, _) = await AskAsync(State, "buffer", "stats");
        Assert.Equal(
            """
            Store         sqlite, available
            On disk       12.3 MiB
            In memory     0 B
            Metrics       240 snapshots, 120,000 samples, 2026-05-01T11:00:00Z to 2026-05-01T12:00:00Z
            Pushes        1 snapshot, 1 sample
            Lost samples  1,200 (free space)

            """, run.Output);
    }

    [Theory]
    [InlineData("status")]
    [InlineData("stats")]
    public async Task Json_is_printed_as_it_came(string command)
    {
        var (run, _) = await AskAsync(State, "buffer", command, "--json");
        Assert.Equal(State + "\n", run.Output);
    }

    [Theory]
    [InlineData("{}")]
    [InlineData("{\"state\":5,\"consumers\":{},\"store\":[],\"remote_write\":[7]}")]
    [InlineData("{\"consumers\":[{}],\"store\":{\"kind\":\"memory\",\"available\":false,\"metrics\":{\"snapshots\":1}},\"remote_write\":[{}]}")]
    public async Task What_is_missing_or_of_another_kind_is_a_dash(string answer)
    {
        Assert.Equal((0, ""), Ends((await AskAsync(answer, "buffer", "status")).Run));
        Assert.Equal((0, ""), Ends((await AskAsync(answer, "buffer", "stats")).Run));
    }

    [Theory]
    [InlineData("")]
    [InlineData("ok")]
    [InlineData("[]")]
    [InlineData("<html>")]
    public async Task An_answer_that_is_no_state_is_a_failure(string answer)
    {
        var run = (await AskAsync(answer, "buffer", "status")).Run;
        Assert.Equal(1, run.ExitCode);
        Assert.EndsWith("is this a gateway?\n", run.Errors, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("/prom/buffer/start", "buffer", "start")]
    [InlineData("/prom/buffer/stop?consumer=a%20b%26c%C3%A4", "buffer", "stop", "--consumer", "a b&cä")]
    [InlineData("/prom/buffer/start?consumer=b", "buffer", "start", "--consumer", "b")]
    [InlineData("/prom/buffer/shelf/clear", "buffer", "clear-shelf")]
    [InlineData("/prom/buffer/shelf/clear?until=1777633200000", "buffer", "clear-shelf", "--until", "1h")]
    [InlineData("/prom/buffer/shelf/clear?since=5000&until=9000", "buffer", "clear-shelf", "--since", "5", "--until", "9")]
    [InlineData("/prom/buffer/replay?since=1777633200000&until=1777636800000", "buffer", "replay", "--since", "1h")]
    [InlineData("/prom/buffer/replay?since=5000&until=9000&consumer=b", "replay", "--since", "5", "--until", "9", "--consumer", "b")]
    public async Task Orders_are_posted_by_a_checker(string path, params string[] arguments)
    {
        var (run, request) = await AskAsync("buffering", arguments);
        Assert.Equal((0, ""), Ends(run));
        Assert.Equal("buffering\n", run.Output);
        Assert.StartsWith($"POST {path} HTTP/1.1\r\n", request, StringComparison.Ordinal);
        Assert.Contains($"\r\nUser-Agent: checker gatewayctl/{GatewayctlProgram.Version}\r\n", request, StringComparison.Ordinal);
        Assert.Contains("\r\nContent-Length: 0\r\n", request, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Clearing_the_shelf_tells_how_much_was_on_it()
    {
        await using var gateway = ScriptedGateway.Answering(ScriptedGateway.Whole("{\"snapshots\":240}", "application/json"), ScriptedGateway.Whole("{\"snapshots\":240}", "application/json"));
        Assert.Equal("snapshots  240\n", (await Run.OfAsync("buffer", "clear-shelf", "--socket", gateway.Socket)).Output);
        Assert.Equal("{\"snapshots\":240}\n", (await Run.OfAsync("buffer", "clear-shelf", "--json", "--socket", gateway.Socket)).Output);
        Assert.Equal(new Run(2, "", "gatewayctl: --since is later than --until\n"), await Run.OfAsync("buffer", "clear-shelf", "--since", "9", "--until", "5", "--socket", gateway.Socket));
    }

    [Fact]
    public async Task The_answer_to_an_order_may_be_text_or_json()
    {
        const string Body = "{\"snapshots\":3,\"oldest_unix_ms\":1777633200000,\"list\":[1],\"ok\":true}";
        await using var gateway = ScriptedGateway.Answering(ScriptedGateway.Whole(Body, "application/json"), ScriptedGateway.Whole(Body, "application/json"), ScriptedGateway.Whole("a \"b\"\u001b"), ScriptedGateway.Whole(""), ScriptedGateway.Whole("a \"b\"\u001b"));
        Assert.Equal("snapshots       3\noldest unix ms  2026-05-01T11:00:00Z\nok              yes\n", (await Run.OfAsync("buffer", "start", "--socket", gateway.Socket)).Output);
        Assert.Equal(Body + "\n", (await Run.OfAsync("buffer", "start", "--json", "--socket", gateway.Socket)).Output);
        Assert.Equal("a \"b\"?\n", (await Run.OfAsync("buffer", "start", "--socket", gateway.Socket)).Output);
        Assert.Equal("ok\n", (await Run.OfAsync("buffer", "start", "--socket", gateway.Socket)).Output);
        Assert.Equal("\"a \\u0022b\\u0022\\u001B\"\n", (await Run.OfAsync("buffer", "start", "--json", "--socket", gateway.Socket)).Output);
        Assert.Contains("\r\nAccept: application/json\r\n", gateway.Requests[1], StringComparison.Ordinal);
        Assert.DoesNotContain("\r\nAccept:", gateway.Requests[0], StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_refusal_is_repeated_in_its_own_words()
    {
        await using var gateway = ScriptedGateway.Answering(
            ScriptedGateway.Whole("There is no consumer of that name.\n\u001b[31m", status: "404 Not Found"), ScriptedGateway.Whole("", status: "500 Internal Server Error"),
            ScriptedGateway.Whole(new string('x', 5000), status: "403 Forbidden"));
        Assert.Equal(new Run(1, "", "gatewayctl: the gateway refused (404): There is no consumer of that name.  [31m\n"), await Run.OfAsync("buffer", "start", "--socket", gateway.Socket));
        Assert.Equal(new Run(1, "", "gatewayctl: the gateway refused with status 500\n"), await Run.OfAsync("buffer", "start", "--socket", gateway.Socket));
        Assert.InRange((await Run.OfAsync("buffer", "start", "--socket", gateway.Socket)).Errors.Length, 1000, 1100);
    }

    [Fact]
    public async Task No_gateway_is_an_exit_code_of_its_own()
    {
        var run = await Run.OfAsync("buffer", "status", "--socket", "/nowhere/at.all");
        Assert.Equal(new Run(3, "", "gatewayctl: no gateway answers at /nowhere/at.all: there is no such socket. Is it running, and there (--socket or --url names another place)?\n"), run);
        using var folder = new Gateway.TestKit.TempFolder();
        Assert.Equal(3, (await Run.OfAsync("buffer", "status", "--socket", folder.Write("file", ""))).ExitCode);
        Assert.Equal(3, (await Run.OfAsync("buffer", "status", "--url", "http://127.0.0.1:1")).ExitCode);
        Assert.Equal(3, (await Run.OfAsync("export", "--since", "1h", "--format", "jsonl", "--url", "http://127.0.0.1:1")).ExitCode);
    }

    [Theory]
    [InlineData("no HTTP at all\r\n\r\n")]
    [InlineData("HTTP/1.1 200 OK\r\nContent-Length: 500\r\n\r\n{\"state\":")]
    public async Task An_answer_that_breaks_off_is_a_failure(string answer)
    {
        await using var gateway = ScriptedGateway.Answering(answer);
        var run = await Run.OfAsync("buffer", "status", "--socket", gateway.Socket);
        Assert.Equal((1, ""), (run.ExitCode, run.Output));
        Assert.StartsWith("gatewayctl: ", run.Errors, StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_environment_names_the_socket_and_an_option_wins()
    {
        await using var gateway = ScriptedGateway.Answering(ScriptedGateway.Whole("{}"), ScriptedGateway.Whole("{}"));
        var environment = new Dictionary<string, string>(StringComparer.Ordinal) { ["GATEWAY_SOCKET"] = gateway.Socket };
        Assert.Equal(0, (await Run.OfAsync(environment, CancellationToken.None, "buffer", "status")).ExitCode);
        environment["GATEWAY_SOCKET"] = "/nowhere/at.all";
        Assert.Equal(0, (await Run.OfAsync(environment, CancellationToken.None, "buffer", "status", "--socket", gateway.Socket)).ExitCode);
        Assert.Equal(3, (await Run.OfAsync(environment, CancellationToken.None, "buffer", "status")).ExitCode);
    }

    [Fact]
    public async Task An_interrupted_run_says_so()
    {
        await using var gateway = ScriptedGateway.Answering();
        Assert.Equal(new Run(130, "", "gatewayctl: interrupted\n"), await Run.OfAsync(new Dictionary<string, string>(StringComparer.Ordinal), new CancellationToken(true), "buffer", "status", "--socket", gateway.Socket));
    }

    private static async Task<(Run Run, string Request)> AskAsync(string answer, params string[] arguments)
    {
        await using var gateway = ScriptedGateway.Answering(ScriptedGateway.Whole(answer));
        var run = await Run.OfAsync([.. arguments, "--socket", gateway.Socket]);
        return (run, gateway.Requests.Single());
    }

    private static (int, string) Ends(Run run) => (run.ExitCode, run.Errors);
}
