using System.Text.Json;
using Gateway.EndToEnd.Parts;
using Gateway.TestKit;

namespace Gateway.EndToEnd.Replay;

/// <summary>
/// What every test of the replay needs: the service with a short interval and the textfile collector alone, nginx with the deployed file in front of
/// its socket, a relay that can be cut in front of that, and the independent record of what is collected. Prometheus → relay → nginx → socket.
/// </summary>
internal sealed class ReplayParts : IAsyncDisposable
{
    private readonly List<IAsyncDisposable> _started = [];
    private readonly TempFolder _folder;
    private readonly ReplaySetup _setup;
    private GatewayProcess? _gateway;

    private ReplayParts(TempFolder folder, ReplaySetup setup)
    {
        (_folder, _setup) = (folder, setup);
        Record = Owned(SampleRecord.Start(folder["text"], setup.Pace, setup.Width));
    }

    /// <summary>What is collected.</summary>
    public SampleRecord Record { get; }

    /// <summary>Where Prometheus scrapes.</summary>
    public CuttableRelay Relay { get; private set; } = null!; // set by StartAsync, the only way to get one of these

    /// <summary>The service of the last start; it may have ended.</summary>
    public GatewayProcess Gateway => _gateway ?? throw new InvalidOperationException("The service was not started.");

    /// <summary>One job that scrapes the service through the relay, at its interval.</summary>
    public PrometheusConfiguration Configuration => new()
    {
        ScrapeInterval = _setup.ScrapeInterval,
        ScrapeTimeout = _setup.ScrapeInterval,
        Jobs = [new ScrapeJob("gateway", Relay.Port)],
    };

    /// <summary>Starts all but the receiving servers.</summary>
    public static async Task<ReplayParts> StartAsync(TempFolder folder, ReplaySetup? setup = null)
    {
        var parts = new ReplayParts(folder, setup ?? new ReplaySetup());
        try
        {
            await parts.StartGatewayAsync();
            var proxy = parts.Owned(await Proxy.StartAsync("nginx", parts.Gateway.Socket, FreePort.Take(), folder, parts._setup.Accept));
            parts.Relay = parts.Owned(new CuttableRelay(proxy.Port, parts._setup.RelayBuffer));
            return parts;
        }
        catch
        {
            await parts.DisposeAsync();
            throw;
        }
    }

    /// <summary>Starts the service and waits until it is ready: again after it was ended, with the same state and socket.</summary>
    /// <param name="options">Beside those of the set-up; a later one wins.</param>
    public async Task StartGatewayAsync(params string[] options)
    {
        if (_gateway is { } earlier)
        {
            if (!earlier.Process.HasExited) throw new InvalidOperationException("The service runs already.");
            await earlier.DisposeAsync();
        }

        _gateway = await GatewayProcess.LaunchAsync(_folder, [.. OwnOptions(), .. _setup.Options, .. options]);
        await _gateway.ReadyAsync();
    }

    /// <summary>Ends the service at once, as a power cut does for what it holds in memory.</summary>
    public Task KillGatewayAsync() => Gateway.Process.EndAsync(RunningProcess.Kill);

    /// <summary>Ends the service in order.</summary>
    public Task StopGatewayAsync() => Gateway.Process.EndAsync(RunningProcess.Terminate);

    /// <summary>Starts a Prometheus with <see cref="Configuration"/>, or with another one.</summary>
    /// <param name="configuration">Null for that of the parts.</param>
    /// <param name="name">Unique among the servers of the test.</param>
    /// <param name="flags">Of its command line.</param>
    public async Task<PrometheusServer> StartPrometheusAsync(
        PrometheusConfiguration? configuration = null, string name = "prometheus", params string[] flags) =>
        Owned(await PrometheusServer.StartAsync((configuration ?? Configuration).ToString(), _folder, name, flags));

    /// <inheritdoc cref="VictoriaServer.StartAsync"/>
    public async Task<VictoriaServer> StartVictoriaAsync(string name = "victoria", bool deduplicate = false, params string[] flags) =>
        Owned(await VictoriaServer.StartAsync(_folder, name, deduplicate, flags));

    /// <summary>All samples of the record that a Prometheus holds for a job.</summary>
    public static Task<StoredSamples> RecordedAsync(PrometheusServer prometheus, long from, string job = "gateway") =>
        prometheus.RawSamplesAsync(SampleRecord.Selector.Replace("}", $",job=\"{job}\"}}", StringComparison.Ordinal), from, Clock.Now);

    /// <summary>What the service and the given servers said, for the message of a failing test.</summary>
    public string Evidence(params IEnumerable<PeerServer> servers) => string.Join('\n', [Gateway.Log, .. servers.Select(server => server.Log)]);

    public async ValueTask DisposeAsync()
    {
        for (var i = _started.Count - 1; i >= 0; i--) await _started[i].DisposeAsync();
        if (_gateway is not null) await _gateway.DisposeAsync();
    }

    private IEnumerable<string> OwnOptions() =>
    [
        $"--Gateway:ScrapeInterval={_setup.ScrapeInterval:c}",
        .. _setup.AllCollectors ? [] : OtherCollectors().Select(name => $"--Gateway:Collectors:{name}:Enabled=false"),
        "--Gateway:Collectors:textfile:Enabled=true", $"--Gateway:Collectors:textfile:Directory={Record.Folder}",
    ];

    /// <summary>All collectors that the default file names.</summary>
    private static IEnumerable<string> OtherCollectors()
    {
        using var file = JsonDocument.Parse(File.ReadAllText(Repository.PathOf("appsettings.json")));
        var service = file.RootElement.EnumerateObject().Single(section => section.Name != "Logging").Value;
        return [.. service.GetProperty("Collectors").EnumerateObject().Select(collector => collector.Name).Where(name => name != "textfile")];
    }

    private T Owned<T>(T part)
        where T : IAsyncDisposable
    {
        _started.Add(part);
        return part;
    }
}

/// <summary>How the parts of a test are set up.</summary>
internal sealed record ReplaySetup
{
    /// <summary>Of the service and of Prometheus.</summary>
    public TimeSpan ScrapeInterval { get; init; } = TimeSpan.FromSeconds(1);

    /// <summary>Time between two writings of the record; null is the usual.</summary>
    public TimeSpan? Pace { get; init; }

    /// <summary>Series of the record whose value always changes.</summary>
    public int Width { get; init; } = 4;

    /// <summary>Format that nginx asks the service for, such as <c>text/plain;version=0.0.4</c>; null leaves it to Prometheus: OpenMetrics.</summary>
    public string? Accept { get; init; }

    /// <summary>The collectors of the default file as well, and not the textfile collector alone.</summary>
    public bool AllCollectors { get; init; }

    /// <summary>Bytes that the relay lets the kernel take in advance; null is the usual.</summary>
    public int? RelayBuffer { get; init; }

    /// <summary>More options of the service.</summary>
    public IReadOnlyList<string> Options { get; init; } = [];
}
