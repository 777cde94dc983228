using System.Net;
using System.Net.Sockets;

namespace Gateway.EndToEnd.Parts;

/// <summary>Free TCP ports of the loopback interface. All are held together while they are chosen, so that no two are the same.</summary>
internal static class FreePort
{
    public static int Take() => Take(1)[0];

    public static int[] Take(int count)
    {
        var listeners = Enumerable.Range(0, count).Select(_ => new TcpListener(IPAddress.Loopback, 0)).ToList();
        foreach (var listener in listeners) listener.Start();
        var ports = listeners.Select(listener => ((IPEndPoint)listener.LocalEndpoint).Port).ToArray();
        foreach (var listener in listeners) listener.Dispose();
        return ports;
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
