using Gateway.TestKit;

namespace Gateway.EndToEnd.Parts;

/// <summary>
/// A proxy in front of the service's socket. nginx and haproxy run with the very files of <c>deploy/proxy</c>; only address and socket are replaced.
/// socat stands for a relay of bytes such as systemd-socket-proxyd.
/// </summary>
internal sealed class Proxy : IAsyncDisposable
{
    private readonly RunningProcess _process;

    private Proxy(RunningProcess process, int port) => (_process, Port) = (process, port);

    public int Port { get; }

    /// <summary>Starts one and waits until it listens.</summary>
    /// <param name="kind"><c>nginx</c>, <c>haproxy</c> or <c>socat</c>.</param>
    /// <param name="socket">Of the service.</param>
    /// <param name="port">Free TCP port.</param>
    /// <param name="folder">Of the test.</param>
    /// <param name="accept">nginx only: asks the service for this format, whatever the client asked for; null passes on what the client said.</param>
    public static async Task<Proxy> StartAsync(string kind, string socket, int port, TempFolder folder, string? accept = null)
    {
        if (accept is not null && kind != "nginx") throw new ArgumentException("only nginx replaces the header", nameof(accept));
        var (program, arguments) = kind switch
        {
            "nginx" => ("nginx", new[] { "-c", NginxFile(folder, socket, port, accept), "-p", folder.Path, "-e", folder["nginx.log"] }),
            "haproxy" => ("haproxy", ["-db", "-f", folder.Write("haproxy.cfg", Deployed("deploy/proxy/haproxy.cfg", socket, port))]),
            "socat" => ("socat", [$"TCP-LISTEN:{port},bind=127.0.0.1,reuseaddr,fork,nodelay,max-children=32", $"UNIX-CONNECT:{socket}"]),
            _ => throw new ArgumentOutOfRangeException(nameof(kind), kind, "unknown proxy"),
        };
        var proxy = new Proxy(RunningProcess.Start(ToolPath.Find(program), arguments, folder.Path), port);
        await Poll.UntilAsync($"{kind} listens", () => FreePort.IsOpen(port), evidence: () => proxy._process.Output + proxy._process.Errors);
        return proxy;
    }

    /// <summary>A main file for nginx that includes ours in the place of <c>conf.d</c>.</summary>
    public static string NginxFile(TempFolder folder, string socket, int port, string? accept = null)
    {
        const string Header = "proxy_set_header Connection \"\";";
        var deployed = Deployed("deploy/proxy/nginx.conf", socket, port);
        if (accept is not null) deployed = deployed.Replace(Header, $"{Header}\n    proxy_set_header Accept \"{accept}\";", StringComparison.Ordinal);
        var ours = folder.Write("nginx-gateway.conf", deployed);
        // As root the worker would be nobody and not allowed into the folder of the test; in production it is a member of the socket's group.
        var user = Environment.IsPrivilegedProcess ? "user root;" : "";
        return folder.Write(
            "nginx-main.conf",
            $$"""
            {{user}}
            daemon off;
            worker_processes 1;
            pid {{folder["nginx.pid"]}};
            error_log {{folder["nginx.log"]}} warn;
            events { worker_connections 256; }
            http {
              client_body_temp_path {{folder["cb"]}}; proxy_temp_path {{folder["pt"]}}; fastcgi_temp_path {{folder["ft"]}};
              uwsgi_temp_path {{folder["ut"]}}; scgi_temp_path {{folder["st"]}};
              include {{ours}};
            }

            """);
    }

    public ValueTask DisposeAsync() => _process.DisposeAsync();

    private static string Deployed(string file, string socket, int port) => File.ReadAllText(Repository.PathOf(file))
        .Replace("/run/gateway/gateway.sock", socket, StringComparison.Ordinal)
        .Replace("127.0.0.1:9464", $"127.0.0.1:{port}", StringComparison.Ordinal);
}
