using System.Globalization;
using System.Net;
using System.Net.Sockets;

namespace Gateway.EndToEnd.Parts;

/// <summary>Free TCP ports of the loopback interface. All are held together while they are chosen, so that no two are the same.</summary>
internal static class FreePort
{
    private const int FirstUncommon = 20_000;

    public static int Take() => Take(1)[0];

    public static int[] Take(int count)
    {
        var listeners = Enumerable.Range(0, count).Select(_ => new TcpListener(IPAddress.Loopback, 0)).ToList();
        foreach (var listener in listeners) listener.Start();
        var ports = listeners.Select(listener => ((IPEndPoint)listener.LocalEndpoint).Port).ToArray();
        foreach (var listener in listeners) listener.Dispose();
        return ports;
    }

    /// <summary>
    /// A port for a server that the test stops and starts again: outside the range from which the kernel gives ports to outgoing connections, so that
    /// none of these takes it while the server is away, and none is connected to itself when it tries to reach the server.
    /// </summary>
    public static int TakeLasting()
    {
        var range = File.ReadAllText("/proc/sys/net/ipv4/ip_local_port_range").Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries);
        var first = int.Parse(range[0], CultureInfo.InvariantCulture);
        while (true)
        {
            // Above the ports that known services use; where the range begins low there is no better place than within it.
            var port = first > FirstUncommon ? Random.Shared.Next(FirstUncommon, first) : Take();
            using var listener = new TcpListener(IPAddress.Loopback, port);
            try
            {
                listener.Start();
                return port;
            }
            catch (SocketException e) when (e.SocketErrorCode == SocketError.AddressAlreadyInUse)
            {
                // Another one.
            }
        }
    }

    public static bool IsOpen(int port)
    {
        using var client = new TcpClient();
        try
        {
            client.Connect(IPAddress.Loopback, port);
            return true;
        }
        catch (SocketException)
        {
            return false;
        }
    }
}
