using Gateway.Listen;

namespace Gateway;

/// <summary>The curl lines that <c>./run.sh</c> prints for somebody who tries the service for the first time, with the addresses it really listens on.</summary>
internal static class Examples
{
    public static string For(Listeners listeners)
    {
        var (option, host) = listeners switch
        {
            { SocketPath: { } path } => ($"--unix-socket {Shell(path)} ", "http://localhost"),
            { Tcp: { } tcp } => ("", $"http://{tcp}"),
            _ => ("", ""),
        };
        if (host.Length == 0) return "";
        return $"""

            Try, from another terminal:
              curl {option}-A Prometheus/2.42.0 {host}/prom/metrics
              curl {option}-A metrics_pusher -X POST {host}/simple/insert/backup_ok/1
              curl {option}-A metrics_pusher -X POST '{host}/complex/insert/room_temperature_celsius/server%20room/21.5?help=Measured+by+hand'
              curl {option}-A Prometheus/2.42.0 {host}/prom/deamon/metrics
              curl {option}-A checker {host}/prom/status
              curl {option}-A checker {host}/last/get/prometheus
            Ctrl+C stops the service.

            """;
    }

    /// <summary>A word for a POSIX shell.</summary>
    private static string Shell(string text) =>
        text.All(c => char.IsAsciiLetterOrDigit(c) || c is '/' or '.' or '-' or '_') ? text : $"'{text.Replace("'", "'\\''", StringComparison.Ordinal)}'";
}
