using System.Net;
using System.Net.Sockets;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.AspNetCore.Server.Kestrel.Transport.Sockets;

namespace Gateway.Listen;

/// <summary>Sets the web server up to listen where the options say: activated sockets or the Unix socket, and TCP.</summary>
internal sealed class Listeners
{
    /// <summary>A push has no body and a scrape neither; what clients send all the same is read up to this and thrown away.</summary>
    private const int MaxBodyBytes = 64 << 10;

    private readonly List<string> _addresses = [];

    /// <summary>Where the service listens, <c>unix:/path</c>, <c>tcp:127.0.0.1:9464</c> or <c>systemd:3</c>; TCP with the port in use once it is bound.</summary>
    public IReadOnlyList<string> Addresses => _addresses;

    /// <summary>Path of the Unix socket that the service made; null when there is none.</summary>
    public string? SocketPath { get; private set; }

    /// <summary>The TCP address in use; null when there is none.</summary>
    public IPEndPoint? Tcp { get; private set; }

    public void Configure(WebApplicationBuilder builder, ListenOptions options, string stateDirectory)
    {
        builder.WebHost.UseKestrelCore();
        builder.WebHost.UseSockets(transport => transport.CreateBoundListenSocket = endPoint => Bind(endPoint, options));
        builder.WebHost.ConfigureKestrel(kestrel =>
        {
            ApplyLimits(kestrel, options);
            var time = kestrel.ApplicationServices.GetRequiredService<TimeProvider>();
            var activated = SocketActivation.Take();
            foreach (var descriptor in activated)
            {
                SocketActivation.CheckAddress(descriptor);
                kestrel.ListenHandle(descriptor, listener => SetUp(listener, options, time));
                _addresses.Add($"systemd:{descriptor}");
            }

            if (activated.Count == 0 && !options.IsSocketOff)
            {
                SocketPath = options.SocketPath(stateDirectory);
                kestrel.ListenUnixSocket(SocketPath, listener => SetUp(listener, options, time));
                _addresses.Add($"unix:{SocketPath}");
            }

            if (options.Tcp.Length > 0 && options.TryGetTcp(out var tcp)) kestrel.Listen(tcp, listener => SetUp(listener, options, time));
        });
    }

    private static void SetUp(Microsoft.AspNetCore.Server.Kestrel.Core.ListenOptions listener, ListenOptions options, TimeProvider time)
    {
        listener.Protocols = HttpProtocols.Http1;
        listener.Use(FirstByte.Within(options.HeaderTimeout, time));
    }

    private static void ApplyLimits(KestrelServerOptions kestrel, ListenOptions options)
    {
        kestrel.AddServerHeader = false;
        kestrel.AllowSynchronousIO = false;
        kestrel.Limits.MaxConcurrentConnections = options.MaxConnections;
        kestrel.Limits.MaxRequestLineSize = options.MaxRequestLineBytes;
        kestrel.Limits.MaxRequestHeadersTotalSize = options.MaxHeaderBytes;
        kestrel.Limits.MaxRequestBufferSize = Math.Max(kestrel.Limits.MaxRequestBufferSize ?? 0, options.MaxRequestLineBytes + options.MaxHeaderBytes);
        kestrel.Limits.MaxRequestBodySize = MaxBodyBytes;
        kestrel.Limits.RequestHeadersTimeout = options.HeaderTimeout;
        kestrel.Limits.KeepAliveTimeout = options.KeepAlive;
    }

    private Socket Bind(EndPoint endPoint, ListenOptions options)
    {
        switch (endPoint)
        {
            case UnixDomainSocketEndPoint when SocketPath is { } path:
                options.TryGetMode(out var mode);
                return UnixSocket.Bind(path, mode, options.SocketOwner, options.SocketGroup);
            case IPEndPoint:
                try
                {
                    var socket = SocketTransportOptions.CreateDefaultBoundListenSocket(endPoint);
                    Tcp = (IPEndPoint?)socket.LocalEndPoint;
                    _addresses.Add($"tcp:{Tcp}");
                    return socket;
                }
                catch (SocketException e)
                {
                    throw new ListenException($"Cannot listen on {endPoint}: {e.Message}. Choose another Gateway:Listen:Tcp.", e);
                }

            default:
                // A descriptor from systemd is a socket already.
                return SocketTransportOptions.CreateDefaultBoundListenSocket(endPoint);
        }
    }
}
