using Gateway.EndToEnd.Parts;
using Gateway.TestKit;
using Xunit;

namespace Gateway.EndToEnd;

/// <summary>The files of <c>deploy/</c>, judged by the programs that read them in production.</summary>
public sealed class DeploymentTests : IDisposable
{
    private readonly TempFolder _folder = new();

    public static TheoryData<string, string> Units => new() // unit, folder in deploy
    {
        { "gateway.service", "systemd" },
        { "gateway.socket", "systemd" },
        { "gateway-proxy.service", "proxy" },
        { "gateway-proxy.socket", "proxy" },
    };

    [RequiresToolTheory("systemd-analyze"), MemberData(nameof(Units))]
    public async Task Systemd_finds_no_fault_in_a_unit(string unit, string folder)
    {
        MakeRoot();
        Assert.True(File.Exists(Repository.PathOf($"deploy/{folder}/{unit}")));
        var (exitCode, output, errors) = await RunningProcess.RunAsync(
            ToolPath.Find("systemd-analyze"), ["verify", "--man=no", "--recursive-errors=yes", $"--root={_folder["root"]}", unit]);
        Assert.Equal("", output + errors);
        Assert.Equal(0, exitCode);
    }

    [RequiresToolTheory("systemd-analyze"), InlineData("", 0), InlineData("IPAddressAllow=victoria.example\n", 1)]
    public async Task Systemd_finds_no_fault_in_the_drop_in_for_outgoing_connections_but_in_one_with_a_name(string added, int faults)
    {
        MakeRoot();
        var dropIn = await File.ReadAllTextAsync(Repository.PathOf("deploy/systemd/gateway-remote-write.conf"));
        _folder.Write("root/etc/systemd/system/gateway.service.d/remote-write.conf", dropIn + added);
        var (_, output, errors) = await RunningProcess.RunAsync(
            ToolPath.Find("systemd-analyze"), ["verify", "--man=no", "--recursive-errors=yes", $"--root={_folder["root"]}", "gateway.service"]);
        Assert.True((output + errors).Split('\n', StringSplitOptions.RemoveEmptyEntries).Length == faults, output + errors);
    }

    [RequiresToolFact("systemd-analyze")]
    public async Task Systemd_counts_the_service_among_the_protected_ones()
    {
        const int MostExposure = 30; // of 100; what it counts beyond that is in the unit's list of settings left out on purpose
        MakeRoot();
        var (exitCode, output, _) = await RunningProcess.RunAsync(
            ToolPath.Find("systemd-analyze"), ["security", "--offline=yes", $"--threshold={MostExposure}", $"--root={_folder["root"]}", "gateway.service"]);
        Assert.True(exitCode == 0, output);
    }

    /// <summary>A call that the unit forbids would show only under a real systemd, perhaps in a rare moment: so every call of a run is compared with its list.</summary>
    [RequiresToolFact("systemd-analyze", "strace")]
    public async Task The_service_makes_no_system_call_that_its_unit_forbids()
    {
        var program = await Product.ProgramAsync();
        var socket = _folder["state/gateway.sock"];
        await using (var traced = RunningProcess.Start(
            ToolPath.Find("strace"), ["-f", "-qq", "-c", "-o", _folder["calls"], program, .. GatewayProcess.Options(_folder)], _folder.Path))
        {
            await Poll.UntilAsync("the traced service is scraped", async () =>
            {
                using var client = Http.Unix(socket, Http.Scraper);
                using var answer = await client.GetAsync("/prom/metrics");
                return answer.IsSuccessStatusCode;
            }, evidence: () => traced.Output);
            // strace itself passes no signal on: its child is stopped, and it ends with it.
            var child = (await File.ReadAllTextAsync($"/proc/{traced.Id}/task/{traced.Id}/children")).Trim();
            await RunningProcess.RunAsync(ToolPath.Find("kill"), ["-TERM", child]);
            await traced.ExitedAsync();
        }

        // Rows of the table end in the name of a call; a call cut off by the end of the process leaves a remark there as well.
        var called = File.ReadLines(_folder["calls"]).Select(line => line.Split(' ').Last())
            .Where(name => name is not ("syscall" or "total" or "") && name.All(c => char.IsAsciiLetterOrDigit(c) || c == '_')).ToHashSet(StringComparer.Ordinal);
        Assert.Contains("epoll_wait", called);
        Assert.Empty(called.Except(await AllowedCallsAsync(), StringComparer.Ordinal));
    }

