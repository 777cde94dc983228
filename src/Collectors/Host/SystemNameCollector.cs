using System.Text;
using Gateway.Collectors.Host.Kernel;
using Gateway.Exposition;

namespace Gateway.Collectors.Host;

/// <summary>Name of the machine, version of the kernel and architecture, from uname(2).</summary>
[Collector("uname", Summary = "Host name, kernel version and architecture, from uname(2)")]
internal sealed class SystemNameCollector : ICollector
{
    private const int Bytes = SystemName.FieldBytes * SystemName.FieldCount;

    private static readonly MetricFamily Info = MetricFamily.Create(
        "node_uname_info",
        MetricType.Info,
        "Names of system, host and domain, release and version of the kernel, and architecture.",
        "",
        "domainname", "machine", "nodename", "release", "sysname", "version");

    private readonly ISystemName _source;
    private readonly byte[] _read = new byte[Bytes];
    private readonly byte[] _known = new byte[Bytes];
    private Series? _series;

    public SystemNameCollector()
        : this(new SystemName())
    {
    }

    internal SystemNameCollector(ISystemName source) => _source = source;

    public ValueTask CollectAsync(MetricSink sink, CancellationToken cancellationToken)
    {
        _source.Read(_read);
        if (_series is null || !_read.AsSpan().SequenceEqual(_known))
        {
            _series = Series.Create(Info, [Field(_read, 5), Field(_read, 4), Field(_read, 1), Field(_read, 2), Field(_read, 0), Field(_read, 3)]);
            _read.CopyTo(_known, 0);
        }

        sink.Add(_series, 1);
        return ValueTask.CompletedTask;
    }

    /// <summary>Text of one field, up to its zero.</summary>
    internal static string Field(ReadOnlySpan<byte> fields, int index)
    {
        var field = fields.Slice(index * SystemName.FieldBytes, SystemName.FieldBytes);
        var end = field.IndexOf((byte)0);
        return Encoding.UTF8.GetString(end < 0 ? field : field[..end]);
    }
}
