using System.Runtime.InteropServices;

namespace Gateway.Collectors.Host.Kernel;

/// <summary>
/// The kernel's own answer (netlink(7)): a socket per list, plain system calls, one buffer that stays. The kernel makes up the answer within the calls, so
/// that nothing waits; a receive timeout guards against the unexpected. Not thread-safe.
/// </summary>
internal sealed partial class RouteNetlinkSocket : IRouteNetlink
{
    /// <summary>The kernel fills datagrams of up to 32 KiB when the reader's buffer allows it; twice that is never short.</summary>
    private const int BufferBytes = 64 * 1024;

    /// <summary>Datagrams per list: at 32 KiB each this is a table of millions of entries.</summary>
    private const int MaxDatagrams = 8192;

    private const int TimeoutSeconds = 2;
    private const int AddressFamilyNetlink = 16;
    private const int RawCloseOnExec = 3 | 0x80000;
    private const int NetlinkRoute = 0;
    private const int SocketLevel = 1;
    private const int ReceiveTimeout = 20;
    private const int GiveRealLength = 0x20; // MSG_TRUNC
    private const int Interrupted = 4;

    private byte[]? _buffer;
    private uint _sequence;

    public bool Dump(ushort type, RouteNetlink.MessageHandler handler, CancellationToken cancellationToken)
    {
        var socket = Socket(AddressFamilyNetlink, RawCloseOnExec, NetlinkRoute);
        if (socket < 0) throw Fault("cannot open a socket");
        try
        {
            ReadOnlySpan<long> timeout = [TimeoutSeconds, 0];
            if (SetSocketOption(socket, SocketLevel, ReceiveTimeout, timeout, (uint)(timeout.Length * sizeof(long))) < 0) throw Fault("cannot set the timeout");
            Span<byte> request = stackalloc byte[RouteNetlink.MaxRequestBytes];
            var length = RouteNetlink.WriteDumpRequest(request, type, ++_sequence);
            if (Send(socket, request, (nuint)length, 0) < 0) throw Fault("cannot send the request");
            return Receive(socket, handler, cancellationToken);
        }
        finally
        {
            _ = Close(socket);
        }
    }

    private bool Receive(int socket, RouteNetlink.MessageHandler handler, CancellationToken cancellationToken)
    {
        _buffer ??= new byte[BufferBytes];
        var interrupted = false;
        for (var i = 0; i < MaxDatagrams; i++)
        {
            cancellationToken.ThrowIfCancellationRequested();
            var received = Receive(socket, _buffer, (nuint)_buffer.Length, GiveRealLength);
            if (received < 0 && Marshal.GetLastPInvokeError() == Interrupted) continue;
            if (received < 0) throw Fault("no answer");
            if (received > _buffer.Length) throw new FormatException($"netlink: a datagram of {received} bytes, expected at most {_buffer.Length}.");
            if (RouteNetlink.Accept(_buffer.AsSpan(0, (int)received), _sequence, handler, ref interrupted)) return !interrupted;
        }

        throw new FormatException($"netlink: an answer of more than {MaxDatagrams} datagrams.");
    }

    private static NetlinkException Fault(string what) => new(what, Marshal.GetLastPInvokeError());

    [LibraryImport("libc", EntryPoint = "socket", SetLastError = true)]
    private static partial int Socket(int family, int type, int protocol);

    [LibraryImport("libc", EntryPoint = "setsockopt", SetLastError = true)]
    private static partial int SetSocketOption(int socket, int level, int option, ReadOnlySpan<long> value, uint length);

    [LibraryImport("libc", EntryPoint = "send", SetLastError = true)]
    private static partial nint Send(int socket, ReadOnlySpan<byte> data, nuint length, int flags);

    [LibraryImport("libc", EntryPoint = "recv", SetLastError = true)]
    private static partial nint Receive(int socket, Span<byte> buffer, nuint length, int flags);

    [LibraryImport("libc", EntryPoint = "close")]
    private static partial int Close(int handle);
}

/// <summary>Lists links and neighbours.</summary>
internal interface IRouteNetlink
{
    /// <summary>Hands every entry to the handler; false when the table changed meanwhile and the list may have gaps.</summary>
    /// <param name="type"><see cref="RouteNetlink.GetLink"/> or <see cref="RouteNetlink.GetNeighbour"/>.</param>
    /// <param name="handler">Gets the messages in the order of the kernel.</param>
    /// <param name="cancellationToken">Looked at between datagrams.</param>
    /// <exception cref="NetlinkException">The kernel refused or did not answer.</exception>
    /// <exception cref="FormatException">The answer cannot be read.</exception>
    bool Dump(ushort type, RouteNetlink.MessageHandler handler, CancellationToken cancellationToken);
}
