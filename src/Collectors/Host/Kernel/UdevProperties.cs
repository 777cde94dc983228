using System.Globalization;
using System.Text;

namespace Gateway.Collectors.Host.Kernel;

/// <summary>
/// What udev knows about a block device, from its database below <c>/run/udev/data</c> (file <c>b8:0</c> for device 8:0, lines <c>E:NAME=value</c>;
/// udevadm(8) calls them properties). A property that is absent is null.
/// </summary>
internal sealed class UdevProperties
{
    /// <summary>No database, or the device is not in it.</summary>
    public static readonly UdevProperties None = new();

    private readonly Dictionary<string, string> _values = new(StringComparer.Ordinal);

    private UdevProperties()
    {
    }

    /// <summary>A property, for example <c>ID_MODEL</c>; null when the device has none of that name.</summary>
    public string? this[string name] => _values.GetValueOrDefault(name);

    /// <summary>A property, empty when absent, as labels want it.</summary>
    public string Label(string name) => this[name] ?? "";

    /// <summary>A property that is a number; null when it is absent or no number.</summary>
    public double? Number(string name) =>
        double.TryParse(this[name], NumberStyles.Float, CultureInfo.InvariantCulture, out var value) && double.IsFinite(value) ? value : null;

    /// <summary>Reads a database file; lines of other kinds and lines without <c>=</c> are passed over, of equal names the last one counts.</summary>
    public static UdevProperties Parse(ReadOnlySpan<byte> content)
    {
        var properties = new UdevProperties();
        var lines = new LineReader(content, "udev");
        while (lines.TryNext(out var line))
        {
            if (!line.StartsWith("E:"u8)) continue;
            var equals = line.IndexOf((byte)'=');
            if (equals > 2) properties._values[Encoding.UTF8.GetString(line[2..equals])] = Encoding.UTF8.GetString(line[(equals + 1)..]);
        }

        return properties;
    }
}
