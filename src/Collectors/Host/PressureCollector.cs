using Gateway.Collectors.Host.Kernel;
using Gateway.Exposition;

namespace Gateway.Collectors.Host;

/// <summary>
/// Pressure stall information, from <c>/proc/pressure</c> (Documentation/accounting/psi.rst): time in which tasks waited for a resource ("some" of them,
/// waiting) and in which nothing else ran either ("full", stalled). "full" says nothing for the CPU of a whole machine and is left out there.
/// </summary>
[Collector("pressure", Summary = "Time lost waiting for CPU, memory, I/O and interrupts, from /proc/pressure")]
internal sealed class PressureCollector(HostPaths paths) : ICollector
{
    private const double MicrosecondsPerSecond = 1_000_000;

    private static readonly MetricFamily CpuWaiting =
        MetricFamily.Counter("node_pressure_cpu_waiting_seconds_total", "Seconds in which at least one task was ready and waited for a CPU.");

    private static readonly MetricFamily IoWaiting =
        MetricFamily.Counter("node_pressure_io_waiting_seconds_total", "Seconds in which at least one task waited for I/O.");

    private static readonly MetricFamily IoStalled =
        MetricFamily.Counter("node_pressure_io_stalled_seconds_total", "Seconds in which all tasks with work to do waited for I/O.");

    private static readonly MetricFamily MemoryWaiting =
        MetricFamily.Counter("node_pressure_memory_waiting_seconds_total", "Seconds in which at least one task waited for memory.");

    private static readonly MetricFamily MemoryStalled =
        MetricFamily.Counter("node_pressure_memory_stalled_seconds_total", "Seconds in which all tasks with work to do waited for memory.");

    private static readonly MetricFamily IrqStalled =
        MetricFamily.Counter("node_pressure_irq_stalled_seconds_total", "Seconds in which interrupts kept all tasks with work to do from running.");

    private readonly KernelFile _file = new();

    private readonly Resource[] _resources =
    [
        new(paths.Proc("pressure/cpu"), "pressure/cpu", CpuWaiting, null),
        new(paths.Proc("pressure/io"), "pressure/io", IoWaiting, IoStalled),
        new(paths.Proc("pressure/memory"), "pressure/memory", MemoryWaiting, MemoryStalled),
        new(paths.Proc("pressure/irq"), "pressure/irq", null, IrqStalled),
    ];

    public ValueTask CollectAsync(MetricSink sink, CancellationToken cancellationToken)
    {
        var found = false;
        foreach (var resource in _resources)
        {
            // Missing or refused: kernel before 4.20 (irq: 6.1), built without the feature, or started with psi=0.
            if (!_file.TryRead(resource.Path, out var content)) continue;
            found = true;
            var (some, full) = Parse(content, resource.Name);
            if (resource.Waiting is { } waiting && some is { } waited) sink.Add(waiting, waited / MicrosecondsPerSecond);
            if (resource.Stalled is { } stalled && full is { } lost) sink.Add(stalled, lost / MicrosecondsPerSecond);
        }

        return found
            ? ValueTask.CompletedTask
            : throw new NoDataException("The kernel gives no pressure information (CONFIG_PSI; psi=1 on its command line).");
    }

    /// <summary>Reads the totals of the lines <c>some</c> and <c>full</c>, in microseconds; null for a missing line. Others are passed over.</summary>
    /// <exception cref="FormatException">One of the lines has no total.</exception>
    internal static (ulong? Some, ulong? Full) Parse(ReadOnlySpan<byte> content, string file)
    {
        ulong? some = null, full = null;
        var lines = new LineReader(content, file);
        while (lines.TryNext(out var line))
        {
            var fields = new FieldReader(line);
            var name = fields.Next();
            if (name.SequenceEqual("some"u8)) some = Total(lines, fields);
            else if (name.SequenceEqual("full"u8)) full = Total(lines, fields);
        }

        return some is null && full is null ? throw new FormatException($"{file}: expected a line 'some' or 'full'.") : (some, full);
    }

    private static ulong Total(in LineReader lines, FieldReader fields)
    {
        for (var field = fields.Next(); !field.IsEmpty; field = fields.Next())
        {
            if (!field.StartsWith("total="u8)) continue;
            if (KernelNumber.TryDecimal(field["total=".Length..], out var microseconds)) return microseconds;
            break;
        }

        throw lines.Malformed("'total=' and microseconds");
    }

    private sealed record Resource(string Path, string Name, MetricFamily? Waiting, MetricFamily? Stalled);
}
