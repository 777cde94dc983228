using Gateway.Collectors.Host.Kernel;
using Gateway.Exposition;

namespace Gateway.Collectors.Host;

/// <summary>Load averages over 1, 5 and 15 minutes, from <c>/proc/loadavg</c> (proc(5)).</summary>
[Collector("loadavg", Summary = "Load averages, from /proc/loadavg")]
internal sealed class LoadAverageCollector(HostPaths paths) : ICollector
{
    private static readonly MetricFamily Load1 = MetricFamily.Gauge("node_load1", "Load averaged over the last minute.");
    private static readonly MetricFamily Load5 = MetricFamily.Gauge("node_load5", "Load averaged over the last five minutes.");
    private static readonly MetricFamily Load15 = MetricFamily.Gauge("node_load15", "Load averaged over the last fifteen minutes.");

    private readonly KernelFile _file = new();

    public ValueTask CollectAsync(MetricSink sink, CancellationToken cancellationToken)
    {
        var (load1, load5, load15) = Parse(_file.Read(paths.Proc("loadavg")));
        sink.Add(Load1, load1);
        sink.Add(Load5, load5);
        sink.Add(Load15, load15);
        return ValueTask.CompletedTask;
    }

    /// <summary>Reads the first three of the five fields.</summary>
    /// <exception cref="FormatException">There are no three numbers at the start.</exception>
    internal static (double Load1, double Load5, double Load15) Parse(ReadOnlySpan<byte> content)
    {
        var fields = new FieldReader(content);
        return (Number(fields.Next()), Number(fields.Next()), Number(fields.Next()));

        static double Number(ReadOnlySpan<byte> field) => KernelNumber.TryFraction(field, out var value)
            ? value
            : throw new FormatException("loadavg: expected three numbers at the start.");
    }
}
