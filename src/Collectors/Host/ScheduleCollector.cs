using Gateway.Collectors.Host.Kernel;
using Gateway.Exposition;

namespace Gateway.Collectors.Host;

/// <summary>
/// Scheduler statistics per CPU, from <c>/proc/schedstat</c> (Documentation/scheduler/sched-stats.rst; the last three of the nine numbers mean the same in
/// all versions since 14). Kernels without CONFIG_SCHEDSTATS have no such file.
/// </summary>
[Collector("schedstat", Summary = "Time running, time waiting and time slices per CPU, from /proc/schedstat")]
internal sealed class ScheduleCollector(HostPaths paths) : ICollector
{
    private const int IgnoredColumns = 6;
    private const double NanosecondsPerSecond = 1_000_000_000;

    private static readonly MetricFamily Running = MetricFamily.Counter("node_schedstat_running_seconds_total", "Seconds a CPU ran tasks.", "cpu");

    private static readonly MetricFamily Waiting =
        MetricFamily.Counter("node_schedstat_waiting_seconds_total", "Seconds tasks waited for a CPU, summed over the tasks.", "cpu");

    private static readonly MetricFamily Timeslices = MetricFamily.Counter("node_schedstat_timeslices_total", "Time slices a CPU has given out.", "cpu");

    private readonly KernelFile _file = new();
    private readonly string _path = paths.Proc("schedstat");
    private readonly Dictionary<int, Cpu> _cpus = [];

    public ValueTask CollectAsync(MetricSink sink, CancellationToken cancellationToken)
    {
        if (!_file.TryRead(_path, out var content)) throw new NoDataException("The kernel keeps no scheduler statistics (CONFIG_SCHEDSTATS).");
        var lines = new LineReader(content, "schedstat");
        while (lines.TryNext(out var line))
        {
            if (!TryParse(lines, line, out var counts)) continue;
            if (!_cpus.TryGetValue(counts.Cpu, out var cpu)) _cpus.Add(counts.Cpu, cpu = Create(counts.Cpu));
            sink.Add(cpu.Running, counts.RunningNanoseconds / NanosecondsPerSecond);
            sink.Add(cpu.Waiting, counts.WaitingNanoseconds / NanosecondsPerSecond);
            sink.Add(cpu.Timeslices, counts.Timeslices);
        }

        return ValueTask.CompletedTask;
    }

    /// <summary>Reads one line; false for one that is not about a CPU (version, timestamp, domains).</summary>
    /// <exception cref="FormatException">The line starts with <c>cpu</c> and is malformed.</exception>
    internal static bool TryParse(in LineReader lines, ReadOnlySpan<byte> line, out Counts counts)
    {
        counts = default;
        var fields = new FieldReader(line);
        var name = fields.Next();
        if (!name.StartsWith("cpu"u8)) return false;
        for (var column = 0; column < IgnoredColumns; column++) fields.Next();
        if (!KernelNumber.TryDecimal(name[3..], out var cpu)
            || cpu > CpuList.MaxCpu
            || !KernelNumber.TryDecimal(fields.Next(), out var running)
            || !KernelNumber.TryDecimal(fields.Next(), out var waiting)
            || !KernelNumber.TryDecimal(fields.Next(), out var timeslices))
            throw lines.Malformed($"a CPU, at most {CpuList.MaxCpu}, and nine numbers");
        counts = new Counts((int)cpu, running, waiting, timeslices);
        return true;
    }

    private static Cpu Create(int number)
    {
        var name = number.ToString(System.Globalization.CultureInfo.InvariantCulture);
        return new Cpu(Series.Create(Running, [name]), Series.Create(Waiting, [name]), Series.Create(Timeslices, [name]));
    }

    /// <summary>The last three numbers of a line.</summary>
    internal readonly record struct Counts(int Cpu, ulong RunningNanoseconds, ulong WaitingNanoseconds, ulong Timeslices);

    private sealed record Cpu(Series Running, Series Waiting, Series Timeslices);
}
