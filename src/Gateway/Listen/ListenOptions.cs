using System.ComponentModel.DataAnnotations;
using System.Globalization;
using System.Net;
using System.Text;

namespace Gateway.Listen;

/// <summary>Where the service listens; section <c>Gateway:Listen</c>. Sockets handed over by systemd take the place of <see cref="Socket"/>.</summary>
internal sealed class ListenOptions : IValidatableObject
{
    public const string Section = "Gateway:Listen";

    /// <summary>Longest path that fits into the kernel's <c>sockaddr_un</c> (unix(7)), its final zero not counted.</summary>
    public const int MaxSocketPathBytes = 107;

    /// <summary>Path of the Unix socket; <c>none</c> for no such socket. Empty (the default) is <c>gateway.sock</c> in the state directory.</summary>
    public string Socket { get; set; } = "";

    /// <summary>Rights on the socket file, octal: who may connect must be able to write. Default <c>0660</c>.</summary>
    public string SocketMode { get; set; } = "0660";

    /// <summary>Owner of the socket file, a user name or number; needs root. Empty (the default) leaves the user of the service.</summary>
    public string SocketOwner { get; set; } = "";

    /// <summary>Group of the socket file, a name or number; the proxy's user belongs to it. Empty (the default) leaves the group of the service.</summary>
    public string SocketGroup { get; set; } = "";

    /// <summary>Address and port of an additional TCP listener, on the loopback interface only; port 0 takes a free one. Empty (the default) is none.</summary>
    public string Tcp { get; set; } = "";

    /// <summary>Connections at a time, all listeners together; further ones are closed at once. 1 to 100,000, default 512.</summary>
    [Range(1, 100_000)]
    public int MaxConnections { get; set; } = 512;

    /// <summary>Longest request line in bytes; a longer one is answered 414. 256 to 1,048,576, default 16,384.</summary>
    [Range(256, 1 << 20)]
    public int MaxRequestLineBytes { get; set; } = 16 << 10;

    /// <summary>Bytes of all request headers together; more is answered 431. 1,024 to 1,048,576, default 16,384.</summary>
    [Range(1 << 10, 1 << 20)]
    public int MaxHeaderBytes { get; set; } = 16 << 10;

    /// <summary>Time a client has to begin its first request after it connected, and then to send the headers of each request. 100 ms to 5 min, default 10 s.</summary>
    [Range(typeof(TimeSpan), "00:00:00.1", "00:05:00")]
    public TimeSpan HeaderTimeout { get; set; } = TimeSpan.FromSeconds(10);

    /// <summary>Time an idle connection stays open; longer than the scrape interval, so that Prometheus keeps its connection. 1 s to 1 h, default 130 s.</summary>
    [Range(typeof(TimeSpan), "00:00:01", "01:00:00")]
    public TimeSpan KeepAlive { get; set; } = TimeSpan.FromSeconds(130);

    /// <summary>True when no Unix socket is wanted.</summary>
    public bool IsSocketOff => Socket.Equals("none", StringComparison.OrdinalIgnoreCase);

    /// <summary>The path to bind, given the state directory.</summary>
    public string SocketPath(string stateDirectory) => Path.GetFullPath(Socket.Length == 0 ? Path.Join(stateDirectory, "gateway.sock") : Socket);

    /// <summary>Reads <see cref="SocketMode"/>; false when it is not octal or has other bits than read, write and execute.</summary>
    public bool TryGetMode(out UnixFileMode mode)
    {
        mode = default;
        try
        {
            var bits = Convert.ToInt32(SocketMode, 8);
            mode = (UnixFileMode)bits;
            return bits is > 0 and <= 0x1FF && SocketMode.All(char.IsAsciiDigit);
        }
        catch (Exception e) when (e is FormatException or OverflowException or ArgumentException)
        {
            return false;
        }
    }

    /// <summary>Reads <see cref="Tcp"/>: <c>127.0.0.1:9464</c>, <c>[::1]:9464</c> or <c>localhost:9464</c>.</summary>
    public bool TryGetTcp(out IPEndPoint endPoint)
    {
        var text = Tcp.StartsWith("localhost:", StringComparison.OrdinalIgnoreCase) ? string.Concat("127.0.0.1", Tcp.AsSpan("localhost".Length)) : Tcp;
        endPoint = new IPEndPoint(IPAddress.Loopback, 0);
        var colon = text.LastIndexOf(':');
        // Without the port the framework would take 0; a bare IPv6 address would lose its last group to it.
        if (colon <= 0 || !ushort.TryParse(text.AsSpan(colon + 1), NumberStyles.None, CultureInfo.InvariantCulture, out _)) return false;
        if (text.AsSpan(0, colon).Contains(':') && text[0] != '[') return false;
        if (!IPEndPoint.TryParse(text, out var parsed)) return false;
        endPoint = parsed;
        return true;
    }

    public IEnumerable<ValidationResult> Validate(ValidationContext validationContext)
    {
        if (!TryGetMode(out _)) yield return new("must be an octal file mode such as 0660", [nameof(SocketMode)]);
        if (Encoding.UTF8.GetByteCount(Socket) > MaxSocketPathBytes)
            yield return new($"must be a path of at most {MaxSocketPathBytes} bytes, the kernel's limit for sockets", [nameof(Socket)]);
        if (Socket.Contains('\0', StringComparison.Ordinal)) yield return new("must be a path, without a zero character", [nameof(Socket)]);
        if (SocketOwner.Length > 0 && !FileOwner.IsUser(SocketOwner)) yield return new("must be a user of this machine, by name or number", [nameof(SocketOwner)]);
        if (SocketGroup.Length > 0 && !FileOwner.IsGroup(SocketGroup)) yield return new("must be a group of this machine, by name or number", [nameof(SocketGroup)]);
        if (Tcp.Length == 0)
        {
            if (IsSocketOff) yield return new("is none and Gateway:Listen:Tcp is empty: the service would listen nowhere", [nameof(Socket)]);
            yield break;
        }

        if (!TryGetTcp(out var endPoint)) yield return new("must be an address and a port such as 127.0.0.1:9464 or [::1]:9464", [nameof(Tcp)]);
        else if (!IPAddress.IsLoopback(endPoint.Address))
            yield return new("must be a loopback address: this listener has neither encryption nor passwords; put a proxy in front of it", [nameof(Tcp)]);
    }
}
