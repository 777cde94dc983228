using Gateway.Collectors.Host.Kernel;
using Gateway.Exposition;

namespace Gateway.Collectors.Host;

/// <summary>Open files of the whole machine, from <c>/proc/sys/fs/file-nr</c>: allocated, free, largest number allowed (proc_sys_fs(5)).</summary>
[Collector("filefd", Summary = "Open file handles of the machine and their limit, from /proc/sys/fs/file-nr")]
internal sealed class FileDescriptorCollector(HostPaths paths) : ICollector
{
    private static readonly MetricFamily Allocated = MetricFamily.Gauge("node_filefd_allocated", "File handles the kernel has allocated.");
    private static readonly MetricFamily Maximum = MetricFamily.Gauge("node_filefd_maximum", "Largest number of file handles the kernel allocates.");

    private readonly KernelFile _file = new();
    private readonly string _path = paths.Proc("sys/fs/file-nr");

    public ValueTask CollectAsync(MetricSink sink, CancellationToken cancellationToken)
    {
        var (allocated, maximum) = Parse(_file.Read(_path));
        sink.Add(Allocated, allocated);
        sink.Add(Maximum, maximum);
        return ValueTask.CompletedTask;
    }

    /// <summary>Reads the first and the last of the three numbers; the middle one is 0 since Linux 2.6.</summary>
    /// <exception cref="FormatException">There are not three numbers.</exception>
    internal static (ulong Allocated, ulong Maximum) Parse(ReadOnlySpan<byte> content)
    {
        var fields = new FieldReader(content.Trim(" \t\r\n"u8));
        return KernelNumber.TryDecimal(fields.Next(), out var allocated)
            && KernelNumber.TryDecimal(fields.Next(), out _)
            && KernelNumber.TryDecimal(fields.Next(), out var maximum)
            && fields.Next().IsEmpty
                ? (allocated, maximum)
                : throw new FormatException("file-nr: expected three unsigned integers.");
    }
}
