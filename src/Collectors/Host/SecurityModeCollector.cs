using Gateway.Collectors.Host.Kernel;
using Gateway.Exposition;

namespace Gateway.Collectors.Host;

/// <summary>
/// Mode of SELinux: what is in force, from <c>/sys/fs/selinux/enforce</c>, and what the next boot will use, from <c>/etc/selinux/config</c>
/// (selinux(8)). Modes: 1 enforcing, 0 permissive, -1 disabled.
/// </summary>
[Collector("selinux", Summary = "Mode of SELinux, from /sys/fs/selinux and /etc/selinux/config")]
internal sealed class SecurityModeCollector(HostPaths paths) : ICollector
{
    private static readonly MetricFamily Enabled = MetricFamily.Gauge("node_selinux_enabled", "1 when SELinux is on, 0 when not.");

    private static readonly MetricFamily ConfigMode =
        MetricFamily.Gauge("node_selinux_config_mode", "Configured mode: 1 enforcing, 0 permissive, -1 disabled.");

    private static readonly MetricFamily CurrentMode = MetricFamily.Gauge("node_selinux_current_mode", "Mode in force: 1 enforcing, 0 permissive.");

    private readonly KernelFile _file = new();
    private readonly string _enforcePath = paths.Sys("fs/selinux/enforce");
    private readonly string _configPath = paths.FromRoot("/etc/selinux/config");

    public ValueTask CollectAsync(MetricSink sink, CancellationToken cancellationToken)
    {
        if (!_file.TryRead(_enforcePath, out var enforce))
        {
            sink.Add(Enabled, 0);
            return ValueTask.CompletedTask;
        }

        var current = KernelNumber.Single(enforce, "enforce");
        sink.Add(Enabled, 1);
        sink.Add(ConfigMode, _file.TryRead(_configPath, out var config) ? Parse(config) : -1);
        sink.Add(CurrentMode, current);
        return ValueTask.CompletedTask;
    }

    /// <summary>Reads the line <c>SELINUX=mode</c>; -1 (disabled) when there is none or its mode is unknown, as the system itself takes it.</summary>
    internal static int Parse(ReadOnlySpan<byte> config)
    {
        var mode = -1;
        var lines = new LineReader(config, "config");
        while (lines.TryNext(out var line))
        {
            line = line.Trim(" \t\r"u8);
            if (!line.StartsWith("SELINUX="u8)) continue;
            var value = line["SELINUX=".Length..].Trim(" \t\""u8);
            mode = value.SequenceEqual("enforcing"u8) ? 1 : value.SequenceEqual("permissive"u8) ? 0 : -1;
        }

        return mode;
    }
}
