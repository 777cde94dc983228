using System.ComponentModel.DataAnnotations;
using System.Runtime.CompilerServices;
using Gateway.Collectors.Host.Kernel;
using Gateway.Exposition;

namespace Gateway.Collectors.Host;

/// <summary>
/// Traffic counters per network device, from <c>/proc/net/dev</c> (proc(5); net/core/net-procfs.c sums up the finer error counters in the same way as node_exporter)
/// and <c>/sys/class/net/*/statistics/rx_nohandler</c>, which that file lacks.
/// </summary>
[Collector("netdev", Summary = "Network traffic per device, from /proc/net/dev", Options = typeof(NetworkDeviceOptions))]
internal sealed class NetworkDeviceCollector(HostPaths paths, NetworkDeviceOptions options) : ICollector
{
    /// <summary>Counters per line: eight received, eight sent.</summary>
    private const int CounterCount = 16;

    /// <summary>Lines of column titles before the first device.</summary>
    private const int TitleLines = 2;

    private static readonly MetricFamily[] Families =
    [
        Family("receive_bytes"), Family("receive_packets"), Family("receive_errs"), Family("receive_drop"),
        Family("receive_fifo"), Family("receive_frame"), Family("receive_compressed"), Family("receive_multicast"),
        Family("transmit_bytes"), Family("transmit_packets"), Family("transmit_errs"), Family("transmit_drop"),
        Family("transmit_fifo"), Family("transmit_colls"), Family("transmit_carrier"), Family("transmit_compressed"),
    ];

    private static readonly MetricFamily ReceiveNoHandler = Family("receive_nohandler");

    private readonly KernelFile _file = new();
    private readonly NameFilter _filter = new(options.Include, options.Exclude);
    private readonly Dictionary<string, AttributeFile> _noHandlerFiles = new(StringComparer.Ordinal);

    public ValueTask CollectAsync(MetricSink sink, CancellationToken cancellationToken)
    {
        var content = _file.Read(paths.Proc("net/dev"));
        Span<byte> buffer = stackalloc byte[AttributeFile.MaxBytes];
        var number = 0;
        var devices = 0;
        foreach (var range in content.Split((byte)'\n'))
        {
            var line = content[range];
            if (++number <= TitleLines || line.IsEmpty) continue;
            var counters = ParseLine(line, number, out var name);
            devices++;
            var device = sink.Text(name);
            if (!_filter.Takes(device)) continue;
            for (var i = 0; i < CounterCount; i++) sink.Add(Families[i], [device], counters[i]);
            AddNoHandler(sink, device, buffer);
        }

        if (_noHandlerFiles.Count > devices) _noHandlerFiles.Clear();
        return ValueTask.CompletedTask;
    }

    /// <summary>Reads <c>name: 16 counters</c>; <paramref name="name"/> is a slice of the line.</summary>
    /// <exception cref="FormatException">No name, fewer counters, or one that is no unsigned integer; carries the line number.</exception>
    internal static Counters ParseLine(ReadOnlySpan<byte> line, int number, out ReadOnlySpan<byte> name)
    {
        var colon = line.LastIndexOf((byte)':'); // names of old aliases (eth0:1) hold one too, counters never do
        name = colon < 0 ? default : line[..colon].Trim((byte)' ');
        if (name.IsEmpty) throw new FormatException($"net/dev line {number}: expected a device name and a colon.");
        var fields = new FieldReader(line[(colon + 1)..]);
        Counters counters = default;
        for (var i = 0; i < CounterCount; i++)
        {
            if (!KernelNumber.TryDecimal(fields.Next(), out counters[i]))
                throw new FormatException($"net/dev line {number}: expected {CounterCount} unsigned integers after the colon; number {i + 1} is none.");
        }

        return counters;
    }

    private void AddNoHandler(MetricSink sink, string device, Span<byte> buffer)
    {
        if (!_noHandlerFiles.TryGetValue(device, out var file))
            _noHandlerFiles[device] = file = new AttributeFile(paths.Sys($"class/net/{device}/statistics/rx_nohandler"));
        if (file.Read(buffer, out var value) == AttributeState.Present && KernelNumber.TryDecimal(value, out var count)) sink.Add(ReceiveNoHandler, [device], count);
    }

    private static MetricFamily Family(string name) =>
        MetricFamily.Counter($"node_network_{name}_total", $"Counter {name} of the network device.", "device");

    /// <summary>The counters of one device in the order of the file.</summary>
    [InlineArray(CounterCount)]
    internal struct Counters
    {
        private ulong _first;
    }
}

/// <summary>Settings of <c>netdev</c>; section <c>Gateway:Collectors:netdev</c>.</summary>
internal sealed class NetworkDeviceOptions : IValidatableObject
{
    /// <summary>Regular expression of the devices to report, matched anywhere in the name; empty, the default, takes all.</summary>
    public string Include { get; set; } = "";

    /// <summary>Regular expression of the devices to leave out; default the loopback device, as on Debian; empty leaves out none.</summary>
    public string Exclude { get; set; } = "^lo$";

    public IEnumerable<ValidationResult> Validate(ValidationContext validationContext) =>
        [.. NamePattern.Check(Include, nameof(Include)), .. NamePattern.Check(Exclude, nameof(Exclude))];
}
