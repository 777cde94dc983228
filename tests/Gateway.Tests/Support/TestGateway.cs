using System.Net.Sockets;
using System.Text;
using Gateway.Collectors;
using Gateway.Exposition;
using Gateway.Http;
using Gateway.Scrape;
using Gateway.Status;
using Gateway.TestKit;
using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Logging;

namespace Gateway.Tests.Support;

/// <summary>The whole service on a real Unix socket in a folder of its own, without the collectors of the host. Disposes of everything.</summary>
internal sealed class TestGateway : IAsyncDisposable
{
    private readonly TempFolder _folder;
    private readonly WebApplication _app;

    private TestGateway(TempFolder folder, WebApplication app, LogLines log, FakeHeartbeatStore store, FakePushes pushes)
    {
        (_folder, _app, Log, HeartbeatStore, Pushes) = (folder, app, log, store, pushes);
        Client = new HttpClient(new SocketsHttpHandler
        {
            AllowAutoRedirect = false,
            ConnectCallback = async (_, cancellationToken) => new NetworkStream(await ConnectAsync(cancellationToken), ownsSocket: true),
        })
        { BaseAddress = new Uri("http://gateway") };
    }

    public HttpClient Client { get; }

    public LogLines Log { get; }

    public FakeHeartbeatStore HeartbeatStore { get; }

    public FakePushes Pushes { get; }

    public IServiceProvider Services => _app.Services;

    public CollectorRegistry Registry => Services.GetRequiredService<CollectorRegistry>();

    public string SocketPath => _folder["gateway.sock"];

    /// <summary>Builds and starts.</summary>
    /// <param name="settings">Settings over the defaults, <c>Gateway:Scrape:MaxConcurrent=1</c>.</param>
    public static Task<TestGateway> StartAsync(params string[] settings) => StartAsync(new Setup(), settings);

    /// <summary>Builds and starts with a clock, an earlier run or other services.</summary>
    public static async Task<TestGateway> StartAsync(Setup setup, params string[] settings)
    {
        var (time, store, services) = (setup.Time, setup.Store, setup.Services);
        var folder = new TempFolder();
        var configuration = new ConfigurationBuilder().AddInMemoryCollection(Pairs(
            ["Gateway:StateDirectory=" + folder.Path, "Logging:LogLevel:Default=Debug", "Logging:LogLevel:Microsoft=Warning", "Gateway:Replay:Enabled=false", .. settings])).Build();
        var log = new LogLines();
        var pushes = new FakePushes();
        store ??= new FakeHeartbeatStore((time ?? TimeProvider.System).GetUtcNow());
        var app = GatewayHost.Build(GatewaySettings.Read(configuration), configuration, collection =>
        {
            collection.RemoveAll<ILoggerProvider>();
            collection.AddSingleton<ILoggerProvider>(log);
            collection.Replace(ServiceDescriptor.Singleton<IHeartbeatStore>(store));
            collection.Replace(ServiceDescriptor.Singleton<IPushedSamples>(pushes));
            if (time is not null) collection.Replace(ServiceDescriptor.Singleton(time));
            services?.Invoke(collection);
        });
        var gateway = new TestGateway(folder, app, log, store, pushes);
        try
        {
            await app.StartAsync();
            return gateway;
        }
        catch
        {
            await gateway.DisposeAsync();
            throw;
        }
    }

    public void Register(string name, ICollector collector) => Registry.Register(new CollectorRegistration(name, collector));

    /// <summary>A request by method, path and headers given as <c>Name: value</c>.</summary>
    public async Task<HttpResponseMessage> SendAsync(string method, string path, params string[] headers)
    {
        using var request = new HttpRequestMessage(new HttpMethod(method), path);
        foreach (var header in headers)
        {
            var colon = header.IndexOf(':', StringComparison.Ordinal);
            request.Headers.TryAddWithoutValidation(header[..colon], header[(colon + 1)..].TrimStart());
        }

        return await Client.SendAsync(request).InTime();
    }

    /// <summary>A scrape as Prometheus makes it; text 0.0.4.</summary>
    public Task<HttpResponseMessage> ScrapeAsync(params string[] headers) => SendAsync("GET", "/prom/metrics", [.. headers, "User-Agent: Prometheus/2.53.3"]);

    public async Task<string> ScrapeTextAsync() => await (await ScrapeAsync()).EnsureSuccessStatusCode().Content.ReadAsStringAsync();

    /// <summary>Sends bytes as they are and returns all that comes back until the other side closes.</summary>
    public async Task<string> RawAsync(string request)
    {
        using var socket = await ConnectAsync(CancellationToken.None);
        await socket.SendAsync(Encoding.Latin1.GetBytes(request));
        using var stream = new NetworkStream(socket);
        using var reader = new StreamReader(stream, Encoding.UTF8);
        return await reader.ReadToEndAsync().InTime();
    }

    /// <summary>A request with a target that a client library would change.</summary>
    public Task<string> RawAsync(string method, string target, params string[] headers) =>
        RawAsync($"{method} {target} HTTP/1.1\r\nHost: gateway\r\nConnection: close\r\n{string.Concat(headers.Select(header => header + "\r\n"))}\r\n");

    public async Task<Socket> ConnectAsync(CancellationToken cancellationToken)
    {
        var socket = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        try
        {
            await socket.ConnectAsync(new UnixDomainSocketEndPoint(SocketPath), cancellationToken);
            return socket;
        }
        catch
        {
            socket.Dispose();
            throw;
        }
    }

    public Task StopAsync() => _app.StopAsync();

    public async ValueTask DisposeAsync()
    {
        Client.Dispose();
        await _app.DisposeAsync();
        _folder.Dispose();
    }

    private static IEnumerable<KeyValuePair<string, string?>> Pairs(string[] settings) =>
        settings.Select(setting => setting.Split('=', 2)).GroupBy(pair => pair[0]).Select(group => group.Last()).Select(pair => new KeyValuePair<string, string?>(pair[0], pair[1]));
}

/// <summary>What a test changes in the service.</summary>
internal sealed record Setup
{
    /// <summary>Clock; the system's when null.</summary>
    public TimeProvider? Time { get; init; }

    /// <summary>Heartbeats of an earlier run.</summary>
    public FakeHeartbeatStore? Store { get; init; }

    /// <summary>Changes to the services.</summary>
    public Action<IServiceCollection>? Services { get; init; }
}

/// <summary>Pushed values that a test gives.</summary>
internal sealed class FakePushes : IPushedSamples
{
    public Func<ScrapeResult> Answer { get; set; } = () => new ScrapeResult(new BatchMerger(), () => { });

    public ScrapeResult Take() => Answer();
}
