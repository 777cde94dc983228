using System.Collections.Concurrent;
using System.Globalization;
using System.Net;
using Gateway.EndToEnd.Parts;
using Gateway.TestKit;
using Xunit;

namespace Gateway.EndToEnd;

/// <summary>
/// kill -9 while 1,000 pushes are under way, again and again on the same state: what was answered <c>ok</c> is there afterwards with its exact value.
/// <c>GATEWAY_TORTURE_ROUNDS</c> sets the number of rounds (default 5; 20 for the full run).
/// </summary>
public sealed class PushTortureTests : IDisposable
{
    private const int Pushes = 1_000;

    /// <summary>Below the service's own bound of 512, so that no push waits for a connection to be refused.</summary>
    private const int Connections = 480;

    private readonly TempFolder _folder = new();

    [Fact]
    public async Task No_acknowledged_push_is_lost_by_kill_9()
    {
        var rounds = int.Parse(Environment.GetEnvironmentVariable("GATEWAY_TORTURE_ROUNDS") ?? "5", CultureInfo.InvariantCulture);
        var random = new Random(20260101);
        // Per series: the values it may have, null for none. An acknowledged push leaves one; a push without an answer may or may not have been kept.
        var possible = new HashSet<double?>[Pushes];
        for (var i = 0; i < Pushes; i++) possible[i] = [null];
        var unanswered = 0;
        for (var round = 1; round <= rounds; round++)
        {
            await using var gateway = await GatewayProcess.StartAsync(_folder, "--Gateway:Push:MaxRequestsPerSecond=0");
            await CheckAsync(gateway, possible);
            var (values, acknowledged) = await PushAndKillAsync(gateway, round, killAfter: random.Next(1, (Pushes * 6) / 10));
            for (var i = 0; i < Pushes; i++)
            {
                if (acknowledged.ContainsKey(i)) possible[i] = [values[i]];
                else possible[i].Add(values[i]);
            }

            unanswered += Pushes - acknowledged.Count;
        }

        Assert.True(unanswered > 0, "no kill came in the middle of the pushes: the test shows nothing");
        await using var last = await GatewayProcess.StartAsync(_folder);
        await CheckAsync(last, possible);
        Assert.Empty(Directory.EnumerateFiles(_folder["state"], "*.damaged-*"));
    }

    public void Dispose() => _folder.Dispose();

    private static async Task<(double[] Values, ConcurrentDictionary<int, bool> Acknowledged)> PushAndKillAsync(GatewayProcess gateway, int round, int killAfter)
    {
        using var pusher = gateway.Client(Http.Pusher, Connections);
        var values = Enumerable.Range(0, Pushes).Select(i => round + (i / 7.0)).ToArray();
        var acknowledged = new ConcurrentDictionary<int, bool>();
        var enough = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        var count = 0;
        var pushes = Enumerable.Range(0, Pushes).Select(async i =>
        {
            try
            {
                using var answer = await pusher.PostAsync(string.Create(CultureInfo.InvariantCulture, $"/complex/insert/torture/{i}/{values[i]:R}"), null);
                if (answer.StatusCode != HttpStatusCode.OK || await answer.Content.ReadAsStringAsync() != "ok") return;
                acknowledged[i] = true;
                if (Interlocked.Increment(ref count) >= killAfter) enough.TrySetResult();
            }
            catch (Exception e) when (e is HttpRequestException or IOException or OperationCanceledException)
            {
                // The kill came first: this push was not acknowledged.
            }
        }).ToList();
        await enough.Task.WaitAsync(Poll.Patience, TimeProvider.System);
        await gateway.Process.EndAsync(RunningProcess.Kill);
        await Task.WhenAll(pushes);
        return (values, acknowledged);
    }

    private static async Task CheckAsync(GatewayProcess gateway, HashSet<double?>[] possible)
    {
        var exposed = ScrapedText.Parse(await gateway.ScrapeAsync("/prom/deamon/metrics"));
        for (var i = 0; i < possible.Length; i++)
        {
            var series = new SeriesName("torture", string.Create(CultureInfo.InvariantCulture, $"instance={i}"));
            double? value = exposed.Series.TryGetValue(series, out var found) ? found : null;
            Assert.True(possible[i].Contains(value), $"{series} has {Show(value)}; it may have {string.Join(" or ", possible[i].Select(Show))}");
        }
    }

    private static string Show(double? value) => value?.ToString("R", CultureInfo.InvariantCulture) ?? "nothing";
}
