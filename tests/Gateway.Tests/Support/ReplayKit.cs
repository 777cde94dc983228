using System.Globalization;
using System.Text.RegularExpressions;
using Gateway.Buffering;
using Gateway.Exposition;
using Gateway.Replay;
using Gateway.TestKit;
using Microsoft.Extensions.DependencyInjection;
using Xunit;

namespace Gateway.Tests.Support;

/// <summary>The whole service with buffering on, a clock that the test moves, and one collector whose value is a new number each time it is asked.</summary>
internal sealed partial class ReplayKit : IAsyncDisposable
{
    private static readonly MetricFamily Number = MetricFamily.Gauge("number", "A new number each time.");

    private readonly TempFolder _folder;
    private volatile bool _isJumping;
    private readonly TestGateway _gateway;
    private readonly Dictionary<double, long> _collected;

    private ReplayKit(TempFolder folder, TestGateway gateway, ManualTimeProvider clock, Dictionary<double, long> collected) =>
        (_folder, _gateway, Clock, _collected) = (folder, gateway, clock, collected);

    public ManualTimeProvider Clock { get; }

    public TestGateway Gateway => _gateway;

    public ReplayService Replay => _gateway.Services.GetRequiredService<ReplayService>();

    public ReplayLoop Loop => _gateway.Services.GetRequiredService<ReplayLoop>();

    public ISnapshotBuffer Buffer => _gateway.Services.GetRequiredService<ISnapshotBuffer>();

    /// <summary>What was collected: value and time.</summary>
    public IReadOnlyDictionary<double, long> Collected => _collected;

    /// <summary>Starts; the interval is 15 s.</summary>
    public static Task<ReplayKit> StartAsync(params string[] settings) => StartAsync(new TempFolder(), new ManualTimeProvider(), null, [], settings);

    /// <summary>Starts with buffering off.</summary>
    public static Task<ReplayKit> StartOffAsync() => StartAsync("Gateway:Replay:Enabled=false");

    /// <summary>Folder of the buffer.</summary>
    public string BufferFolder => _folder["buffer"];

    /// <summary>Ends, lets something happen to the disk, and starts again.</summary>
    public async Task<ReplayKit> RestartAsync(TimeSpan away, Action<string> meanwhile)
    {
        await _gateway.DisposeAsync();
        meanwhile(BufferFolder);
        return await RestartAsync(away);
    }

    /// <summary>Starts on the state that an earlier run left.</summary>
    public async Task<ReplayKit> RestartAsync(TimeSpan away, params string[] settings)
    {
        await _gateway.DisposeAsync();
        Clock.Advance(away);
        return await StartAsync(_folder, Clock, _gateway.HeartbeatStore, _collected, settings);
    }

    /// <summary>Lets time pass, second by second, as the loop sees it.</summary>
    public async Task PassAsync(double seconds)
    {
        for (var passed = 0.0; passed < seconds; passed++)
        {
            var before = Loop.Steps;
            Clock.Advance(TimeSpan.FromSeconds(Math.Min(1, seconds - passed)));
            if (seconds - passed >= 1) await Eventually.TrueAsync(() => Loop.Steps > before, "a step of the loop");
        }
    }

    /// <summary>Lets much time pass at once.</summary>
    public async Task JumpAsync(TimeSpan by)
    {
        // A collection that runs while the clock does would have any time.
        _isJumping = true;
        var before = Loop.Steps;
        Clock.Advance(by);
        await Eventually.TrueAsync(() => Loop.Steps > before, "a step of the loop");
        _isJumping = false;
        await PassAsync(1);
    }

    /// <summary>A scrape as Prometheus makes it. Returns the samples of <c>number</c> as value and time; no time for a plain one.</summary>
    public async Task<IReadOnlyList<(double Value, long? Time)>> ScrapeAsync(string query = "", params string[] headers)
    {
        using var response = await _gateway.SendAsync("GET", "/prom/metrics" + query, [.. headers, "User-Agent: Prometheus/2.53.3"]);
        response.EnsureSuccessStatusCode();
        return Samples(await response.Content.ReadAsStringAsync(), "number");
    }

