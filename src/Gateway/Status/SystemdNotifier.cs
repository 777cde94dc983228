using System.Globalization;
using System.Net.Sockets;
using System.Text;

namespace Gateway.Status;

/// <summary>
/// Tells systemd how the service is (sd_notify(3)): one datagram per message to the socket in <c>NOTIFY_SOCKET</c>; does nothing when there is none.
/// Safe for concurrent use; never throws.
/// </summary>
internal sealed class SystemdNotifier(Func<string, string?> environment)
{
    private readonly string? _path = environment("NOTIFY_SOCKET");

    public SystemdNotifier()
        : this(Environment.GetEnvironmentVariable)
    {
    }

    public bool IsActive => !string.IsNullOrEmpty(_path);

    /// <summary>How often systemd wants to hear <c>WATCHDOG=1</c> at the latest; null when it does not watch this process.</summary>
    public TimeSpan? WatchdogInterval
    {
        get
        {
            var pid = environment("WATCHDOG_PID");
            if (!string.IsNullOrEmpty(pid) && pid != Environment.ProcessId.ToString(CultureInfo.InvariantCulture)) return null;
            return IsActive && long.TryParse(environment("WATCHDOG_USEC"), NumberStyles.None, CultureInfo.InvariantCulture, out var microseconds) && microseconds > 0
                ? TimeSpan.FromMicroseconds(microseconds)
                : null;
        }
    }

    public void Ready(string status) => Send($"READY=1\nSTATUS={OneLine(status)}");

    public void Status(string status) => Send($"STATUS={OneLine(status)}");

    public void Watchdog(string status) => Send($"WATCHDOG=1\nSTATUS={OneLine(status)}");

    public void Stopping() => Send("STOPPING=1\nSTATUS=stopping");

    private static string OneLine(string text) => text.ReplaceLineEndings(" ");

    private void Send(string message)
    {
        if (_path is not { Length: > 0 } path) return;
        try
        {
            // A leading @ stands for the zero byte of an abstract address.
            using var socket = new Socket(AddressFamily.Unix, SocketType.Dgram, ProtocolType.Unspecified) { Blocking = false };
            socket.SendTo(Encoding.UTF8.GetBytes(message), new UnixDomainSocketEndPoint(path[0] == '@' ? "\0" + path[1..] : path));
        }
        catch (Exception e) when (e is SocketException or ArgumentException)
        {
            // systemd is gone or does not read: there is nobody to tell.
        }
    }
}
