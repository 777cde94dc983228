using Gateway.EndToEnd.Parts;
using Gateway.TestKit;
using Xunit;
using Xunit.Abstractions;

namespace Gateway.EndToEnd.Replay;

/// <summary>Answers that break off on their way behind the proxy: pages and plain ones, several times.</summary>
public sealed class CutAnswerTests(OutagesAtOnce outages, ITestOutputHelper output) : IClassFixture<OutagesAtOnce>
{
    private const int Cuts = 4;

    /// <summary>Of a cut answer, this much arrives.</summary>
    private const int Arriving = 4_000;

    /// <summary>So little is taken in advance that an answer of some hundred kB is still being written when it breaks off, as on a link that is slower than the service.</summary>
    private const int NarrowLink = 8_192;

    private static readonly Dictionary<string, Func<Task<string>>> All = new(StringComparer.Ordinal)
    {
        [nameof(Pages_that_break_off_are_served_again_until_all_is_there)] = PagesAsync,
        [nameof(Pages_that_break_off_unseen_are_served_again_when_a_query_confirms_them)] = UnseenPagesAsync,
        [nameof(Of_plain_answers_that_break_off_none_is_lost_that_was_seen_to)] = PlainAnswersAsync,
    };

    [RequiresToolFact("prometheus", "nginx")]
    public Task Pages_that_break_off_are_served_again_until_all_is_there() => RunAsync(nameof(Pages_that_break_off_are_served_again_until_all_is_there));

    [RequiresToolFact("prometheus", "nginx")]
    public Task Pages_that_break_off_unseen_are_served_again_when_a_query_confirms_them() => RunAsync(nameof(Pages_that_break_off_unseen_are_served_again_when_a_query_confirms_them));

    [RequiresToolFact("prometheus", "nginx")]
    public Task Of_plain_answers_that_break_off_none_is_lost_that_was_seen_to() => RunAsync(nameof(Of_plain_answers_that_break_off_none_is_lost_that_was_seen_to));

    private static async Task<string> PagesAsync()
    {
        const int Width = 2_000;
        var filled = new FilledBuffer(TimeSpan.FromMinutes(50), Width);
        await using var run = await OutageRun.StartAsync(
            new ReplaySetup { ScrapeInterval = TimeSpan.FromSeconds(2), RelayBuffer = NarrowLink, Options = [$"--Gateway:Replay:MaxPageSamples={Width * 100}"] },
            fill: filled.FillAsync);
        // Twice in a row, before the first scrape, which comes 5 s after the start of Prometheus at the soonest; and once more in the middle.
        run.Parts.Relay.CutAnswers(2, Arriving);
        await Poll.UntilAsync("two pages are cut", () => run.Parts.Relay.Cuts == 2, evidence: () => run.Parts.Evidence(run.Prometheus));
        await Poll.UntilAsync("a page is delivered", async () => (await ConsumerState.OfAsync(run.Parts.Gateway)).DeliveredPages >= 1);
        run.Parts.Relay.CutAnswers(1, Arriving);
        await Poll.UntilAsync("a third page is cut", () => run.Parts.Relay.Cuts == 3, evidence: () => run.Parts.Evidence(run.Prometheus));
        await run.SettledAsync(TimeSpan.FromMinutes(1));
        var state = await ConsumerState.OfAsync(run.Parts.Gateway);
        var figures = $"{run.Parts.Relay.Cuts} pages cut, {state}";
        Assert.True(state.FailedPages >= 3, $"{state}\n{run.Parts.Evidence(run.Prometheus)}");
        var all = await run.Prometheus.RawSamplesAsync(FilledBuffer.Selector, filled.First, Clock.Now);
        Assert.True(filled.Differences(all) is { Count: 0 } differences, $"{string.Join('\n', filled.Differences(all))}\n{run.Parts.Evidence(run.Prometheus)}");
        await run.AssertAllArrivedAsync();
        await run.AssertPlainAsync();
        return figures;
    }

    private static async Task<string> UnseenPagesAsync()
    {
        // So small that nginx has each of them whole before it breaks off: only the query can tell.
        await using var run = await OutageRun.StartAsync(new ReplaySetup { Options = ["--Gateway:Replay:MaxPageSamples=1000"] });
        await run.BeginAsync();
        await run.Prometheus.StopAsync();
        await run.Parts.StopGatewayAsync();
        await run.Parts.StartGatewayAsync($"--Gateway:Replay:Confirm:QueryUrl={run.Prometheus.Url}", "--Gateway:Replay:Confirm:Matchers=job=\"gateway\"");
        await run.PassAsync();
        // Never more in a row than a page may be repeated.
        run.Parts.Relay.CutAnswers(2, 1_000);
        await run.Prometheus.StartAsync();
        await Poll.UntilAsync("two pages are cut", () => run.Parts.Relay.Cuts == 2, evidence: () => run.Parts.Evidence(run.Prometheus));
        await Poll.UntilAsync("a page is delivered", async () => (await ConsumerState.OfAsync(run.Parts.Gateway)).DeliveredPages >= 1);
        run.Parts.Relay.CutAnswers(2, 1_000);
        await run.SettledAsync();
        var state = await ConsumerState.OfAsync(run.Parts.Gateway);
        var figures = $"{run.Parts.Relay.Cuts} answers cut, {state}";
        // How many is chance: one after which the next scrape was late counts as neither, and one that is found late counts although it arrived.
        Assert.True(state.FailedPages + state.UnconfirmedPages >= 1, $"{state}");
        await run.AssertAllArrivedAsync();
        await run.AssertPlainAsync();
        return figures;
    }

    private static async Task<string> PlainAnswersAsync()
    {
        // Of this width some answers are still being written when they break off, and some are not.
        await using var run = await OutageRun.StartAsync(new ReplaySetup { Width = 4_000, Pace = TimeSpan.FromMilliseconds(400) });
        for (var i = 1; i <= Cuts; i++)
        {
            run.Parts.Relay.CutAnswers(1, Arriving);
            await Poll.UntilAsync("an answer is cut", () => run.Parts.Relay.Cuts == i, evidence: () => run.Parts.Evidence(run.Prometheus));
            await run.SettledAsync();
        }

        // Prometheus never acknowledges an answer: one that nginx had whole before it broke off looks delivered (docs/replay.md, "The last answer").
        var failed = (await run.Prometheus.UpAsync("gateway", run.Start)).Count(sample => sample.Value == 0);
        var aborted = (int)await OwnMetricAsync(run, "gateway_scrapes_total", "code=aborted");
        var difference = await run.AssertAllArrivedAsync(_ => true);
        var figures = $"{Cuts} plain answers cut, {aborted} seen by the service, {difference.Missing.Count} lost. {difference}";
        Assert.True(difference.Missing.Count <= failed - aborted, $"{failed} failed scrapes; {figures}");
        await run.AssertPlainAsync();
        return figures;
    }

    private static async Task<double> OwnMetricAsync(OutageRun run, string name, string label) =>
        (await run.Prometheus.QueryAsync($"sum({name}{{job=\"gateway\",{label.Replace("=", "=\"", StringComparison.Ordinal)}\"}})")).Sum(one => one.Value);

    private async Task RunAsync(string name) => output.WriteLine(await outages.RunAsync(All, name));
}
