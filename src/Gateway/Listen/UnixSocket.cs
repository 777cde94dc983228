using System.Net.Sockets;

namespace Gateway.Listen;

/// <summary>
/// Binds a Unix socket with the wanted rights. A stale file (nobody listens, as after kill -9) is replaced; a live socket is never taken over; a file that is
/// no socket is never removed. The rights are set between bind and listen, while the kernel still refuses every connection, so there is no open moment.
/// </summary>
internal static class UnixSocket
{
    /// <summary>Binds, without listening yet.</summary>
    /// <exception cref="ListenException">Somebody listens there, the place is taken by something else, or a right is missing.</exception>
    public static Socket Bind(string path, UnixFileMode mode, string owner, string group)
    {
        MakeFolder(path);
        RemoveStale(path);
        var socket = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        try
        {
            socket.Bind(new UnixDomainSocketEndPoint(path));
            File.SetUnixFileMode(path, mode);
            FileOwner.Set(path, owner, group);
            return socket;
        }
        catch (Exception e) when (e is SocketException or IOException or UnauthorizedAccessException)
        {
            // Disposing of the socket removes the file again.
            socket.Dispose();
            throw new ListenException($"Cannot listen on {path}: {e.Message}", e);
        }
        catch
        {
            socket.Dispose();
            throw;
        }
    }

    private static void MakeFolder(string path)
    {
        var folder = Path.GetDirectoryName(path);
        try
        {
            if (!string.IsNullOrEmpty(folder)) Directory.CreateDirectory(folder);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new ListenException($"Cannot make the folder of the socket {path}: {e.Message}", e);
        }
    }

    private static void RemoveStale(string path)
    {
        if (!Path.Exists(path) && new FileInfo(path).LinkTarget is null) return;
        using var probe = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified) { Blocking = false };
        try
        {
            probe.Connect(new UnixDomainSocketEndPoint(path));
        }
        catch (SocketException e) when (e.SocketErrorCode == SocketError.ConnectionRefused && IsSocket(path))
        {
            try
            {
                File.Delete(path);
            }
            catch (Exception fault) when (fault is IOException or UnauthorizedAccessException)
            {
                throw new ListenException($"Cannot remove the socket {path}, which an earlier run left: {fault.Message}", fault);
            }

            return;
        }
        catch (SocketException e) when (e.SocketErrorCode is SocketError.WouldBlock or SocketError.TryAgain)
        {
            // The other side listens and its queue is full.
        }
        catch (SocketException e) when (e.SocketErrorCode == SocketError.AccessDenied)
        {
            throw new ListenException($"{path} belongs to another user, and whether somebody listens there cannot be told. Choose another Gateway:Listen:Socket.", e);
        }
        catch (SocketException e)
        {
            throw new ListenException($"{path} exists and is no socket ({e.Message}). Remove it or choose another Gateway:Listen:Socket.", e);
        }

        throw new ListenException($"{path} is in use: another process listens there. Stop it or choose another Gateway:Listen:Socket.");
    }

    /// <summary>A connection to a plain file is refused as well, so the kind of the file decides what may be removed.</summary>
    private static bool IsSocket(string path) => FileOwner.IsSocket(path);
}
