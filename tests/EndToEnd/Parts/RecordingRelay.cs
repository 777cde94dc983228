using System.Net;
using System.Net.Sockets;
using System.Text;

namespace Gateway.EndToEnd.Parts;

/// <summary>Relays a TCP port to the service's socket and keeps the beginning of what each side said, to see what a real scraper and the service agreed on.</summary>
internal sealed class RecordingRelay : IAsyncDisposable
{
    private const int KeptBytes = 1 << 20;

    private readonly TcpListener _listener = new(IPAddress.Loopback, 0);
    private readonly CancellationTokenSource _stop = new();
    private readonly MemoryStream _requests = new();
    private readonly MemoryStream _answers = new();
    private readonly string _socket;
    private readonly Task _loop;

    public RecordingRelay(string socket)
    {
        _socket = socket;
        _listener.Start();
        _loop = AcceptAsync();
    }

    public int Port => ((IPEndPoint)_listener.LocalEndpoint).Port;

    /// <summary>What clients sent.</summary>
    public string Requests => Text(_requests);

    /// <summary>What the service answered; bytes of compressed bodies included.</summary>
    public string Answers => Text(_answers);

    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        _listener.Dispose();
        await _loop;
        _stop.Dispose();
    }

    private async Task AcceptAsync()
    {
        var relays = new List<Task>();
        try
        {
            while (true) relays.Add(RelayAsync(await _listener.AcceptSocketAsync(_stop.Token)));
        }
        catch (Exception e) when (e is OperationCanceledException or SocketException or ObjectDisposedException)
        {
            await Task.WhenAll(relays);
        }
    }

    private async Task RelayAsync(Socket client)
    {
        try
        {
            await using var near = new NetworkStream(client, ownsSocket: true);
            await using var far = new NetworkStream(await Http.ConnectAsync(_socket), ownsSocket: true);
            await Task.WhenAny(CopyAsync(near, far, _requests), CopyAsync(far, near, _answers));
        }
        catch (Exception e) when (e is IOException or SocketException or OperationCanceledException)
        {
            // One side closed.
        }
    }

    private async Task CopyAsync(NetworkStream from, NetworkStream to, MemoryStream record)
    {
        var buffer = new byte[16 << 10];
        while (await from.ReadAsync(buffer, _stop.Token) is var read and > 0)
        {
            lock (record)
            {
                if (record.Length < KeptBytes) record.Write(buffer, 0, read);
            }

            await to.WriteAsync(buffer.AsMemory(0, read), _stop.Token);
        }
    }

    private static string Text(MemoryStream record)
    {
        lock (record) return Encoding.Latin1.GetString(record.GetBuffer(), 0, (int)record.Length);
    }
}
