using Gateway.Collectors.Host.Kernel;
using Gateway.Exposition;

namespace Gateway.Collectors.Host;

/// <summary>
/// Packets that each CPU took from the network devices, from <c>/proc/net/softnet_stat</c>: one line per CPU that is online, hexadecimal columns
/// (<c>softnet_seq_show</c> in net/core/net-procfs.c: processed, dropped, time_squeeze, …; since Linux 5.10 the CPU's number is the 13th).
/// </summary>
[Collector("softnet", Summary = "Packets processed, dropped and put off per CPU, from /proc/net/softnet_stat")]
internal sealed class SoftnetCollector(HostPaths paths) : ICollector
{
    private const int CpuColumn = 12;

    private static readonly MetricFamily Processed = MetricFamily.Counter("node_softnet_processed_total", "Packets taken in by a CPU.", "cpu");

    private static readonly MetricFamily Dropped =
        MetricFamily.Counter("node_softnet_dropped_total", "Packets dropped because the queue of the CPU was full.", "cpu");

    private static readonly MetricFamily TimesSqueezed =
        MetricFamily.Counter("node_softnet_times_squeezed_total", "Times a CPU had more packets to take in than its time or budget allowed.", "cpu");

    private readonly KernelFile _file = new();
    private readonly string _path = paths.Proc("net/softnet_stat");
    private readonly Dictionary<int, Cpu> _cpus = [];

    public ValueTask CollectAsync(MetricSink sink, CancellationToken cancellationToken)
    {
        var lines = new LineReader(_file.Read(_path), "softnet_stat");
        while (lines.TryNext(out var line))
        {
            var counts = Parse(lines, line);
            if (!_cpus.TryGetValue(counts.Cpu, out var cpu)) _cpus.Add(counts.Cpu, cpu = Create(counts.Cpu));
            sink.Add(cpu.Processed, counts.Processed);
            sink.Add(cpu.Dropped, counts.Dropped);
            sink.Add(cpu.TimesSqueezed, counts.TimesSqueezed);
        }

        return ValueTask.CompletedTask;
    }

    /// <summary>Reads one line; where the kernel does not say which CPU it is about, lines are counted from 0.</summary>
    /// <exception cref="FormatException">The line has no three hexadecimal numbers at its start, or a CPU number out of range.</exception>
    internal static Counts Parse(in LineReader lines, ReadOnlySpan<byte> line)
    {
        var fields = new FieldReader(line);
        if (!KernelNumber.TryHexadecimal(fields.Next(), out var processed)
            || !KernelNumber.TryHexadecimal(fields.Next(), out var dropped)
            || !KernelNumber.TryHexadecimal(fields.Next(), out var squeezed))
            throw lines.Malformed("three hexadecimal numbers at the start");

        var field = default(ReadOnlySpan<byte>);
        for (var column = 3; column <= CpuColumn; column++) field = fields.Next();
        var cpu = (ulong)lines.Number - 1;
        if (!field.IsEmpty && !KernelNumber.TryHexadecimal(field, out cpu) || cpu > CpuList.MaxCpu)
            throw lines.Malformed($"the number of a CPU, at most {CpuList.MaxCpu:x}, as the 13th hexadecimal number");
        return new Counts((int)cpu, processed, dropped, squeezed);
    }

    private static Cpu Create(int number)
    {
        var name = number.ToString(System.Globalization.CultureInfo.InvariantCulture);
        return new Cpu(Series.Create(Processed, [name]), Series.Create(Dropped, [name]), Series.Create(TimesSqueezed, [name]));
    }

    /// <summary>The first three columns and the CPU they belong to.</summary>
    internal readonly record struct Counts(int Cpu, ulong Processed, ulong Dropped, ulong TimesSqueezed);

    private sealed record Cpu(Series Processed, Series Dropped, Series TimesSqueezed);
}
