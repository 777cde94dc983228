using System.Buffers.Binary;
using System.Globalization;
using System.Net.Sockets;
using Microsoft.AspNetCore.Connections.Features;

namespace Gateway.Http;

/// <summary>Who is at the other end of a connection: the user of a process on a Unix socket (SO_PEERCRED, unix(7)), the address on TCP. Behind a proxy, the proxy.</summary>
internal static class Peer
{
    private const int SolSocket = 1;
    private const int SoPeerCredentials = 17;
    private const string Unknown = "unknown";
    private static readonly object Key = new();

    /// <summary><c>uid:1000</c>, <c>127.0.0.1</c> or <c>unknown</c>; asked from the kernel once per connection.</summary>
    public static string Of(HttpContext context)
    {
        if (context.Connection.RemoteIpAddress is { } address) return address.ToString();
        var items = context.Features.Get<IConnectionItemsFeature>()?.Items;
        if (items is not null && items.TryGetValue(Key, out var known) && known is string name) return name;
        name = FromSocket(context.Features.Get<IConnectionSocketFeature>()?.Socket);
        if (items is not null) items[Key] = name;
        return name;
    }

    private static string FromSocket(Socket? socket)
    {
        // struct ucred: pid, uid, gid, 32 bits each.
        Span<byte> credentials = stackalloc byte[12];
        try
        {
            if (socket is null || socket.GetRawSocketOption(SolSocket, SoPeerCredentials, credentials) != credentials.Length) return Unknown;
            return string.Create(CultureInfo.InvariantCulture, $"uid:{BinaryPrimitives.ReadUInt32LittleEndian(credentials[4..])}");
        }
        catch (Exception e) when (e is SocketException or ObjectDisposedException)
        {
            return Unknown;
        }
    }
}
