using System.Globalization;
using System.Net.Sockets;
using System.Runtime.InteropServices;
using System.Text;

namespace Gateway.Collectors.Host.SystemBus;

/// <summary>
/// A connection to a D-Bus server on a Unix socket, logged in by the EXTERNAL mechanism ("Authentication Protocol" of the specification): the server takes the
/// user from the socket's credentials. Carries whole messages. One caller at a time.
/// </summary>
internal sealed partial class BusConnection : IDisposable
{
    /// <summary>Longest line of the login.</summary>
    private const int MaxLineBytes = 1024;

    private const int FirstBytes = 16 * 1024;

    private readonly Socket _socket;
    private byte[] _buffer;
    private int _filled;
    private int _used;

    private BusConnection(Socket socket, byte[]? buffer)
    {
        _socket = socket;
        _buffer = buffer ?? new byte[FirstBytes];
    }

    /// <summary>The receive buffer, to be handed to the next connection.</summary>
    public byte[] Buffer => _buffer;

    /// <summary>Connects and logs in.</summary>
    /// <param name="path">The socket.</param>
    /// <param name="buffer">Buffer of an earlier connection, or null.</param>
    /// <param name="cancellationToken">Ends the attempt.</param>
    /// <exception cref="SocketException">Nobody listens there, or no right to connect.</exception>
    /// <exception cref="IOException">The server refused the login, or hung up.</exception>
    public static async Task<BusConnection> ConnectAsync(string path, byte[]? buffer, CancellationToken cancellationToken)
    {
        var connection = new BusConnection(new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified), buffer);
        try
        {
            await connection._socket.ConnectAsync(new UnixDomainSocketEndPoint(path), cancellationToken);
            await connection.LogInAsync(cancellationToken);
            return connection;
        }
        catch
        {
            connection.Dispose();
            throw;
        }
    }

    /// <summary>Sends whole messages.</summary>
    public async Task SendAsync(ReadOnlyMemory<byte> messages, CancellationToken cancellationToken)
    {
        while (!messages.IsEmpty) messages = messages[await _socket.SendAsync(messages, SocketFlags.None, cancellationToken)..];
    }

    /// <summary>The next message, whole; valid until the next call.</summary>
    /// <exception cref="IOException">The server hung up.</exception>
    /// <exception cref="FormatException">What came is no message, or too long a one.</exception>
    public async ValueTask<ReadOnlyMemory<byte>> ReceiveAsync(CancellationToken cancellationToken)
    {
        await FillAsync(BusMessage.PrefixBytes, cancellationToken);
        var length = BusMessage.Length(_buffer.AsSpan(_used, BusMessage.PrefixBytes));
        await FillAsync(length, cancellationToken);
        var message = _buffer.AsMemory(_used, length);
        _used += length;
        return message;
    }

    public void Dispose() => _socket.Dispose();

    private async Task LogInAsync(CancellationToken cancellationToken)
    {
        var user = GetEffectiveUserId().ToString(CultureInfo.InvariantCulture);
        var login = $"\0AUTH EXTERNAL {Convert.ToHexStringLower(Encoding.ASCII.GetBytes(user))}\r\n";
        await SendAsync(Encoding.ASCII.GetBytes(login), cancellationToken);
        int end;
        while ((end = _buffer.AsSpan(0, _filled).IndexOf("\r\n"u8)) < 0)
        {
            if (_filled >= MaxLineBytes) throw new IOException($"D-Bus: the server's answer to the login has more than {MaxLineBytes} bytes.");
            await FillAsync(_filled + 1, cancellationToken);
        }

        if (!_buffer.AsSpan(0, end).StartsWith("OK "u8)) throw new IOException("D-Bus: the server refused the login by user id.");
        _used = end + 2;
        await SendAsync("BEGIN\r\n"u8.ToArray(), cancellationToken);
    }

    /// <summary>Receives until at least this many unused bytes are there.</summary>
    private async ValueTask FillAsync(int wanted, CancellationToken cancellationToken)
    {
        if (_used > 0 && _used + wanted > _buffer.Length)
        {
            _buffer.AsSpan(_used, _filled - _used).CopyTo(_buffer);
            (_used, _filled) = (0, _filled - _used);
        }

        if (wanted > _buffer.Length) Array.Resize(ref _buffer, Math.Max(wanted, Math.Min(_buffer.Length * 2, BusMessage.MaxBytes)));
        while (_filled - _used < wanted)
        {
            var received = await _socket.ReceiveAsync(_buffer.AsMemory(_filled), SocketFlags.None, cancellationToken);
            if (received == 0) throw new IOException("D-Bus: the server hung up.");
            _filled += received;
        }
    }

    [LibraryImport("libc", EntryPoint = "geteuid")]
    private static partial uint GetEffectiveUserId();
}
