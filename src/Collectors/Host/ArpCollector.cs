using System.ComponentModel.DataAnnotations;
using System.Runtime.InteropServices;
using Gateway.Collectors.Host.Kernel;
using Gateway.Exposition;

namespace Gateway.Collectors.Host;

/// <summary>Size of the IPv4 neighbour table per device, unresolved entries included, from <c>/proc/net/arp</c> (proc(5)).</summary>
[Collector("arp", Summary = "ARP entries per device, from /proc/net/arp", Options = typeof(ArpOptions))]
internal sealed class ArpCollector(HostPaths paths, ArpOptions options) : ICollector
{
    private static readonly MetricFamily Entries = MetricFamily.Gauge("node_arp_entries", "Entries of the ARP table, by device.", "device");

    private readonly string _path = paths.Proc("net/arp");
    private readonly KernelFile _file = new();
    private readonly NameFilter _filter = new(options.Include, options.Exclude);
    private readonly Dictionary<string, int> _counts = new(StringComparer.Ordinal);

    public ValueTask CollectAsync(MetricSink sink, CancellationToken cancellationToken)
    {
        if (!File.Exists(_path)) throw new NoDataException($"There is no {_path}.");
        _counts.Clear();
        var reader = new ArpTableReader(_file.Read(_path));
        while (reader.TryRead(out var entry))
        {
            var device = sink.Text(entry.Device);
            if (_filter.Takes(device)) CollectionsMarshal.GetValueRefOrAddDefault(_counts, device, out _)++;
        }

        foreach (var (device, count) in _counts) sink.Add(Entries, [device], count);
        return ValueTask.CompletedTask;
    }
}

/// <summary>Settings of <c>arp</c>; section <c>Gateway:Collectors:arp</c>.</summary>
internal sealed class ArpOptions : IValidatableObject
{
    /// <summary>Regular expression of the devices to report, matched anywhere in the name; empty, the default, takes all.</summary>
    public string Include { get; set; } = "";

    /// <summary>Regular expression of the devices to leave out; empty, the default, leaves out none.</summary>
    public string Exclude { get; set; } = "";

    public IEnumerable<ValidationResult> Validate(ValidationContext validationContext) =>
        [.. NamePattern.Check(Include, nameof(Include)), .. NamePattern.Check(Exclude, nameof(Exclude))];
}
