using System.Net;
using System.Net.Sockets;

namespace Gateway.EndToEnd.Parts;

/// <summary>HTTP to the service: over its Unix socket or a TCP port, with a User-Agent. Each client has connections of its own.</summary>
internal static class Http
{
    public const string Scraper = "Prometheus/2.42.0+ds";
    public const string Pusher = "metrics_pusher";
    public const string Checker = "checker";
    public const string OpenMetricsAccept = "application/openmetrics-text;version=1.0.0,application/openmetrics-text;version=0.0.1;q=0.75,text/plain;version=0.0.4;q=0.5,*/*;q=0.1";

    public static HttpClient Unix(string socket, string agent, int connections = 64) =>
        Client(agent, new SocketsHttpHandler
        {
            MaxConnectionsPerServer = connections,
            ConnectCallback = async (_, cancellationToken) => new NetworkStream(await ConnectAsync(new UnixDomainSocketEndPoint(socket), cancellationToken), ownsSocket: true),
        });

    public static HttpClient Tcp(int port, string agent) => Client(agent, new SocketsHttpHandler(), port);

    /// <summary>A bare connection to the service, for clients that do not behave.</summary>
    public static Task<Socket> ConnectAsync(string socket) => ConnectAsync(new UnixDomainSocketEndPoint(socket), Poll.Deadline());

    private static async Task<Socket> ConnectAsync(EndPoint endPoint, CancellationToken cancellationToken)
    {
        var socket = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        try
        {
            await socket.ConnectAsync(endPoint, cancellationToken);
            return socket;
        }
        catch
        {
            socket.Dispose();
            throw;
        }
    }

    private static HttpClient Client(string agent, SocketsHttpHandler handler, int port = 80)
    {
        handler.AutomaticDecompression = DecompressionMethods.GZip;
        var client = new HttpClient(handler) { BaseAddress = new Uri($"http://127.0.0.1:{port}"), Timeout = Poll.Patience };
        client.DefaultRequestHeaders.TryAddWithoutValidation("User-Agent", agent);
        return client;
    }
}
