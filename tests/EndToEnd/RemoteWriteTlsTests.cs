using Gateway.Buffering.Outlets;
using Gateway.EndToEnd.Parts;
using Gateway.TestKit;
using Xunit;

namespace Gateway.EndToEnd;

public sealed class RemoteWriteTlsTests : IDisposable
{
    private static readonly string[] NewKey = ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes"];

    private readonly TempFolder _folder = new();

    [RequiresToolFact("victoria-metrics", "nginx", "openssl")]
    public async Task Tls_with_an_authority_of_our_own_a_client_certificate_and_a_password_that_changes()
    {
        await CertificatesAsync();
        await using var victoria = await VictoriaServer.StartAsync(_folder);
        var port = FreePort.Take();
        await using var nginx = await NginxAsync(port, victoria.Port);
        var target = new RemoteWriteTargetOptions
        {
            Url = $"https://127.0.0.1:{port}/api/v1/write",
            User = "box",
            PasswordFile = _folder.Write("password", "wrong"),
            CaFile = _folder.Write("trusted.pem", File.ReadAllText(_folder["other-ca.pem"])),
            CertFile = _folder["client.pem"],
            KeyFile = _folder["client.key"],
        };
        await using var rig = new RemoteWriteRig(target);
        await rig.StartAsync();
        rig.Append(Clock.Now, RemoteWriteRig.Gauges("secure", 10));
        await Poll.UntilAsync("the certificate is refused", () => rig.Figures.Requests[(int)RemoteWriteResult.Unreachable] >= 1);
        Assert.Contains("TLS failed", rig.Figures.Fault, StringComparison.Ordinal);
        _folder.Write("trusted.pem", File.ReadAllText(_folder["ca.pem"]));
        await Poll.UntilAsync(
            "the password is refused", () => rig.Figures.Requests[(int)RemoteWriteResult.Credentials] >= 1, evidence: () => rig.Figures.Fault ?? "");
        Assert.DoesNotContain("wrong", rig.Figures.Fault, StringComparison.Ordinal);
        _folder.Write("password", "right-one\n");
        await rig.DrainedAsync();
        Assert.Equal(rig.Given, RemoteWriteRig.Flat(await victoria.RawSamplesAsync("secure")));
    }

    public void Dispose() => _folder.Dispose();

    private async Task CertificatesAsync()
    {
        foreach (var authority in (string[])["ca", "other-ca"])
            await OpensslAsync(["req", "-x509", "-days", "2", .. NewKey, "-subj", $"/CN={authority}", "-keyout", _folder[$"{authority}.key"], "-out", _folder[$"{authority}.pem"]]);
        foreach (var name in (string[])["receiver", "client"])
        {
            await OpensslAsync(["req", .. NewKey, "-subj", $"/CN={name}.test", "-keyout", _folder[$"{name}.key"], "-out", _folder[$"{name}.csr"]]);
            var extensions = _folder.Write($"{name}.ext", "subjectAltName=IP:127.0.0.1\n");
            await OpensslAsync(
                "x509", "-req", "-in", _folder[$"{name}.csr"], "-CA", _folder["ca.pem"], "-CAkey", _folder["ca.key"], "-CAcreateserial", "-days", "2",
                "-extfile", extensions, "-out", _folder[$"{name}.pem"]);
        }
    }

    private static async Task OpensslAsync(params string[] arguments)
    {
        var (exitCode, said) = await Tool.RunAsync(ToolPath.Find("openssl"), ReadOnlyMemory<byte>.Empty, arguments);
        Assert.True(exitCode == 0, said);
    }

    private async Task<RunningProcess> NginxAsync(int port, int behind)
    {
        _folder.Write("users", "box:{PLAIN}right-one\n");
        var user = Environment.IsPrivilegedProcess ? "user root;" : "";
        var file = _folder.Write(
            "nginx.conf",
            $$"""
            {{user}}
            daemon off;
            worker_processes 1;
            pid {{_folder["nginx.pid"]}};
            error_log {{_folder["nginx.log"]}} warn;
            events { worker_connections 64; }
            http {
              access_log off;
              client_body_temp_path {{_folder["cb"]}}; proxy_temp_path {{_folder["pt"]}}; fastcgi_temp_path {{_folder["ft"]}};
              uwsgi_temp_path {{_folder["ut"]}}; scgi_temp_path {{_folder["st"]}};
              server {
                listen 127.0.0.1:{{port}} ssl;
                ssl_certificate {{_folder["receiver.pem"]}};
                ssl_certificate_key {{_folder["receiver.key"]}};
                ssl_client_certificate {{_folder["ca.pem"]}};
                ssl_verify_client on;
                auth_basic "receiver";
                auth_basic_user_file {{_folder["users"]}};
                location / { proxy_pass http://127.0.0.1:{{behind}}; }
              }
            }

            """);
        var nginx = RunningProcess.Start(ToolPath.Find("nginx"), ["-c", file, "-p", _folder.Path, "-e", _folder["nginx.log"]], _folder.Path);
        await Poll.UntilAsync("nginx listens", () => FreePort.IsOpen(port), evidence: () => nginx.Output + nginx.Errors);
        return nginx;
    }
}
