using System.Globalization;
using Gateway.Collectors.Host.Kernel;
using Gateway.Exposition;

namespace Gateway.Collectors.Host;

/// <summary>
/// Clock rate of each CPU, from <c>/sys/devices/system/cpu/cpu*/cpufreq</c> (Documentation/admin-guide/pm/cpufreq.rst): what the hardware does and can do
/// (<c>cpuinfo_*</c>), and what the governor asks for and may ask for (<c>scaling_*</c>).
/// </summary>
[Collector("cpufreq", Summary = "Clock rate of each CPU and its limits, from /sys/devices/system/cpu/cpu*/cpufreq")]
internal sealed class CpuFrequencyCollector(HostPaths paths) : ICollector
{
    private const double HertzPerKilohertz = 1000;

    private static readonly (string File, MetricFamily Family)[] Attributes =
    [
        ("cpuinfo_cur_freq", MetricFamily.Gauge("node_cpu_frequency_hertz", "Clock rate the hardware reports.", "cpu")),
        ("cpuinfo_min_freq", MetricFamily.Gauge("node_cpu_frequency_min_hertz", "Lowest clock rate of the hardware.", "cpu")),
        ("cpuinfo_max_freq", MetricFamily.Gauge("node_cpu_frequency_max_hertz", "Highest clock rate of the hardware.", "cpu")),
        ("scaling_cur_freq", MetricFamily.Gauge("node_cpu_scaling_frequency_hertz", "Clock rate asked for last.", "cpu")),
        ("scaling_min_freq", MetricFamily.Gauge("node_cpu_scaling_frequency_min_hertz", "Lowest clock rate that may be asked for.", "cpu")),
        ("scaling_max_freq", MetricFamily.Gauge("node_cpu_scaling_frequency_max_hertz", "Highest clock rate that may be asked for.", "cpu")),
    ];

    private readonly KernelFile _file = new();
    private readonly string _onlinePath = paths.Sys("devices/system/cpu/online");
    private byte[] _online = [];
    private Attribute[] _attributes = [];

    public ValueTask CollectAsync(MetricSink sink, CancellationToken cancellationToken)
    {
        // Looked for again when CPUs come or go, and as long as there is none: the driver may be a module that is loaded late.
        if (!_file.TryRead(_onlinePath, out var online)) throw NoData();
        if (_attributes.Length == 0 || !online.SequenceEqual(_online)) Discover(online);
        var added = 0;
        foreach (var attribute in _attributes)
        {
            if (attribute.Denied || !TryRead(attribute, out var text)) continue;
            if (!TryParse(text, attribute.Path, out var hertz)) continue;
            sink.Add(attribute.Series, hertz);
            added++;
        }

        return added > 0 ? ValueTask.CompletedTask : throw NoData();
    }

    /// <summary>Reads kilohertz and gives hertz; false for <c>&lt;unknown&gt;</c>, which drivers write that cannot tell.</summary>
    /// <exception cref="FormatException">It is neither.</exception>
    internal static bool TryParse(ReadOnlySpan<byte> text, string file, out double hertz)
    {
        hertz = 0;
        if (text.SequenceEqual("<unknown>"u8)) return false;
        if (!KernelNumber.TryDecimal(text, out var kilohertz)) throw new FormatException($"{file}: expected kilohertz or '<unknown>'.");
        hertz = kilohertz * HertzPerKilohertz;
        return true;
    }

    private void Discover(ReadOnlySpan<byte> online)
    {
        var seen = online.ToArray();
        List<Attribute> found = [];
        foreach (var (file, family) in Attributes)
        {
            foreach (var cpu in CpuList.Parse(seen, "online"))
            {
                var path = paths.Sys(string.Create(CultureInfo.InvariantCulture, $"devices/system/cpu/cpu{cpu}/cpufreq/{file}"));
                if (File.Exists(path)) found.Add(new Attribute(path, Series.Create(family, [cpu.ToString(CultureInfo.InvariantCulture)])));
            }
        }

        _attributes = [.. found];
        _online = seen;
    }

    private bool TryRead(Attribute attribute, out ReadOnlySpan<byte> text)
    {
        text = default;
        try
        {
            text = _file.Read(attribute.Path).Trim(" \t\r\n"u8);
            return true;
        }
        catch (UnauthorizedAccessException)
        {
            // cpuinfo_cur_freq is for root only. The rights of the process do not change, so it is not asked again.
            attribute.Denied = true;
            return false;
        }
        catch (IOException)
        {
            return false; // the CPU went offline a moment ago, or its driver has no such value
        }
    }

    private static NoDataException NoData() => new("No CPU of this machine tells its clock rate (no cpufreq driver).");

    private sealed class Attribute(string path, Series series)
    {
        public string Path { get; } = path;

        public Series Series { get; } = series;

        public bool Denied { get; set; }
    }
}
