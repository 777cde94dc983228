using Gateway.Collectors.Host.Kernel;
using Gateway.Exposition;

namespace Gateway.Collectors.Host;

/// <summary>
/// Connection tracking of the packet filter, from <c>/proc/sys/net/netfilter/nf_conntrack_{count,max}</c>
/// (Documentation/networking/nf_conntrack-sysctl.rst) and <c>/proc/net/stat/nf_conntrack</c>: a line of names and a line of hexadecimal counts per CPU,
/// added up here. Columns are found by name, since kernels differ in them.
/// </summary>
[Collector("conntrack", Summary = "Entries and events of connection tracking, from /proc/sys/net/netfilter and /proc/net/stat/nf_conntrack")]
internal sealed class ConnectionTrackingCollector(HostPaths paths) : ICollector
{
    /// <summary>More columns than any kernel has.</summary>
    private const int MaxColumns = 64;

    private static readonly MetricFamily Entries = MetricFamily.Gauge("node_nf_conntrack_entries", "Connections in the table.");
    private static readonly MetricFamily Limit = MetricFamily.Gauge("node_nf_conntrack_entries_limit", "Connections the table may hold.");

    /// <summary>Gauges although they only grow: that is how dashboards know them.</summary>
    private static readonly MetricFamily[] Events =
    [
        MetricFamily.Gauge("node_nf_conntrack_stat_found", "Look-ups that found a connection."),
        MetricFamily.Gauge("node_nf_conntrack_stat_invalid", "Packets that could not be tracked."),
        MetricFamily.Gauge("node_nf_conntrack_stat_ignore", "Packets that belonged to a connection already."),
        MetricFamily.Gauge("node_nf_conntrack_stat_insert", "Connections put into the table."),
        MetricFamily.Gauge("node_nf_conntrack_stat_insert_failed", "Connections that could not be put into the table."),
        MetricFamily.Gauge("node_nf_conntrack_stat_drop", "Packets dropped because tracking failed."),
        MetricFamily.Gauge("node_nf_conntrack_stat_early_drop", "Connections dropped from a full table to make room."),
        MetricFamily.Gauge("node_nf_conntrack_stat_search_restart", "Look-ups started again because the table was being resized."),
    ];

    private readonly KernelFile _file = new();
    private readonly string _countPath = paths.Proc("sys/net/netfilter/nf_conntrack_count");
    private readonly string _limitPath = paths.Proc("sys/net/netfilter/nf_conntrack_max");
    private readonly string _eventsPath = paths.Proc("net/stat/nf_conntrack");

    public ValueTask CollectAsync(MetricSink sink, CancellationToken cancellationToken)
    {
        if (!_file.TryRead(_countPath, out var count)) throw new NoDataException("Connection tracking is not in use (module nf_conntrack).");
        sink.Add(Entries, KernelNumber.Single(count, "nf_conntrack_count"));
        sink.Add(Limit, KernelNumber.Single(_file.Read(_limitPath), "nf_conntrack_max"));
        if (!_file.TryRead(_eventsPath, out var events)) return ValueTask.CompletedTask; // CONFIG_NF_CONNTRACK_PROCFS is off
        Span<ulong?> sums = stackalloc ulong?[Events.Length];
        Sum(events, sums);
        for (var i = 0; i < sums.Length; i++)
        {
            if (sums[i] is { } sum) sink.Add(Events[i], sum);
        }

        return ValueTask.CompletedTask;
    }

    /// <summary>Adds the counts of all CPUs up; an event the kernel has no column for stays null.</summary>
    /// <exception cref="FormatException">A line has other columns than the line of names, or something that is no hexadecimal number.</exception>
    internal static void Sum(ReadOnlySpan<byte> content, Span<ulong?> sums)
    {
        sums.Clear();
        Span<sbyte> eventOfColumn = stackalloc sbyte[MaxColumns];
        var lines = new LineReader(content, "nf_conntrack");
        if (!lines.TryNext(out var names)) throw new FormatException("nf_conntrack: expected a line of names, the file is empty.");
        var columns = 0;
        var fields = new FieldReader(names);
        for (var name = fields.Next(); !name.IsEmpty; name = fields.Next())
        {
            if (columns == MaxColumns) throw lines.Malformed($"at most {MaxColumns} names");
            var index = EventOf(name);
            eventOfColumn[columns++] = index;
            if (index >= 0) sums[index] = 0;
        }

        while (lines.TryNext(out var line))
        {
            fields = new FieldReader(line);
            for (var column = 0; column < columns; column++)
            {
                if (!KernelNumber.TryHexadecimal(fields.Next(), out var value)) throw lines.Malformed($"{columns} hexadecimal numbers");
                if (eventOfColumn[column] >= 0) sums[eventOfColumn[column]] += value;
            }

            if (!fields.Next().IsEmpty) throw lines.Malformed($"{columns} hexadecimal numbers");
        }
    }

    private static sbyte EventOf(ReadOnlySpan<byte> name) => name switch
    {
        _ when name.SequenceEqual("found"u8) => 0,
        _ when name.SequenceEqual("invalid"u8) => 1,
        _ when name.SequenceEqual("ignore"u8) => 2,
        _ when name.SequenceEqual("insert"u8) => 3,
        _ when name.SequenceEqual("insert_failed"u8) => 4,
        _ when name.SequenceEqual("drop"u8) => 5,
        _ when name.SequenceEqual("early_drop"u8) => 6,
        _ when name.SequenceEqual("search_restart"u8) => 7,
        _ => -1,
    };
}
