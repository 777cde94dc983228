using System.Text.RegularExpressions;
using Gateway.Collectors.Host;
using Gateway.Exposition;
using Gateway.Scrape;
using Xunit;

namespace Gateway.Tests.Docs;

/// <summary>
/// Every family keeps to the rules of https://prometheus.io/docs/practices/naming/ that a machine can check. Where node_exporter does not, its names are kept,
/// and listed here.
/// </summary>
public sealed partial class MetricsLintTests
{
    /// <summary>First words of names, the subjects of the service.</summary>
    private static readonly string[] Prefixes = ["node_", "gateway_", "process_", "dotnet_"];

    /// <summary>Names that node_exporter takes from the kernel letter by letter.</summary>
    private static readonly string[] KernelSpelling = ["node_memory_", "node_netstat_", "node_sockstat_"];

    /// <summary>Units that are not base units, and abbreviations of units.</summary>
    private static readonly HashSet<string> WrongUnits = new(StringComparer.Ordinal)
    {
        "milliseconds", "microseconds", "nanoseconds", "ms", "us", "ns", "minutes", "hours", "days", "kilobytes", "kibibytes", "megabytes", "kb", "mb",
        "millivolts", "milliamps", "milliwatts", "microwatts", "kilohertz", "khz", "mhz", "millidegrees", "fahrenheit", "percent", "percentage",
    };

    /// <summary>Types do not belong into names.</summary>
    private static readonly HashSet<string> TypeWords = new(StringComparer.Ordinal) { "counter", "gauge", "histogram", "summary", "untyped", "metric" };

    public static TheoryData<string, MetricType, string, string> Faulty => new() // name, type, help, fault
    {
        { "box_temperature_celsius", MetricType.Gauge, "Help.", "starts with none of" },
        { "node_boxTemperature", MetricType.Gauge, "Help.", "is not snake_case" },
        { "node_starts", MetricType.Counter, "Help.", "ends in _total" },
        { "node_load_total", MetricType.Gauge, "Help.", "ends in _total" },
        { "node_pause_milliseconds", MetricType.Gauge, "Help.", "is not in base units" },
        { "node_load_gauge", MetricType.Gauge, "Help.", "holds the name of a type" },
        { "node_cpu_count", MetricType.Gauge, "Help.", "ends as a sample of a histogram does" },
        { "node_load", MetricType.Gauge, "", "help starts as no sentence does" },
        { "node_load", MetricType.Gauge, "Help", "help ends without a full stop" },
    };

    [Theory, MemberData(nameof(Faulty))]
    public void The_rules_find_what_breaks_them(string name, MetricType type, string help, string fault) =>
        Assert.Contains(Faults(MetricFamily.Create(name, type, help, "")), found => found.StartsWith($"{name}: {fault}", StringComparison.Ordinal));

    [Fact]
    public async Task Every_family_keeps_to_the_rules_of_naming()
    {
        var families = EmittedFamilies.OfTheServiceItself().ToList();
        foreach (var (attribute, type) in CollectorCatalog.Find(typeof(LoadAverageCollector).Assembly)) families.AddRange(await EmittedFamilies.OfAsync(attribute, type));
        Assert.True(families.Count > 100, "families were found");
        Assert.Empty(families.SelectMany(Faults));
    }

    private static IEnumerable<string> Faults(MetricFamily family)
    {
        var name = family.Name;
        var words = name.Split('_');
        if (!StartsWithOneOf(name, Prefixes)) yield return $"{name}: starts with none of {string.Join(", ", Prefixes)}";
        if (!SnakeCase().IsMatch(name) && !StartsWithOneOf(name, KernelSpelling)) yield return $"{name}: is not snake_case";
        if (family.Type == MetricType.Counter != name.EndsWith("_total", StringComparison.Ordinal)) yield return $"{name}: ends in _total if and only if it is a counter";
        if (words.Any(WrongUnits.Contains)) yield return $"{name}: is not in base units";
        if (words.Any(TypeWords.Contains)) yield return $"{name}: holds the name of a type";
        if (words[^1] is "count" or "sum" or "bucket") yield return $"{name}: ends as a sample of a histogram does";
        foreach (var label in family.LabelNames)
        {
            if (!SnakeCase().IsMatch(label)) yield return $"{name}: label {label} is not snake_case";
            if (label is "le" or "quantile" or "job" or "__name__") yield return $"{name}: label {label} belongs to Prometheus";
            if (name.EndsWith("_by_" + label, StringComparison.Ordinal)) yield return $"{name}: repeats label {label}";
        }

        var help = family.Help;
        if (help.Length == 0 || !(char.IsAsciiLetterUpper(help[0]) || char.IsAsciiDigit(help[0]) || help[0] == '/')) yield return $"{name}: help starts as no sentence does: '{help}'";
        if (!help.EndsWith('.')) yield return $"{name}: help ends without a full stop: '{help}'";
    }

    private static bool StartsWithOneOf(string name, string[] prefixes) => Array.Exists(prefixes, prefix => name.StartsWith(prefix, StringComparison.Ordinal));

    [GeneratedRegex("^[a-z][a-z0-9]*(_[a-z0-9]+)*$", RegexOptions.ExplicitCapture, matchTimeoutMilliseconds: 1000)]
    private static partial Regex SnakeCase();
}