    /// <summary>Samples of a series, in the order in which they stand.</summary>
    public static IReadOnlyList<(double Value, long? Time)> Samples(string text, string series) =>
    [
        .. text.Split('\n').Select(line => Line().Match(line)).Where(match => match.Success && match.Groups["series"].Value == series).Select(match => (
            double.Parse(match.Groups["value"].Value, CultureInfo.InvariantCulture),
            match.Groups["time"].Success ? long.Parse(match.Groups["time"].Value, CultureInfo.InvariantCulture) : (long?)null)),
    ];

    /// <summary>A scrape whose client reads the first bytes of the answer and goes away. The answer must be larger than what sockets hold.</summary>
    public async Task BreakScrapeAsync(Func<bool> noticed, string query = "")
    {
        using (var socket = await _gateway.ConnectAsync(CancellationToken.None))
        {
            await socket.SendAsync(System.Text.Encoding.Latin1.GetBytes(
                $"GET /prom/metrics{query} HTTP/1.1\r\nHost: gateway\r\nUser-Agent: Prometheus/2.53.3\r\n\r\n"));
            await socket.ReceiveAsync(new byte[64]);
        }

        await Eventually.TrueAsync(noticed, "an answer that broke off is noticed");
    }

    /// <summary>Samples of a collector beside the numbers, so that an answer is large.</summary>
    public void RegisterBulk(int series)
    {
        var bulk = MetricFamily.Gauge("bulk", "Makes answers large.", "n");
        var labels = Enumerable.Range(0, series).Select(n => n.ToString("000000", CultureInfo.InvariantCulture)).ToArray();
        _gateway.Register("bulk", new ScriptedCollector(sink =>
        {
            foreach (var label in labels) sink.Add(bulk, [label], 1);
        }));
    }

    public string State(string consumer = "default") => View(consumer).State.Word();

    public QueueView View(string consumer = "default", SnapshotKind kind = SnapshotKind.Metrics) =>
        Replay.View().Single(queue => queue.Consumer == consumer && queue.Kind == kind);

    public bool IsRegistered => _gateway.Registry.Entries.Any(entry => entry.Name == "buffering");

    /// <summary>All of these, each at the time it was collected at, in this order.</summary>
    public void AssertCollected(IEnumerable<(double Value, long? Time)> samples)
    {
        long last = 0;
        foreach (var (value, time) in samples)
        {
            Assert.NotNull(time);
            // Two snapshots within a millisecond are a millisecond apart.
            Assert.InRange(time.Value - _collected[value], 0, 2);
            Assert.True(time > last, $"{time} does not follow {last}");
            last = time.Value;
        }
    }

    public async ValueTask DisposeAsync()
    {
        await _gateway.DisposeAsync();
        _folder.Dispose();
    }

    private static async Task<ReplayKit> StartAsync(
        TempFolder folder, ManualTimeProvider clock, FakeHeartbeatStore? store, Dictionary<double, long> collected, string[] settings)
    {
        var gateway = await TestGateway.StartAsync(
            new Setup { Time = clock, Store = store }, ["Gateway:Replay:Enabled=true", $"Gateway:Buffer:Directory={folder["buffer"]}", .. settings]);
        var kit = new ReplayKit(folder, gateway, clock, collected);
        gateway.Register("number", new ScriptedCollector(sink =>
        {
            if (kit._isJumping) return;
            lock (collected)
            {
                var value = collected.Count + 1;
                collected.Add(value, clock.GetUtcNow().ToUnixTimeMilliseconds());
                sink.Add(Number, value);
            }
        }));
        if (kit.Replay.Options.Enabled) await Eventually.TrueAsync(() => kit.Loop.Steps > 0, "the first step of the loop");
        return kit;
    }

    [GeneratedRegex(@"^(?<series>[a-z_]+(\{[^}]*\})?) (?<value>\S+)( (?<time>\d+))?$", RegexOptions.ExplicitCapture, matchTimeoutMilliseconds: 1000)]
    private static partial Regex Line();
}
