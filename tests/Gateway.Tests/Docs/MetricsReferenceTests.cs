using System.Globalization;
using System.Text;
using Gateway.Collectors.Host;
using Gateway.Exposition;
using Gateway.Scrape;
using Xunit;

namespace Gateway.Tests.Docs;

/// <summary>The list of all metrics in <c>docs/metrics.md</c> is made from the code.</summary>
public sealed class MetricsReferenceTests
{
    [Fact]
    public async Task Every_metric_is_documented()
    {
        var page = new StringBuilder();
        foreach (var (attribute, type) in CollectorCatalog.Find(typeof(LoadAverageCollector).Assembly))
        {
            Write(page, $"`{attribute.Name}`: {attribute.Summary}", await EmittedFamilies.OfAsync(attribute, type));
        }

        GeneratedSection.Check("docs/metrics.md", "collectors", page.ToString().TrimEnd() + "\n");
    }

    [Fact]
    public void Every_self_metric_is_documented()
    {
        var page = new StringBuilder();
        foreach (var group in EmittedFamilies.OfTheServiceItself().GroupBy(family => family.Name.Split('_')[0], StringComparer.Ordinal)) Write(page, $"`{group.Key}_`", group);
        GeneratedSection.Check("docs/metrics.md", "self", page.ToString().TrimEnd() + "\n");
    }

    private static void Write(StringBuilder page, string title, IEnumerable<MetricFamily> families)
    {
        page.Append(CultureInfo.InvariantCulture, $"### {title}\n\n| Metric | Type | Labels | Meaning |\n|---|---|---|---|\n");
        foreach (var family in families)
        {
            var labels = string.Join(", ", family.LabelNames.Select(label => $"`{label}`"));
            page.Append(CultureInfo.InvariantCulture, $"| `{family.Name}` | {family.Type.TextName()} | {labels} | {family.Help.Replace("|", "\\|", StringComparison.Ordinal)} |\n");
        }

        page.Append('\n');
    }
}
