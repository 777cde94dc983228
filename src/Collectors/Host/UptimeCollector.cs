using Gateway.Collectors.Host.Kernel;
using Gateway.Exposition;

namespace Gateway.Collectors.Host;

/// <summary>
/// Time since boot, from <c>/proc/uptime</c> (proc(5)). Unlike a difference of two wall-clock times it is right while the clock is not,
/// as on a box that has started without network.
/// </summary>
[Collector("uptime", Summary = "Seconds since boot, from /proc/uptime")]
internal sealed class UptimeCollector(HostPaths paths) : ICollector
{
    private static readonly MetricFamily Uptime = MetricFamily.Gauge("node_uptime_seconds", "Seconds since boot, time in suspend included.");

    private readonly KernelFile _file = new();
    private readonly string _path = paths.Proc("uptime");

    public ValueTask CollectAsync(MetricSink sink, CancellationToken cancellationToken)
    {
        sink.Add(Uptime, Parse(_file.Read(_path)));
        return ValueTask.CompletedTask;
    }

    /// <summary>Reads the first number, in seconds.</summary>
    /// <exception cref="FormatException">The file does not start with a number that is not negative.</exception>
    internal static double Parse(ReadOnlySpan<byte> content)
    {
        return KernelNumber.TryFraction(new FieldReader(content).Next(), out var seconds) && double.IsFinite(seconds) && seconds >= 0
            ? seconds
            : throw new FormatException("uptime: expected seconds at the start.");
    }
}
