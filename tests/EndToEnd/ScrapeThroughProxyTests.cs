using System.Net;
using Gateway.EndToEnd.Parts;
using Gateway.TestKit;
using Xunit;

namespace Gateway.EndToEnd;

/// <summary>
/// A real Prometheus with the deployed configuration scrapes the service through each proxy with its deployed file. One set of parts serves all tests here.
/// </summary>
public sealed class ScrapeThroughProxyTests(ScrapeThroughProxyTests.Parts parts) : IClassFixture<ScrapeThroughProxyTests.Parts>
{
    [RequiresToolTheory("prometheus", "nginx", "haproxy", "socat"), InlineData("nginx"), InlineData("haproxy"), InlineData("socat"), InlineData("relay")]
    public async Task Prometheus_scrapes_both_jobs_without_an_error(string proxy)
    {
        var prometheus = await parts.StartedAsync();
        await Poll.UntilAsync("both jobs are up", async () =>
            (await prometheus.QueryAsync($"up{{proxy=\"{proxy}\"}} == 1")).Count == 2,
            evidence: () => prometheus.Log);

        var load = Assert.Single(await prometheus.QueryAsync($"node_load1{{proxy=\"{proxy}\",job=\"gateway\"}}"));
        Assert.InRange(load.Value, 0, 10_000);
        var version = Assert.Single(await prometheus.QueryAsync($"gateway_collector_success{{proxy=\"{proxy}\",collector=\"loadavg\"}}"));
        Assert.Equal(1, version.Value);

        var address = $"127.0.0.1:{parts.Ports[proxy]}";
        var targets = (await prometheus.TargetsAsync()).Where(target => target.Address == address).ToList();
        Assert.Equal(2, targets.Count);
        Assert.All(targets, target => Assert.Equal(("up", ""), (target.Health, target.LastError)));
        Assert.Equal(["gateway", "gateway-pushed"], targets.Select(target => target.Job).Order(StringComparer.Ordinal), StringComparer.Ordinal);
        Assert.DoesNotContain("num_dropped", prometheus.Log, StringComparison.Ordinal);
    }

    [RequiresToolFact("prometheus", "nginx", "haproxy", "socat", "curl")]
    public async Task What_a_legacy_script_pushes_with_curl_arrives_in_Prometheus()
    {
        var prometheus = await parts.StartedAsync();
        var measured = DateTimeOffset.FromUnixTimeMilliseconds(TimeProvider.System.GetUtcNow().ToUnixTimeMilliseconds()).AddSeconds(-30);
        var script = parts.Folder.Write(
            "legacy.sh",
            $"""
            set -eu
            push() (curl -sS -f -X POST -A metrics_pusher --unix-socket {parts.Socket} "http://localhost$1" && echo)
            push /simple/insert/backup_duration_seconds/12.5
            push /complex/insert/ups_charge_ratio/rack%2F1%20left/0.75
            push "/simple/insert/backup_runs_total/3?type=counter&help=Runs+of+the+backup."
            push "/complex/insert/door_open/front/1?labels.floor=2&ts={measured.ToUnixTimeMilliseconds()}"

            """);
        var (exitCode, output, errors) = await RunningProcess.RunAsync("/bin/sh", [script]);
        Assert.Equal((0, "ok\nok\nok\nok\n", ""), (exitCode, output, errors));

        foreach (var (query, value) in new (string, double)[]
        {
            ("backup_duration_seconds", 12.5),
            ("ups_charge_ratio{instance=\"rack/1 left\"}", 0.75),
            ("backup_runs_total", 3),
            ("timestamp(door_open{instance=\"front\",floor=\"2\"})", measured.ToUnixTimeMilliseconds() / 1000.0),
        })
        {
            await Poll.UntilAsync($"{query} arrives through all proxies", async () => (await prometheus.QueryAsync(query)).Count == parts.Ports.Count, evidence: () => prometheus.Log);
            Assert.All(await prometheus.QueryAsync(query), series => Assert.Equal(value, series.Value));
        }

        // A target is unknown until its first scrape, and each is scraped at a time of its own.
        await Poll.UntilAsync("every target was scraped", async () => (await prometheus.TargetsAsync()).All(target => target.Health != "unknown"), evidence: () => prometheus.Log);
        // The job for Prometheus itself has the port of a real installation.
        Assert.All((await prometheus.TargetsAsync()).Where(target => target.Job != "prometheus"), target => Assert.Equal(("up", ""), (target.Health, target.LastError)));
    }

