using Gateway.Collectors.Host.Kernel;
using Gateway.Exposition;

namespace Gateway.Collectors.Host;

/// <summary>
/// Time each CPU spent in each mode, from <c>/proc/stat</c> (proc(5)); from sysfs how often cores and packages were throttled, and which CPUs are isolated.
/// </summary>
/// <remarks>
/// The kernel's idle and iowait times can step back a little, since they are put together from two clocks; the value seen before is kept until the
/// kernel's passes it. A CPU whose idle time falls by three seconds or more was unplugged and came back: it starts again with what the kernel says.
/// </remarks>
[Collector("cpu", Summary = "CPU time per mode, from /proc/stat; throttling and isolation, from /sys/devices/system/cpu")]
internal sealed class CpuCollector(HostPaths paths) : ICollector
{
    /// <summary>Columns of a CPU line: user, nice, system, idle, iowait, irq, softirq, steal, guest, guest_nice.</summary>
    internal const int ColumnCount = 10;

    /// <summary>Columns that every kernel since 2.4 has; those behind them count as zero when the kernel has none.</summary>
    private const int RequiredColumns = 4;

    private const int IdleColumn = 3;

    /// <summary>Unit of the times, fixed by the kernel's interface on every architecture of today (USER_HZ), whatever its own tick is.</summary>
    private const double TicksPerSecond = 100;

    /// <summary>An idle time that falls by this much (3 s) is a new life of the CPU.</summary>
    internal const ulong NewLifeTicks = 300;

    private static readonly MetricFamily Seconds =
        MetricFamily.Counter("node_cpu_seconds_total", "Seconds a CPU spent in a mode; time in guests counts as user and nice as well.", "cpu", "mode");

    private static readonly MetricFamily GuestSeconds =
        MetricFamily.Counter("node_cpu_guest_seconds_total", "Seconds a CPU ran virtual machines, at normal and at low priority.", "cpu", "mode");

    private static readonly MetricFamily Isolated =
        MetricFamily.Gauge("node_cpu_isolated", "1 for each CPU kept out of general scheduling (isolcpus).", "cpu");

    private static readonly string[] Modes = ["user", "nice", "system", "idle", "iowait", "irq", "softirq", "steal"];
    private static readonly string[] GuestModes = ["user", "nice"];

    private readonly KernelFile _file = new();
    private readonly string _statPath = paths.Proc("stat");
    private readonly string _isolatedPath = paths.Sys("devices/system/cpu/isolated");
    private readonly CpuThrottles _throttles = new(paths);
    private readonly Dictionary<int, Cpu> _cpus = [];
    private byte[] _isolatedText = [];
    private Series[] _isolated = [];
    private long _run;

    public ValueTask CollectAsync(MetricSink sink, CancellationToken cancellationToken)
    {
        AddTimes(sink);
        AddIsolated(sink);
        _throttles.AddTo(sink);
        return ValueTask.CompletedTask;
    }

    /// <summary>Reads one line of <c>/proc/stat</c>; false for a line that is not about a single CPU.</summary>
    /// <param name="lines">The reader that gave the line, for messages.</param>
    /// <param name="line">The line.</param>
    /// <param name="cpu">Number of the CPU.</param>
    /// <param name="ticks">Filled with <see cref="ColumnCount"/> times.</param>
    /// <exception cref="FormatException">The line starts with <c>cpu</c> and is malformed.</exception>
    internal static bool TryParse(in LineReader lines, ReadOnlySpan<byte> line, out int cpu, Span<ulong> ticks)
    {
        cpu = 0;
        var fields = new FieldReader(line);
        var name = fields.Next();
        if (!name.StartsWith("cpu"u8) || name.Length == 3) return false;
        if (!KernelNumber.TryDecimal(name[3..], out var number) || number > CpuList.MaxCpu)
            throw lines.Malformed($"the number of a CPU, at most {CpuList.MaxCpu}, behind 'cpu'");
        cpu = (int)number;
        ticks.Clear();
        for (var column = 0; column < ColumnCount; column++)
        {
            var field = fields.Next();
            if (field.IsEmpty && column >= RequiredColumns) break;
            if (!KernelNumber.TryDecimal(field, out ticks[column])) throw lines.Malformed("four to ten times in ticks behind the name of the CPU");
        }

        return true;
    }

    /// <summary>Takes newly read times over into those exposed, so that no counter goes backwards but by a new life of the CPU.</summary>
    internal static void Advance(Span<ulong> exposed, ReadOnlySpan<ulong> read)
    {
        var newLife = exposed[IdleColumn] >= read[IdleColumn] && exposed[IdleColumn] - read[IdleColumn] >= NewLifeTicks;
        for (var column = 0; column < ColumnCount; column++)
        {
            if (newLife || read[column] > exposed[column]) exposed[column] = read[column];
        }
    }

    private void AddTimes(MetricSink sink)
    {
        Span<ulong> ticks = stackalloc ulong[ColumnCount];
        var seen = 0;
        _run++;
        var lines = new LineReader(_file.Read(_statPath), "stat");
        while (lines.TryNext(out var line))
        {
            if (!TryParse(lines, line, out var number, ticks)) continue;
            if (!_cpus.TryGetValue(number, out var cpu)) _cpus.Add(number, cpu = new Cpu(number));
            if (cpu.Run != _run) seen++;
            cpu.Run = _run;
            Advance(cpu.Ticks, ticks);
            for (var column = 0; column < ColumnCount; column++) sink.Add(cpu.Series[column], cpu.Ticks[column] / TicksPerSecond);
        }

        if (seen == 0) throw new FormatException("stat: expected a line 'cpu0' or of another CPU.");
        if (seen == _cpus.Count) return;
        foreach (var (number, cpu) in _cpus)
        {
            // Unplugged: what it counts when it comes back is not a step back but a new life.
            if (cpu.Run != _run) _cpus.Remove(number);
        }
    }

    private void AddIsolated(MetricSink sink)
    {
        if (!_file.TryRead(_isolatedPath, out var text)) return;
        if (!text.SequenceEqual(_isolatedText))
        {
            _isolated = [.. CpuList.Parse(text, "isolated").Select(cpu => Series.Create(Isolated, [Name(cpu)]))];
            _isolatedText = text.ToArray();
        }

        foreach (var series in _isolated) sink.Add(series, 1);
    }

    private static string Name(int cpu) => cpu.ToString(System.Globalization.CultureInfo.InvariantCulture);

    /// <summary>One CPU: the times exposed last and its series, in the order of the columns.</summary>
    private sealed class Cpu(int number)
    {
        public ulong[] Ticks { get; } = new ulong[ColumnCount];

        public Series[] Series { get; } =
        [
            .. Modes.Select(mode => Gateway.Exposition.Series.Create(Seconds, [Name(number), mode])),
            .. GuestModes.Select(mode => Gateway.Exposition.Series.Create(GuestSeconds, [Name(number), mode])),
        ];

        public long Run { get; set; }
    }
}
