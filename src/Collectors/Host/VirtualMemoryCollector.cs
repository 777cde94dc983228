using System.ComponentModel.DataAnnotations;
using System.Text;
using System.Text.RegularExpressions;
using Gateway.Collectors.Host.Kernel;
using Gateway.Exposition;

namespace Gateway.Collectors.Host;

/// <summary>
/// Events of the memory management, from <c>/proc/vmstat</c> (proc(5)): paging, swapping, faults, kills for lack of memory. Untyped, as the file mixes
/// counters and levels and does not say which is which.
/// </summary>
[Collector("vmstat", Summary = "Paging, swapping and out-of-memory kills, from /proc/vmstat", Options = typeof(VirtualMemoryOptions))]
internal sealed class VirtualMemoryCollector(HostPaths paths, VirtualMemoryOptions options) : ICollector
{
    private readonly KernelFile _file = new();
    private readonly string _path = paths.Proc("vmstat");
    private readonly Utf8Table<Choice> _choices = new();
    private Regex? _fields;

    public ValueTask CollectAsync(MetricSink sink, CancellationToken cancellationToken)
    {
        var lines = new LineReader(_file.Read(_path), "vmstat");
        while (lines.TryNext(out var line))
        {
            var value = Parse(lines, line, out var name);
            if (!_choices.TryGet(name, out var choice)) _choices.Set(name, choice = Choose(name));
            if (choice.Series is { } series) sink.Add(series, value);
        }

        if (lines.Number == 0) throw new FormatException("vmstat: expected lines such as 'pgfault 1024', the file is empty.");
        _choices.EndRun();
        return ValueTask.CompletedTask;
    }

    /// <summary>Reads <c>name 123</c>.</summary>
    /// <exception cref="FormatException">The line is anything else.</exception>
    internal static ulong Parse(in LineReader lines, ReadOnlySpan<byte> line, out ReadOnlySpan<byte> name)
    {
        var fields = new FieldReader(line);
        name = fields.Next();
        return KernelNumber.TryDecimal(fields.Next(), out var value) && fields.Next().IsEmpty
            ? value
            : throw lines.Malformed("'name number'");
    }

    private Choice Choose(ReadOnlySpan<byte> field)
    {
        var name = Encoding.UTF8.GetString(field);
        var family = "node_vmstat_" + name;
        _fields ??= NamePattern.Compile(options.Fields);
        if (!_fields.IsMatch(name) || !MetricNames.IsMetricName(family)) return new Choice(null);
        return new Choice(Series.Create(MetricFamily.Untyped(family, $"Field {name} of /proc/vmstat."), []));
    }

    /// <summary>What becomes of a field: its series, or null when it is not exposed.</summary>
    private sealed record Choice(Series? Series);
}

/// <summary>Settings of the collector; section <c>Gateway:Collectors:vmstat</c>.</summary>
internal sealed class VirtualMemoryOptions : IValidatableObject
{
    /// <summary>Regular expression of the fields exposed, matched anywhere in the name unless anchored. Default: kills, paging, swapping and faults.</summary>
    public string Fields { get; set; } = "^(oom_kill|pgpg|pswp|pg.*fault).*";

    public IEnumerable<ValidationResult> Validate(ValidationContext validationContext) => NamePattern.Check(Fields, nameof(Fields));
}
