using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Runtime.InteropServices;

namespace Gateway.Listen;

/// <summary>
/// Sockets handed over by systemd (sd_listen_fds(3)): file descriptors from 3 on, meant for this process when <c>LISTEN_PID</c> is its own. They are marked
/// close-on-exec and the variables are removed, so that no child inherits either.
/// </summary>
internal static partial class SocketActivation
{
    private const int FirstDescriptor = 3;
    private const int SetDescriptorFlags = 2;
    private const int CloseOnExec = 1;

    /// <summary>More descriptors than anybody passes; a wild number in the environment must not be counted to.</summary>
    private const int MaxDescriptors = 64;

    /// <summary>Takes the descriptors; empty when there are none for this process. A second call finds none.</summary>
    public static IReadOnlyList<ulong> Take()
    {
        var mine = Environment.GetEnvironmentVariable("LISTEN_PID") == Environment.ProcessId.ToString(CultureInfo.InvariantCulture);
        var given = int.TryParse(Environment.GetEnvironmentVariable("LISTEN_FDS"), NumberStyles.None, CultureInfo.InvariantCulture, out var count);
        foreach (var name in new[] { "LISTEN_PID", "LISTEN_FDS", "LISTEN_FDNAMES" }) Environment.SetEnvironmentVariable(name, null);
        if (!mine || !given) return [];
        var descriptors = new List<ulong>();
        for (var fd = FirstDescriptor; fd < FirstDescriptor + Math.Min(count, MaxDescriptors); fd++)
        {
            if (SetFlags(fd, SetDescriptorFlags, CloseOnExec) < 0)
                throw new ListenException($"The socket handed over as descriptor {fd} cannot be used: {Marshal.GetPInvokeErrorMessage(Marshal.GetLastPInvokeError())}.");
            descriptors.Add((ulong)fd);
        }

        return descriptors;
    }

    /// <summary>Refuses what the option for TCP refuses as well: a listener that other machines reach.</summary>
    /// <exception cref="ListenException">The descriptor is no socket, or one of another address than the loopback.</exception>
    public static void CheckAddress(ulong descriptor)
    {
        try
        {
            using var handle = new SafeSocketHandle((nint)descriptor, ownsHandle: false);
            using var socket = new Socket(handle);
            if (socket.LocalEndPoint is not IPEndPoint address || IPAddress.IsLoopback(address.Address)) return;
            throw new ListenException(
                $"The socket handed over as descriptor {descriptor} listens on {address}; it must be a Unix socket or a loopback address: " +
                "this listener has neither encryption nor passwords; put a proxy in front of it.");
        }
        catch (SocketException e)
        {
            throw new ListenException($"The socket handed over as descriptor {descriptor} cannot be used: {e.Message}.", e);
        }
    }

    [LibraryImport("libc", EntryPoint = "fcntl", SetLastError = true)]
    private static partial int SetFlags(int descriptor, int command, int flags);
}
