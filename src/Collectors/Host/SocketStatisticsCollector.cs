using Gateway.Collectors.Host.Kernel;
using Gateway.Exposition;

namespace Gateway.Collectors.Host;

/// <summary>
/// Sockets in use and their memory, from <c>/proc/net/sockstat</c> and <c>/proc/net/sockstat6</c> (proc(5)): a protocol, a colon, then pairs of name and
/// value. Either file may be absent when the kernel lacks that protocol family.
/// </summary>
[Collector("sockstat", Summary = "Sockets in use, from /proc/net/sockstat and sockstat6")]
internal sealed class SocketStatisticsCollector(HostPaths paths) : ICollector
{
    /// <summary>Families built at most; kernels have ten protocols with up to six values.</summary>
    private const int MaxFamilies = 256;

    private static readonly MetricFamily Used = MetricFamily.Gauge("node_sockstat_sockets_used", "Sockets of IPv4 in use, whatever their protocol.");

    private readonly string _file4 = paths.Proc("net/sockstat");
    private readonly string _file6 = paths.Proc("net/sockstat6");
    private readonly KernelFile _file = new();
    private readonly Dictionary<(string Protocol, string State), MetricFamily?> _families = [];

    public ValueTask CollectAsync(MetricSink sink, CancellationToken cancellationToken)
    {
        var any = AddFile(sink, _file4) | AddFile(sink, _file6);
        if (!any) throw new NoDataException($"There is neither {_file4} nor {_file6}.");
        return ValueTask.CompletedTask;
    }

    /// <summary>Takes the protocol off a line; what remains are pairs of name and value.</summary>
    /// <exception cref="FormatException">The line does not start with a word and a colon.</exception>
    internal static ReadOnlySpan<byte> ParseProtocol(ReadOnlySpan<byte> line, out ReadOnlySpan<byte> pairs)
    {
        var colon = line.IndexOf((byte)':');
        if (colon <= 0) throw new FormatException("sockstat: expected a protocol and a colon at the start of each line.");
        pairs = line[(colon + 1)..];
        return line[..colon];
    }

    /// <summary>Reads the next pair; false at the end.</summary>
    /// <exception cref="FormatException">A name without a value, or a value that is no integer.</exception>
    internal static bool TryParsePair(ref FieldReader pairs, out ReadOnlySpan<byte> name, out long value)
    {
        name = pairs.Next();
        value = 0;
        if (name.IsEmpty) return false;
        return KernelNumber.TrySigned(pairs.Next(), out value) ? true : throw new FormatException("sockstat: expected an integer after each name.");
    }

    private bool AddFile(MetricSink sink, string path)
    {
        if (!File.Exists(path)) return false;
        var content = _file.Read(path);
        foreach (var range in content.Split((byte)'\n'))
        {
            var line = content[range];
            if (!line.IsEmpty) AddLine(sink, line);
        }

        return true;
    }

    private void AddLine(MetricSink sink, ReadOnlySpan<byte> line)
    {
        var protocol = ParseProtocol(line, out var rest);
        var pairs = new FieldReader(rest);
        while (TryParsePair(ref pairs, out var name, out var value))
        {
            if (protocol.SequenceEqual("sockets"u8))
            {
                if (name.SequenceEqual("used"u8)) sink.Add(Used, value);
                continue;
            }

            Add(sink, protocol, name, value);
            if (name.SequenceEqual("mem"u8)) Add(sink, protocol, "mem_bytes"u8, value * Environment.SystemPageSize);
        }
    }

    private void Add(MetricSink sink, ReadOnlySpan<byte> protocol, ReadOnlySpan<byte> name, long value)
    {
        var key = (sink.Text(protocol), sink.Text(name));
        if (!_families.TryGetValue(key, out var family))
        {
            if (_families.Count >= MaxFamilies) throw new FormatException($"sockstat has more than {MaxFamilies} values.");
            _families[key] = family = Family(key.Item1, key.Item2);
        }

        if (family is not null) sink.Add(family, value);
    }

    private static MetricFamily? Family(string protocol, string state) =>
        state is "inuse" or "orphan" or "tw" or "alloc" or "mem" or "mem_bytes" or "memory" && MetricNames.IsMetricName(protocol)
            ? MetricFamily.Gauge($"node_sockstat_{protocol}_{state}", $"Figure {state} of the kernel for {protocol} sockets.")
            : null;
}