    [RequiresToolFact("systemd-sysusers")]
    public async Task Systemd_makes_the_user_and_the_group()
    {
        var (exitCode, output, errors) = await RunningProcess.RunAsync(
            ToolPath.Find("systemd-sysusers"), ["--dry-run", $"--root={_folder.Path}", Repository.PathOf("deploy/systemd/gateway.sysusers")]);
        Assert.Equal(0, exitCode);
        Assert.Contains("Creating user 'gateway'", output + errors, StringComparison.Ordinal);
        Assert.Contains("Creating group 'gateway'", output + errors, StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_service_accepts_the_configuration_that_is_deployed()
    {
        var (exitCode, output, errors) = await RunningProcess.RunAsync(
            await Product.ProgramAsync(), ["--config", Repository.PathOf("deploy/systemd/gateway.json"), "--check-config"], _folder.Path);
        Assert.Equal("", errors);
        Assert.Equal("The configuration is good.\n", output);
        Assert.Equal(0, exitCode);
    }

    [RequiresToolFact("nginx")]
    public async Task Nginx_accepts_its_file()
    {
        var main = Proxy.NginxFile(_folder, "/run/gateway/gateway.sock", FreePort.Take());
        var (exitCode, output, errors) = await RunningProcess.RunAsync(ToolPath.Find("nginx"), ["-t", "-c", main, "-p", _folder.Path, "-e", _folder["nginx.log"]]);
        Assert.True(exitCode == 0, output + errors);
        Assert.DoesNotContain("[warn]", errors, StringComparison.Ordinal);
    }

    [RequiresToolFact("haproxy")]
    public async Task Haproxy_accepts_its_file()
    {
        var (exitCode, output, errors) = await RunningProcess.RunAsync(ToolPath.Find("haproxy"), ["-c", "-f", Repository.PathOf("deploy/proxy/haproxy.cfg")]);
        Assert.True(exitCode == 0, output + errors);
        Assert.DoesNotContain("WARNING", output + errors, StringComparison.Ordinal);
    }

    [RequiresToolFact("promtool")]
    public async Task Promtool_accepts_the_configuration_for_Prometheus()
    {
        var (exitCode, output, errors) = await RunningProcess.RunAsync(
            ToolPath.Find("promtool"), ["check", "config", Repository.PathOf("deploy/prometheus/prometheus.yml")]);
        Assert.True(exitCode == 0, output + errors);
    }

    public void Dispose() => _folder.Dispose();

    /// <summary>A root folder in which our units lie beside those of the system, with something executable where ours start programs.</summary>
    private void MakeRoot()
    {
        var system = _folder["root/usr/lib/systemd/system"];
        Directory.CreateDirectory(system);
        // Links may point to themselves or to nowhere; the plain files are what our units refer to.
        foreach (var file in Directory.EnumerateFiles("/usr/lib/systemd/system").Where(file => new FileInfo(file).LinkTarget is null))
            File.Copy(file, Path.Join(system, Path.GetFileName(file)));
        foreach (var folder in new[] { "systemd", "proxy" })
        {
            foreach (var unit in Directory.EnumerateFiles(Repository.PathOf($"deploy/{folder}"), "gateway*.s*").Where(file => Path.GetExtension(file) is ".service" or ".socket"))
                File.Copy(unit, Path.Join(system, Path.GetFileName(unit)));
        }

        foreach (var program in new[] { "root/opt/gateway/Gateway", "root/usr/lib/systemd/systemd-socket-proxyd" })
            File.SetUnixFileMode(_folder.Write(program, "#!/bin/sh\n"), UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
    }

    /// <summary>The calls that the unit's <c>SystemCallFilter</c> allows, groups taken apart by systemd itself.</summary>
    private static async Task<HashSet<string>> AllowedCallsAsync()
    {
        const string Key = "SystemCallFilter=";
        var filter = File.ReadLines(Repository.PathOf("deploy/systemd/gateway.service")).Single(line => line.StartsWith(Key, StringComparison.Ordinal))[Key.Length..];
        var allowed = new HashSet<string>(StringComparer.Ordinal);
        var open = new Queue<string>(filter.Split(' '));
        while (open.TryDequeue(out var entry))
        {
            if (!allowed.Add(entry) || !entry.StartsWith('@')) continue;
            var (_, output, _) = await RunningProcess.RunAsync(ToolPath.Find("systemd-analyze"), ["syscall-filter", entry]);
            foreach (var line in output.Split('\n').Skip(1).Select(line => line.Trim()).Where(line => line.Length > 0 && line[0] != '#')) open.Enqueue(line);
        }

        return allowed;
    }
}
