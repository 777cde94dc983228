using System.ComponentModel.DataAnnotations;
using Gateway.Collectors.Host.Kernel;
using Gateway.Exposition;

namespace Gateway.Collectors.Host;

/// <summary>
/// Counters of the protocols, from <c>/proc/net/netstat</c> and <c>/proc/net/snmp</c> (pairs of lines: names, values; Documentation/networking/snmp_counter.rst)
/// and <c>/proc/net/snmp6</c> (one name and value per line; absent without IPv6). Untyped, as some of them are gauges and the kernel does not say which.
/// </summary>
[Collector("netstat", Summary = "Protocol counters, from /proc/net/netstat, snmp and snmp6", Options = typeof(NetworkStatisticsOptions))]
internal sealed class NetworkStatisticsCollector : ICollector
{
    /// <summary>Columns per section and lines of snmp6 that are looked at; kernels have some 130 and 90.</summary>
    internal const int MaxColumns = 4096;

    private readonly HostPaths _paths;
    private readonly KernelFile _file = new();
    private readonly Columns _netstat;
    private readonly Columns _snmp;
    private readonly Columns _snmp6;

    public NetworkStatisticsCollector(HostPaths paths, NetworkStatisticsOptions options)
    {
        _paths = paths;
        var filter = new NameFilter(options.Fields, "");
        var families = new Dictionary<string, MetricFamily>(StringComparer.Ordinal);
        _netstat = new Columns("net/netstat", filter, families);
        _snmp = new Columns("net/snmp", filter, families);
        _snmp6 = new Columns("net/snmp6", filter, families);
    }

    public ValueTask CollectAsync(MetricSink sink, CancellationToken cancellationToken)
    {
        AddPairs(sink, _file.Read(_paths.Proc(_netstat.File)), _netstat);
        AddPairs(sink, _file.Read(_paths.Proc(_snmp.File)), _snmp);
        var snmp6 = _paths.Proc(_snmp6.File);
        if (File.Exists(snmp6)) AddLines(sink, _file.Read(snmp6), _snmp6);
        return ValueTask.CompletedTask;
    }

    /// <summary>Adds the wanted fields of <c>Proto: name …</c> lines, each followed by <c>Proto: value …</c>.</summary>
    /// <exception cref="FormatException">A pair does not fit together or a wanted value is no number.</exception>
    internal static void AddPairs(MetricSink sink, ReadOnlySpan<byte> content, Columns columns)
    {
        columns.Restart();
        ReadOnlySpan<byte> names = default;
        foreach (var range in content.Split((byte)'\n'))
        {
            var line = content[range];
            if (line.IsEmpty) continue;
            if (names.IsEmpty)
            {
                names = line;
                continue;
            }

            AddPair(sink, names, line, columns);
            names = default;
        }

        if (!names.IsEmpty) throw new FormatException($"{columns.File}: the last line of names has no line of values.");
    }

    /// <summary>Adds the wanted fields of <c>Proto6Name value</c> lines; lines without a 6 in the name or without a value are passed over.</summary>
    /// <exception cref="FormatException">A wanted value is no number.</exception>
    internal static void AddLines(MetricSink sink, ReadOnlySpan<byte> content, Columns columns)
    {
        columns.Restart();
        foreach (var range in content.Split((byte)'\n'))
        {
            var fields = new FieldReader(content[range]);
            var name = fields.Next();
            var value = fields.Next();
            var six = name.IndexOf((byte)'6');
            if (six < 0 || value.IsEmpty) continue;
            Add(sink, columns.Next(name[..(six + 1)], name[(six + 1)..]), value, columns.File);
        }
    }

    private static void AddPair(MetricSink sink, ReadOnlySpan<byte> names, ReadOnlySpan<byte> values, Columns columns)
    {
        var name = new FieldReader(names);
        var value = new FieldReader(values);
        var protocol = name.Next();
        if (!protocol.EndsWith(":"u8) || !value.Next().SequenceEqual(protocol))
            throw new FormatException($"{columns.File}: expected pairs of lines that start with the same protocol and a colon.");
        protocol = protocol[..^1];
        while (true)
        {
            var field = name.Next();
            var number = value.Next();
            if (field.IsEmpty != number.IsEmpty) throw new FormatException($"{columns.File}: a line of values does not have as many fields as its line of names.");
            if (field.IsEmpty) return;
            Add(sink, columns.Next(protocol, field), number, columns.File);
        }
    }

    private static void Add(MetricSink sink, MetricFamily? family, ReadOnlySpan<byte> number, string file)
    {
        if (family is null) return;
        if (!KernelNumber.TryFraction(number, out var value)) throw new FormatException($"{file}: the value of {family.Name} is not a number.");
        sink.Add(family, value);
    }

    /// <summary>
    /// The families of the columns of one file, in its order. The columns of a running kernel do not change, so the n-th is compared with what it was in the
    /// last run and built anew only when it differs.
    /// </summary>
    internal sealed class Columns(string file, NameFilter filter, Dictionary<string, MetricFamily> families)
    {
        private readonly List<(byte[] Protocol, byte[] Name, MetricFamily? Family)> _columns = [];
        private int _next;

        /// <summary>The file below procfs.</summary>
        public string File { get; } = file;

        /// <summary>Begins at the first column again.</summary>
        public void Restart() => _next = 0;

        /// <summary>Family of the next column; null when it is not wanted.</summary>
        /// <exception cref="FormatException">There are more columns than any kernel has.</exception>
        public MetricFamily? Next(ReadOnlySpan<byte> protocol, ReadOnlySpan<byte> name)
        {
            if (_next == MaxColumns) throw new FormatException($"{File} has more than {MaxColumns} fields.");
            if (_next == _columns.Count) _columns.Add(([], [], null));
            var index = _next++;
            var column = _columns[index];
            if (name.SequenceEqual(column.Name) && protocol.SequenceEqual(column.Protocol)) return column.Family;
            var family = Family(System.Text.Encoding.UTF8.GetString(protocol), System.Text.Encoding.UTF8.GetString(name));
            _columns[index] = (protocol.ToArray(), name.ToArray(), family);
            return family;
        }

        private MetricFamily? Family(string protocol, string name)
        {
            var key = $"{protocol}_{name}";
            if (!filter.Takes(key) || !MetricNames.IsMetricName(key)) return null;
            if (families.TryGetValue(key, out var known)) return known;
            return families[key] = MetricFamily.Untyped($"node_netstat_{key}", $"Counter {name} of the kernel for {protocol}.");
        }
    }
}

/// <summary>Settings of <c>netstat</c>; section <c>Gateway:Collectors:netstat</c>.</summary>
internal sealed class NetworkStatisticsOptions : IValidatableObject
{
    /// <summary>
    /// Regular expression of the fields to report, matched anywhere in <c>Protocol_Field</c>; empty takes all (some 400). The default is that of node_exporter.
    /// </summary>
    public string Fields { get; set; } =
        "^(.*_(InErrors|InErrs)|Ip_Forwarding|Ip(6|Ext)_(InOctets|OutOctets)|Icmp6?_(InMsgs|OutMsgs)|TcpExt_(Listen.*|Syncookies.*|TCPSynRetrans|TCPTimeouts)" +
        "|Tcp_(ActiveOpens|InSegs|OutSegs|OutRsts|PassiveOpens|RetransSegs|CurrEstab)|Udp6?_(InDatagrams|OutDatagrams|NoPorts|RcvbufErrors|SndbufErrors))$";

    public IEnumerable<ValidationResult> Validate(ValidationContext validationContext) => NamePattern.Check(Fields, nameof(Fields));
}