    [RequiresToolFact("prometheus", "nginx", "haproxy", "socat")]
    public async Task Prometheus_and_the_service_agree_on_OpenMetrics_in_gzip()
    {
        await parts.StartedAsync();
        await Poll.UntilAsync("Prometheus was answered", () => parts.Relay.Answers.Contains("HTTP/1.1 200", StringComparison.Ordinal));
        Assert.Contains("User-Agent: Prometheus/", parts.Relay.Requests, StringComparison.Ordinal);
        Assert.Contains("Accept-Encoding: gzip", parts.Relay.Requests, StringComparison.Ordinal);
        Assert.Contains("Content-Type: application/openmetrics-text; version=1.0.0", parts.Relay.Answers, StringComparison.Ordinal);
        Assert.Contains("Content-Encoding: gzip", parts.Relay.Answers, StringComparison.Ordinal);
    }

    [RequiresToolTheory("prometheus", "nginx", "haproxy", "socat", "curl"), InlineData("nginx"), InlineData("haproxy"), InlineData("socat")]
    public async Task An_agent_other_than_Prometheus_is_refused_through_the_proxy(string proxy)
    {
        await parts.StartedAsync();
        var url = $"http://127.0.0.1:{parts.Ports[proxy]}/prom/metrics";
        var (exitCode, output, _) = await RunningProcess.RunAsync(ToolPath.Find("curl"), ["-s", "-w", "%{http_code}", url]);
        Assert.Equal(0, exitCode);
        Assert.StartsWith("The User-Agent \"curl/", output, StringComparison.Ordinal);
        Assert.EndsWith("it must start with \"Prometheus/\" and a digit.\n403\n", output, StringComparison.Ordinal);
    }

    [RequiresToolTheory("prometheus", "nginx", "haproxy", "socat"), InlineData("nginx"), InlineData("haproxy")]
    public async Task A_proxy_lets_only_what_is_below_prom_through(string proxy)
    {
        await parts.StartedAsync();
        using var client = Http.Tcp(parts.Ports[proxy], Http.Pusher);
        using var push = await client.PostAsync("/simple/insert/through_proxy/1", null);
        using var last = await client.GetAsync("/last/get/prometheus");
        using var page = await client.GetAsync("/");
        using var status = await client.GetAsync("/prom/status");
        Assert.Equal([HttpStatusCode.NotFound, HttpStatusCode.NotFound, HttpStatusCode.NotFound], new[] { push, last, page }.Select(answer => answer.StatusCode));
        Assert.Equal(HttpStatusCode.Forbidden, status.StatusCode);
    }

    /// <summary>The service, the proxies and one Prometheus that scrapes through each of them; started by the first test that runs.</summary>
    public sealed class Parts : IAsyncLifetime, IDisposable
    {
        private readonly TempFolder _folder = new();
        private readonly List<IAsyncDisposable> _started = [];
        private readonly Dictionary<string, int> _ports = new(StringComparer.Ordinal);
        private PrometheusServer? _prometheus;
        private RecordingRelay? _relay;

        /// <summary>The TCP port of each proxy.</summary>
        public IReadOnlyDictionary<string, int> Ports => _ports;

        internal TempFolder Folder => _folder;

        /// <summary>The socket of the service.</summary>
        public string Socket { get; private set; } = "";

        internal RecordingRelay Relay => _relay ?? throw new InvalidOperationException("Not started.");

        public Task InitializeAsync() => Task.CompletedTask;

        public async Task DisposeAsync()
        {
            for (var i = _started.Count - 1; i >= 0; i--) await _started[i].DisposeAsync();
        }

        public void Dispose() => _folder.Dispose();

        internal async Task<PrometheusServer> StartedAsync()
        {
            if (_prometheus is not null) return _prometheus;
            var gateway = Owned(await GatewayProcess.StartAsync(_folder));
            Socket = gateway.Socket;
            string[] kinds = ["nginx", "haproxy", "socat"];
            foreach (var (kind, port) in kinds.Zip(FreePort.Take(kinds.Length)))
            {
                Owned(await Proxy.StartAsync(kind, gateway.Socket, port, _folder));
                _ports[kind] = port;
            }

            _relay = Owned(new RecordingRelay(gateway.Socket));
            _ports["relay"] = _relay.Port;
            return _prometheus = Owned(await PrometheusServer.StartAsync(Configuration(), _folder));
        }

        /// <summary>The deployed file, faster, and with the proxies in the place of its one target.</summary>
        private string Configuration()
        {
            const string Target = "      - targets: [\"127.0.0.1:9464\"]\n";
            var targets = string.Concat(_ports.Select(entry => $"      - targets: [\"127.0.0.1:{entry.Value}\"]\n        labels: {{proxy: {entry.Key}}}\n"));
            return File.ReadAllText(Repository.PathOf("deploy/prometheus/prometheus.yml"))
                .Replace(Target, targets, StringComparison.Ordinal)
                .Replace("scrape_interval: 15s", "scrape_interval: 1s", StringComparison.Ordinal)
                .Replace("scrape_timeout: 10s", "scrape_timeout: 1s", StringComparison.Ordinal);
        }

        private T Owned<T>(T part)
            where T : IAsyncDisposable
        {
            _started.Add(part);
            return part;
        }
    }
}
