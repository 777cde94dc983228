using System.Net.Sockets;
using System.Text;
using Gateway.TestKit;

namespace Gateway.Cli.Tests.Support;

/// <summary>
/// A server on a Unix socket that gives prepared bytes, one answer per connection, and keeps what it was asked. It speaks no HTTP of its own: so a test can also
/// prepare what no server should say.
/// </summary>
internal sealed class ScriptedGateway : IAsyncDisposable
{
    private readonly TempFolder _folder = new();
    private readonly Socket _listener = new(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
    private readonly CancellationTokenSource _stop = new();
    private readonly List<string> _requests = [];
    private readonly Task _loop;

    private ScriptedGateway(IReadOnlyList<byte[]> answers)
    {
        Socket = _folder["g.sock"];
        _listener.Bind(new UnixDomainSocketEndPoint(Socket));
        _listener.Listen();
        _loop = ServeAsync(answers);
    }

    public string Socket { get; }

    /// <summary>Heads of the requests so far.</summary>
    public IReadOnlyList<string> Requests
    {
        get { lock (_requests) return [.. _requests]; }
    }

    /// <summary>First line of the only request.</summary>
    public string Request => Requests.Single().Split("\r\n")[0];

    /// <summary>Gives these answers, one after the other.</summary>
    public static ScriptedGateway Answering(params string[] answers) => new([.. answers.Select(Encoding.UTF8.GetBytes)]);

    /// <summary>A whole answer with its length.</summary>
    public static string Whole(string body, string type = "text/plain; charset=utf-8", string status = "200 OK") =>
        $"HTTP/1.1 {status}\r\nContent-Type: {type}\r\nContent-Length: {Encoding.UTF8.GetByteCount(body)}\r\nConnection: close\r\n\r\n{body}";

    /// <summary>An answer in pieces; without the last, empty one it is broken off.</summary>
    public static string Chunked(bool complete, params string[] pieces) =>
        "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\nConnection: close\r\n\r\n"
        + string.Concat(pieces.Select(piece => $"{Encoding.UTF8.GetByteCount(piece):x}\r\n{piece}\r\n")) + (complete ? "0\r\n\r\n" : "");

    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        _listener.Dispose();
        await _loop;
        _stop.Dispose();
        _folder.Dispose();
    }

    private async Task ServeAsync(IReadOnlyList<byte[]> answers)
    {
        try
        {
            foreach (var answer in answers)
            {
                using var connection = await _listener.AcceptAsync(_stop.Token);
                await using var stream = new NetworkStream(connection);
                var head = await ReadHeadAsync(stream);
                lock (_requests) _requests.Add(head);
                await stream.WriteAsync(answer, _stop.Token);
                connection.Shutdown(SocketShutdown.Send);
                // Until the other side has read: closing at once could take the answer away from it.
                while (await stream.ReadAsync(new byte[1024], _stop.Token) > 0)
                {
                }
            }
        }
        catch (Exception e) when (e is OperationCanceledException or IOException or SocketException)
        {
            // The end of the test, or of the client.
        }
        finally
        {
            // A client that tries once more is refused instead of waiting for nothing.
            _listener.Dispose();
        }
    }

    private async Task<string> ReadHeadAsync(NetworkStream stream)
    {
        var head = new List<byte>();
        var one = new byte[1];
        while (!Encoding.ASCII.GetString([.. head]).EndsWith("\r\n\r\n", StringComparison.Ordinal) && await stream.ReadAsync(one, _stop.Token) > 0) head.Add(one[0]);
        return Encoding.UTF8.GetString([.. head]);
    }
}
