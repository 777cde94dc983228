using System.Globalization;
using Gateway.Collectors.Host.Kernel;
using Gateway.Exposition;

namespace Gateway.Collectors.Host;

/// <summary>
/// How often the hardware slowed cores and packages down because of heat, from <c>/sys/devices/system/cpu/cpu*/thermal_throttle</c> (x86;
/// Documentation/ABI/testing/sysfs-devices-system-cpu). The CPUs of a core and of a package tell the same number: each is read once.
/// Part of the collector <c>cpu</c>.
/// </summary>
internal sealed class CpuThrottles(HostPaths paths)
{
    private static readonly MetricFamily Core =
        MetricFamily.Counter("node_cpu_core_throttles_total", "Times a core was slowed down because of heat.", "core", "package");

    private static readonly MetricFamily Package =
        MetricFamily.Counter("node_cpu_package_throttles_total", "Times a package was slowed down because of heat.", "package");

    private readonly KernelFile _file = new();
    private readonly string _onlinePath = paths.Sys("devices/system/cpu/online");
    private byte[] _online = [];
    private Counter[] _counters = [];

    /// <summary>Adds what this machine has; nothing when it counts no throttling.</summary>
    public void AddTo(MetricSink sink)
    {
        if (!_file.TryRead(_onlinePath, out var online)) return;
        if (!online.SequenceEqual(_online)) Discover(online);
        foreach (var counter in _counters)
        {
            if (!_file.TryRead(counter.Path, out var text)) continue;
            if (KernelNumber.TryDecimal(text, out var value)) sink.Add(counter.Series, value);
            else sink.Fault($"{counter.Path}: expected one unsigned integer.");
        }
    }

    /// <summary>Finds the counters of the CPUs that are online; done again only when that set changes.</summary>
    private void Discover(ReadOnlySpan<byte> online)
    {
        var seen = online.ToArray();
        List<Counter> cores = [];
        List<Counter> packages = [];
        var known = new HashSet<(ulong Package, ulong? Core)>();
        foreach (var cpu in CpuList.Parse(seen, "online"))
        {
            var folder = paths.Sys(string.Create(CultureInfo.InvariantCulture, $"devices/system/cpu/cpu{cpu}"));
            if (!TryNumber(Path.Join(folder, "topology/physical_package_id"), out var package)) continue;
            if (!TryNumber(Path.Join(folder, "topology/core_id"), out var core)) continue;
            var packageName = package.ToString(CultureInfo.InvariantCulture);
            var coreFile = Path.Join(folder, "thermal_throttle/core_throttle_count");
            if (File.Exists(coreFile) && known.Add((package, core)))
                cores.Add(new Counter(coreFile, Series.Create(Core, [core.ToString(CultureInfo.InvariantCulture), packageName])));
            var packageFile = Path.Join(folder, "thermal_throttle/package_throttle_count");
            if (File.Exists(packageFile) && known.Add((package, null)))
                packages.Add(new Counter(packageFile, Series.Create(Package, [packageName])));
        }

        _counters = [.. cores, .. packages];
        _online = seen;
    }

    private bool TryNumber(string path, out ulong value)
    {
        value = 0;
        return _file.TryRead(path, out var text) && KernelNumber.TryDecimal(text, out value);
    }

    private readonly record struct Counter(string Path, Series Series);
}
