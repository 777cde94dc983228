using System.Text;
using Gateway.Collectors.Host.Kernel;
using Gateway.Exposition;

namespace Gateway.Collectors.Host;

/// <summary>
/// Memory of the machine, from <c>/proc/meminfo</c> (proc(5)): one gauge per line. <c>Active(anon): 8 kB</c> becomes
/// <c>node_memory_Active_anon_bytes 8192</c>; a line without unit is a number of pages and has no <c>_bytes</c>.
/// </summary>
[Collector("meminfo", Summary = "Memory use by kind, from /proc/meminfo")]
internal sealed class MemoryInfoCollector(HostPaths paths) : ICollector
{
    private const double BytesPerKilobyte = 1024;

    private readonly KernelFile _file = new();
    private readonly string _path = paths.Proc("meminfo");
    private readonly Utf8Table<Series> _seriesInBytes = new();
    private readonly Utf8Table<Series> _seriesWithoutUnit = new();

    public ValueTask CollectAsync(MetricSink sink, CancellationToken cancellationToken)
    {
        var lines = new LineReader(_file.Read(_path), "meminfo");
        while (lines.TryNext(out var line))
        {
            var (name, value, isKilobytes) = Parse(lines, line);
            var table = isKilobytes ? _seriesInBytes : _seriesWithoutUnit;
            if (!table.TryGet(name, out var series)) table.Set(name, series = Create(name, isKilobytes));
            sink.Add(series, isKilobytes ? value * BytesPerKilobyte : value);
        }

        if (lines.Number == 0) throw new FormatException("meminfo: expected lines such as 'MemTotal: 1024 kB', the file is empty.");
        _seriesInBytes.EndRun();
        _seriesWithoutUnit.EndRun();
        return ValueTask.CompletedTask;
    }

    /// <summary>Reads <c>Name: 123 kB</c> or <c>Name: 123</c>.</summary>
    /// <exception cref="FormatException">The line is anything else.</exception>
    internal static Field Parse(in LineReader lines, ReadOnlySpan<byte> line)
    {
        var fields = new FieldReader(line);
        var name = fields.Next();
        if (name.Length < 2 || name[^1] != (byte)':' || !KernelNumber.TryDecimal(fields.Next(), out var value)) throw Malformed(lines);
        var unit = fields.Next();
        if (!(unit.IsEmpty || unit.SequenceEqual("kB"u8)) || !fields.Next().IsEmpty) throw Malformed(lines);
        return new Field(name[..^1], value, !unit.IsEmpty);
    }

    /// <summary>Name of the family: parentheses become an underscore, and so does whatever may not stand in a name.</summary>
    internal static string FamilyName(ReadOnlySpan<byte> field, bool isKilobytes)
    {
        var name = new StringBuilder("node_memory_");
        foreach (var c in field)
        {
            if (c != (byte)')') name.Append(char.IsAsciiLetterOrDigit((char)c) ? (char)c : '_');
        }

        return name.Append(isKilobytes ? "_bytes" : "").ToString();
    }

    private static Series Create(ReadOnlySpan<byte> field, bool isKilobytes)
    {
        var help = $"Field {Encoding.UTF8.GetString(field)} of /proc/meminfo{(isKilobytes ? ", in bytes" : "")}.";
        return Series.Create(MetricFamily.Gauge(FamilyName(field, isKilobytes), help), []);
    }

    private static FormatException Malformed(in LineReader lines) => lines.Malformed("'Name: number kB' or 'Name: number'");

    /// <summary>One line.</summary>
    /// <param name="name">Name of the field, without the colon.</param>
    /// <param name="value">The number as written.</param>
    /// <param name="isKilobytes">True when the number is followed by <c>kB</c>, which means 1,024 bytes.</param>
    internal readonly ref struct Field(ReadOnlySpan<byte> name, ulong value, bool isKilobytes)
    {
        private readonly ReadOnlySpan<byte> _name = name;

        public void Deconstruct(out ReadOnlySpan<byte> name, out ulong value, out bool isKilobytes)
        {
            name = _name;
            value = Value;
            isKilobytes = IsKilobytes;
        }

        public ulong Value { get; } = value;

        public bool IsKilobytes { get; } = isKilobytes;
    }
}
