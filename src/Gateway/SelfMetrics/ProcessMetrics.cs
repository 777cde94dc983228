using System.Buffers.Text;
using Gateway.Collectors;
using Gateway.Exposition;
using Gateway.Scrape;

namespace Gateway.SelfMetrics;

/// <summary>
/// This process as the kernel sees it, with the names that all Prometheus client libraries use. From <c>/proc/self</c> (proc(5)) of the running system,
/// whatever root the host collectors read.
/// </summary>
internal sealed class ProcessMetrics(TimeProvider time) : ISelfMetrics
{
    private const string StatmPath = "/proc/self/statm";
    private const string LimitsPath = "/proc/self/limits";
    private const string DescriptorsPath = "/proc/self/fd";

    private static readonly MetricFamily Cpu = MetricFamily.Counter("process_cpu_seconds_total", "Total user and system CPU time spent in seconds.");
    private static readonly MetricFamily Resident = MetricFamily.Gauge("process_resident_memory_bytes", "Resident memory size in bytes.");
    private static readonly MetricFamily Virtual = MetricFamily.Gauge("process_virtual_memory_bytes", "Virtual memory size in bytes.");
    private static readonly MetricFamily Start = MetricFamily.Gauge("process_start_time_seconds", "Start time of the process since unix epoch in seconds.");
    private static readonly MetricFamily OpenDescriptors = MetricFamily.Gauge("process_open_fds", "Number of open file descriptors.");
    private static readonly MetricFamily MaxDescriptors = MetricFamily.Gauge("process_max_fds", "Maximum number of open file descriptors.");

    private readonly double _startSeconds = time.GetUtcNow().ToUnixTimeMilliseconds() / 1000.0;
    private readonly double? _maxDescriptors = ReadMaxDescriptors();

    public void Write(MetricSink sink)
    {
        sink.Add(Cpu, Environment.CpuUsage.TotalTime.TotalSeconds);
        sink.Add(Start, _startSeconds);
        if (TryReadPages(out var total, out var resident))
        {
            sink.Add(Virtual, total * (double)Environment.SystemPageSize);
            sink.Add(Resident, resident * (double)Environment.SystemPageSize);
        }

        sink.Add(OpenDescriptors, CountDescriptors());
        if (_maxDescriptors is { } max) sink.Add(MaxDescriptors, max);
    }

    /// <summary>The first two numbers of <c>statm</c>: pages in all and pages resident.</summary>
    private static bool TryReadPages(out long total, out long resident)
    {
        (total, resident) = (0, 0);
        Span<byte> buffer = stackalloc byte[128];
        using var handle = File.OpenHandle(StatmPath);
        ReadOnlySpan<byte> text = buffer[..RandomAccess.Read(handle, buffer, 0)];
        return Utf8Parser.TryParse(text, out total, out var used) && Utf8Parser.TryParse(text[(used + 1)..], out resident, out _);
    }

    private static int CountDescriptors()
    {
        var count = 0;
        foreach (var _ in Directory.EnumerateFileSystemEntries(DescriptorsPath)) count++;
        // The listing itself holds one.
        return count - 1;
    }

    private static double? ReadMaxDescriptors()
    {
        foreach (var line in File.ReadLines(LimitsPath))
        {
            if (!line.StartsWith("Max open files", StringComparison.Ordinal)) continue;
            var fields = line.Split(' ', StringSplitOptions.RemoveEmptyEntries);
            return fields.Length > 3 && double.TryParse(fields[3], System.Globalization.CultureInfo.InvariantCulture, out var soft) ? soft : null;
        }

        return null;
    }
}
