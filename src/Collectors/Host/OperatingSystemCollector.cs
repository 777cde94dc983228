using System.Globalization;
using System.Text;
using Gateway.Collectors.Host.Kernel;
using Gateway.Exposition;

namespace Gateway.Collectors.Host;

/// <summary>
/// Distribution and version, from <c>/etc/os-release</c> or else <c>/usr/lib/os-release</c> (os-release(5)). The file is read in each run, since it may be
/// a link whose target changes, and taken apart only when its content is another one.
/// </summary>
[Collector("os", Summary = "Distribution and version of the operating system, from /etc/os-release")]
internal sealed class OperatingSystemCollector(HostPaths paths) : ICollector
{
    private static readonly string[] InfoFields =
    [
        "BUILD_ID", "ID", "ID_LIKE", "IMAGE_ID", "IMAGE_VERSION", "NAME", "PRETTY_NAME", "VARIANT", "VARIANT_ID", "VERSION", "VERSION_CODENAME", "VERSION_ID",
    ];

    private static readonly MetricFamily Info = MetricFamily.Create(
        "node_os_info",
        MetricType.Info,
        "Fields of os-release.",
        "",
        [.. InfoFields.Select(field => field.ToLowerInvariant())]);

    private static readonly MetricFamily Version =
        MetricFamily.Gauge("node_os_version", "Major and minor version of the operating system as a number.", "id", "id_like", "name");

    private readonly KernelFile _file = new();
    private readonly string[] _paths = [paths.FromRoot("/etc/os-release"), paths.FromRoot("/usr/lib/os-release")];
    private byte[]? _content;
    private Series? _info;
    private Series? _version;
    private double _versionNumber;

    public ValueTask CollectAsync(MetricSink sink, CancellationToken cancellationToken)
    {
        if (!_file.TryRead(_paths[0], out var content) && !_file.TryRead(_paths[1], out content))
            throw new NoDataException("There is no readable /etc/os-release and no /usr/lib/os-release.");
        if (_info is null || !content.SequenceEqual(_content)) TakeOver(content);
        if (_info is { } info) sink.Add(info, 1);
        if (_version is { } version) sink.Add(version, _versionNumber);
        return ValueTask.CompletedTask;
    }

    /// <summary>
    /// Reads assignments <c>NAME=value</c>; a value may stand in single quotes, or in double quotes within which a backslash takes the meaning from the
    /// character behind it; without quotes it is taken as it stands. Blank lines and comments are passed over; of equal names the last one counts.
    /// </summary>
    /// <exception cref="FormatException">A line is anything else.</exception>
    internal static Dictionary<string, string> Parse(ReadOnlySpan<byte> content)
    {
        var values = new Dictionary<string, string>(StringComparer.Ordinal);
        var lines = new LineReader(content, "os-release");
        while (lines.TryNext(out var line))
        {
            line = line.Trim(" \t\r"u8);
            if (line[0] == (byte)'#') continue;
            var equals = line.IndexOf((byte)'=');
            if (equals <= 0 || !TryUnquote(Encoding.UTF8.GetString(line[(equals + 1)..]), out var value)) throw lines.Malformed("NAME=value or NAME=\"value\"");
            values[Encoding.UTF8.GetString(line[..equals])] = value;
        }

        return values;
    }

    /// <summary>The number at the start of a version, with at most one point in it: 12.5 of <c>12.5.1</c>; null when there is none.</summary>
    internal static double? Number(string version)
    {
        var end = 0;
        for (var points = 0; end < version.Length; end++)
        {
            if (char.IsAsciiDigit(version[end])) continue;
            if (version[end] != '.' || end == 0 || ++points > 1) break;
        }

        return double.TryParse(version.AsSpan(0, end), NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out var number) ? number : null;
    }

    private void TakeOver(ReadOnlySpan<byte> content)
    {
        var values = Parse(content);
        _info = Series.Create(Info, [.. InfoFields.Select(Field)]);
        var number = Number(Field("VERSION_ID"));
        _version = number > 0 ? Series.Create(Version, [Field("ID"), Field("ID_LIKE"), Field("NAME")]) : null;
        _versionNumber = number ?? 0;
        _content = content.ToArray();

        string Field(string name) => values.GetValueOrDefault(name, "");
    }

    private static bool TryUnquote(string text, out string value)
    {
        value = text;
        var quote = text.Length > 0 ? text[0] : '\0';
        if (quote is not ('"' or '\'')) return true;
        var result = new StringBuilder(text.Length);
        for (var i = 1; i < text.Length; i++)
        {
            if (text[i] == quote)
            {
                value = result.ToString();
                return i == text.Length - 1;
            }

            if (quote == '"' && text[i] == '\\' && ++i == text.Length) break;
            result.Append(text[i]);
        }

        return false;
    }
}
