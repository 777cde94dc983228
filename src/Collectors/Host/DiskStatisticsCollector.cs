using System.ComponentModel.DataAnnotations;
using System.Globalization;
using System.Text;
using System.Text.RegularExpressions;
using Gateway.Collectors.Host.Kernel;
using Gateway.Exposition;

namespace Gateway.Collectors.Host;

/// <summary>
/// Reads, writes, discards and flushes of each block device, from <c>/proc/diskstats</c> (Documentation/admin-guide/iostats.rst), and what udev knows
/// about it, from <c>/run/udev/data</c>. Sectors are 512 bytes whatever the device says; times are milliseconds.
/// </summary>
[Collector("diskstats", Summary = "I/O of each block device, from /proc/diskstats; model and serial, from udev", Options = typeof(DiskStatisticsOptions))]
internal sealed class DiskStatisticsCollector(HostPaths paths, DiskStatisticsOptions options) : ICollector
{
    /// <summary>Numbers behind the name of a device that every kernel since 2.6 gives; 4.18 added four for discards and 5.5 two for flushes.</summary>
    private const int RequiredColumns = 11;

    private const double SectorBytes = 512;
    private const double MillisecondsPerSecond = 1000;

    /// <summary>The numbers behind the name, in their order: the family, and what turns them into base units.</summary>
    private static readonly (MetricFamily Family, double Times, double Per)[] Columns =
    [
        (Counter("reads_completed_total", "Reads completed."), 1, 1),
        (Counter("reads_merged_total", "Reads merged into neighbouring ones before they were queued."), 1, 1),
        (Counter("read_bytes_total", "Bytes read."), SectorBytes, 1),
        (Counter("read_time_seconds_total", "Seconds spent by all reads, summed over the reads."), 1, MillisecondsPerSecond),
        (Counter("writes_completed_total", "Writes completed."), 1, 1),
        (Counter("writes_merged_total", "Writes merged into neighbouring ones before they were queued."), 1, 1),
        (Counter("written_bytes_total", "Bytes written."), SectorBytes, 1),
        (Counter("write_time_seconds_total", "Seconds spent by all writes, summed over the writes."), 1, MillisecondsPerSecond),
        (MetricFamily.Gauge("node_disk_io_now", "Requests in flight.", "device"), 1, 1),
        (Counter("io_time_seconds_total", "Seconds in which at least one request was in flight."), 1, MillisecondsPerSecond),
        (Counter("io_time_weighted_seconds_total", "Seconds of requests in flight, summed over the requests."), 1, MillisecondsPerSecond),
        (Counter("discards_completed_total", "Discards completed."), 1, 1),
        (Counter("discards_merged_total", "Discards merged into neighbouring ones before they were queued."), 1, 1),
        (Counter("discarded_sectors_total", "Sectors of 512 bytes discarded."), 1, 1),
        (Counter("discard_time_seconds_total", "Seconds spent by all discards, summed over the discards."), 1, MillisecondsPerSecond),
        (Counter("flush_requests_total", "Flushes of the device's write cache completed."), 1, 1),
        (Counter("flush_requests_time_seconds_total", "Seconds spent by all flushes, summed over the flushes."), 1, MillisecondsPerSecond),
    ];

    private readonly KernelFile _file = new();
    private readonly KernelFile _udevFile = new();
    private readonly string _path = paths.Proc("diskstats");
    private readonly Utf8Table<Device> _devices = new();
    private Regex? _exclude;

    public ValueTask CollectAsync(MetricSink sink, CancellationToken cancellationToken)
    {
        Span<ulong> values = stackalloc ulong[Columns.Length];
        var lines = new LineReader(_file.Read(_path), "diskstats");
        while (lines.TryNext(out var line))
        {
            var read = Parse(lines, line, values, out var header);
            if (!_devices.TryGet(header.Name, out var device) || device.Major != header.Major || device.Minor != header.Minor)
                _devices.Set(header.Name, device = Create(header));
            if (device.Facts is not { } facts) continue;
            facts.Refresh(_udevFile);
            for (var column = 0; column < read; column++)
            {
                var (_, times, per) = Columns[column];
                sink.Add(device.Columns[column], values[column] * times / per);
            }

            foreach (var (series, value) in facts.Samples) sink.Add(series, value);
        }

        _devices.EndRun();
        return ValueTask.CompletedTask;
    }

    /// <summary>Reads the line of one device.</summary>
    /// <param name="lines">The reader that gave the line, for messages.</param>
    /// <param name="line">The line.</param>
    /// <param name="values">Filled with the numbers behind the name as far as the kernel gives them; holds 17, further ones are passed over.</param>
    /// <param name="header">Numbers and name of the device.</param>
    /// <returns>How many numbers there are, 11 to 17.</returns>
    /// <exception cref="FormatException">The line is anything else.</exception>
    internal static int Parse(in LineReader lines, ReadOnlySpan<byte> line, Span<ulong> values, out Header header)
    {
        var fields = new FieldReader(line);
        var valid = KernelNumber.TryDecimal(fields.Next(), out var major) & KernelNumber.TryDecimal(fields.Next(), out var minor);
        header = new Header(major, minor, fields.Next());
        if (!valid || header.Name.IsEmpty) throw Malformed(lines);
        for (var column = 0; column < values.Length; column++)
        {
            var field = fields.Next();
            if (field.IsEmpty && column >= RequiredColumns) return column;
            if (!KernelNumber.TryDecimal(field, out values[column])) throw Malformed(lines);
        }

        return values.Length;
    }

    private Device Create(in Header header)
    {
        var name = Encoding.UTF8.GetString(header.Name);
        if (options.Exclude.Length > 0 && (_exclude ??= NamePattern.Compile(options.Exclude)).IsMatch(name))
            return new Device(header.Major, header.Minor, [], null);
        var series = new Series[Columns.Length];
        for (var column = 0; column < series.Length; column++) series[column] = Series.Create(Columns[column].Family, [name]);
        return new Device(header.Major, header.Minor, series, new DiskFacts(paths, name, header.Major, header.Minor));
    }

    private static FormatException Malformed(in LineReader lines) =>
        lines.Malformed($"major and minor number, name and at least {RequiredColumns} unsigned integers");

    private static MetricFamily Counter(string name, string help) =>
        MetricFamily.Counter(string.Create(CultureInfo.InvariantCulture, $"node_disk_{name}"), help, "device");

    /// <summary>What stands before the numbers of a line.</summary>
    internal readonly ref struct Header(ulong major, ulong minor, ReadOnlySpan<byte> name)
    {
        public ulong Major { get; } = major;

        public ulong Minor { get; } = minor;

        public ReadOnlySpan<byte> Name { get; } = name;
    }

    /// <summary>One device; without facts when it is excluded.</summary>
    private sealed record Device(ulong Major, ulong Minor, Series[] Columns, DiskFacts? Facts);
}

/// <summary>Settings of the collector; section <c>Gateway:Collectors:diskstats</c>.</summary>
internal sealed class DiskStatisticsOptions : IValidatableObject
{
    /// <summary>
    /// Regular expression of the devices left out, matched anywhere in the name unless anchored; empty leaves out none.
    /// Default: RAM, loop and floppy devices, and partitions of disks.
    /// </summary>
    public string Exclude { get; set; } = @"^(z?ram|loop|fd|(h|s|v|xv)d[a-z]|nvme\d+n\d+p)\d+$";

    public IEnumerable<ValidationResult> Validate(ValidationContext validationContext) => NamePattern.Check(Exclude, nameof(Exclude));
}
