using Gateway.Collectors.Host.Kernel;
using Gateway.Exposition;

namespace Gateway.Collectors.Host;

/// <summary>Kernel activity since boot, from the lines of <c>/proc/stat</c> that are not about single CPUs (proc(5)).</summary>
[Collector("stat", Summary = "Interrupts, context switches, forks, boot time and process states, from /proc/stat")]
internal sealed class StatCollector(HostPaths paths) : ICollector
{
    private static readonly MetricFamily Interrupts = MetricFamily.Counter("node_intr_total", "Interrupts serviced since boot, all sources together.");
    private static readonly MetricFamily ContextSwitches = MetricFamily.Counter("node_context_switches_total", "Context switches since boot, all CPUs.");
    private static readonly MetricFamily Forks = MetricFamily.Counter("node_forks_total", "Processes and threads created since boot.");
    private static readonly MetricFamily BootTime = MetricFamily.Gauge("node_boot_time_seconds", "Time of boot, Unix seconds.");
    private static readonly MetricFamily Running = MetricFamily.Gauge("node_procs_running", "Threads running or ready to run.");
    private static readonly MetricFamily Blocked = MetricFamily.Gauge("node_procs_blocked", "Threads waiting for I/O to end.");

    private readonly KernelFile _file = new();
    private readonly string _path = paths.Proc("stat");

    public ValueTask CollectAsync(MetricSink sink, CancellationToken cancellationToken)
    {
        var statistics = Parse(_file.Read(_path));
        sink.Add(Interrupts, statistics.Interrupts);
        sink.Add(ContextSwitches, statistics.ContextSwitches);
        sink.Add(Forks, statistics.Forks);
        sink.Add(BootTime, statistics.BootTime);
        sink.Add(Running, statistics.Running);
        sink.Add(Blocked, statistics.Blocked);
        return ValueTask.CompletedTask;
    }

    /// <summary>Reads the six lines; unknown ones are passed over, the first number of a line counts.</summary>
    /// <exception cref="FormatException">One of the six is missing or has no number.</exception>
    internal static KernelStatistics Parse(ReadOnlySpan<byte> content)
    {
        ulong? interrupts = null, contextSwitches = null, forks = null, bootTime = null, running = null, blocked = null;
        var lines = new LineReader(content, "stat");
        while (lines.TryNext(out var line))
        {
            var fields = new FieldReader(line);
            var name = fields.Next();
            if (name.SequenceEqual("intr"u8)) interrupts = Number(lines, fields);
            else if (name.SequenceEqual("ctxt"u8)) contextSwitches = Number(lines, fields);
            else if (name.SequenceEqual("processes"u8)) forks = Number(lines, fields);
            else if (name.SequenceEqual("btime"u8)) bootTime = Number(lines, fields);
            else if (name.SequenceEqual("procs_running"u8)) running = Number(lines, fields);
            else if (name.SequenceEqual("procs_blocked"u8)) blocked = Number(lines, fields);
        }

        return new KernelStatistics(
            interrupts ?? throw Missing("intr"),
            contextSwitches ?? throw Missing("ctxt"),
            forks ?? throw Missing("processes"),
            bootTime ?? throw Missing("btime"),
            running ?? throw Missing("procs_running"),
            blocked ?? throw Missing("procs_blocked"));
    }

    private static ulong Number(in LineReader lines, FieldReader fields) =>
        KernelNumber.TryDecimal(fields.Next(), out var value) ? value : throw lines.Malformed("an unsigned integer behind the name");

    private static FormatException Missing(string name) => new($"stat: expected a line '{name}'.");

    /// <summary>What <c>/proc/stat</c> says about the whole machine; the boot time in Unix seconds.</summary>
    internal readonly record struct KernelStatistics(
        ulong Interrupts, ulong ContextSwitches, ulong Forks, ulong BootTime, ulong Running, ulong Blocked);
}
