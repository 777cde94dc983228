using System.Globalization;
using System.Text;

namespace Gateway.EndToEnd.Parts;

/// <summary>
/// An exposition in the text format 0.0.4, taken apart. Of its own, because the tests must not judge the service by the service's parser; strict about
/// what it needs and no more: Prometheus and promtool judge the rest.
/// </summary>
internal sealed class ScrapedText
{
    private static readonly string[] Suffixes = ["", "_bucket", "_sum", "_count"];

    /// <summary>Type of each family.</summary>
    public Dictionary<string, string> Types { get; } = new(StringComparer.Ordinal);

    /// <summary>Value of each series.</summary>
    public Dictionary<SeriesName, double> Series { get; } = [];

    public static ScrapedText Parse(string text)
    {
        var result = new ScrapedText();
        foreach (var line in text.Split('\n', StringSplitOptions.RemoveEmptyEntries))
        {
            if (line.StartsWith("# TYPE ", StringComparison.Ordinal))
            {
                var parts = line.Split(' ');
                result.Types.Add(parts[2], parts[3]);
            }
            else if (line[0] != '#')
            {
                var (name, value) = ParseName(line);
                result.Series.Add(name, ParseValue(value.Trim().Split(' ')[0]));
            }
        }

        return result;
    }

    /// <summary>The family that a series belongs to.</summary>
    public string FamilyOf(SeriesName series) =>
        Suffixes.Where(suffix => series.Name.EndsWith(suffix, StringComparison.Ordinal)).Select(suffix => series.Name[..^suffix.Length])
            .FirstOrDefault(Types.ContainsKey) ?? series.Name;

    private static (SeriesName Name, string Value) ParseName(string line)
    {
        var end = line.AsSpan().IndexOfAny('{', ' ');
        if (line[end] == ' ') return (new SeriesName(line[..end], ""), line[end..]);
        var labels = new List<string>();
        var at = end + 1;
        while (line[at] != '}')
        {
            var equals = line.IndexOf('=', at);
            var value = new StringBuilder();
            var i = equals + 2;
            for (; line[i] != '"'; i++)
            {
                if (line[i] == '\\') value.Append(line[++i] == 'n' ? '\n' : line[i]);
                else value.Append(line[i]);
            }

            labels.Add($"{line[at..equals]}={value}");
            at = line[i + 1] == ',' ? i + 2 : i + 1;
        }

        labels.Sort(StringComparer.Ordinal);
        return (new SeriesName(line[..end], string.Join(SeriesName.Separator, labels)), line[(at + 1)..]);
    }

    private static double ParseValue(string text) => text switch
    {
        "+Inf" => double.PositiveInfinity,
        "-Inf" => double.NegativeInfinity,
        _ => double.Parse(text, CultureInfo.InvariantCulture),
    };
}

/// <summary>A series: its name and its labels, in order.</summary>
internal readonly record struct SeriesName(string Name, string Labels)
{
    /// <summary>Stands between two labels; no label value of the tests holds it.</summary>
    public const char Separator = '\u001f';

    /// <summary>Names of the labels.</summary>
    public string LabelNames => string.Join(',', Labels.Split(Separator, StringSplitOptions.RemoveEmptyEntries).Select(label => label[..label.IndexOf('=', StringComparison.Ordinal)]));

    /// <summary>Value of a label.</summary>
    public string Label(string name) =>
        Labels.Split(Separator).First(label => label.StartsWith(name + "=", StringComparison.Ordinal))[(name.Length + 1)..];

    public override string ToString() => $"{Name}{{{Labels.Replace(Separator, ',')}}}";
}
