using System.Globalization;
using System.Reflection;
using System.Text;
using Gateway.Collectors;
using Gateway.Collectors.Host;
using Gateway.Exposition;
using Gateway.Scrape;
using Gateway.TestKit;
using Microsoft.Extensions.DependencyInjection;
using Xunit;

namespace Gateway.Tests.Docs;

/// <summary>
/// The list of all metrics in <c>docs/metrics.md</c> is made from the code: the families that the classes hold, and those that a run over the fixtures gives
/// (some families are named by what the kernel says).
/// </summary>
public sealed class MetricsReferenceTests
{
    [Fact]
    public async Task Every_metric_is_documented()
    {
        var page = new StringBuilder();
        foreach (var (attribute, type) in CollectorCatalog.Find(typeof(LoadAverageCollector).Assembly))
        {
            var families = Held(type);
            await CollectAsync(attribute, type, families);
            Write(page, $"`{attribute.Name}`: {attribute.Summary}", families.Values);
        }

        GeneratedSection.Check("docs/metrics.md", "collectors", page.ToString().TrimEnd() + "\n");
    }

    [Fact]
    public void Every_self_metric_is_documented()
    {
        var families = new SortedDictionary<string, MetricFamily>(StringComparer.Ordinal);
        foreach (var type in typeof(ISelfMetrics).Assembly.GetTypes())
        {
            // The probe's own sample never leaves the service.
            if (type.DeclaringType == typeof(PipelineProbe)) continue;
            foreach (var (name, family) in Held(type)) families.TryAdd(name, family);
        }

        var page = new StringBuilder();
        foreach (var group in families.Values.GroupBy(family => family.Name.Split('_')[0], StringComparer.Ordinal)) Write(page, $"`{group.Key}_`", group);
        GeneratedSection.Check("docs/metrics.md", "self", page.ToString().TrimEnd() + "\n");
    }

    /// <summary>Families in static fields of a class, alone or in arrays.</summary>
    private static SortedDictionary<string, MetricFamily> Held(Type type)
    {
        var found = new SortedDictionary<string, MetricFamily>(StringComparer.Ordinal);
        foreach (var field in type.GetFields(BindingFlags.Static | BindingFlags.NonPublic | BindingFlags.Public | BindingFlags.DeclaredOnly))
        {
            if (field.FieldType == typeof(MetricFamily)) Add((MetricFamily?)field.GetValue(null));
            else if (typeof(IEnumerable<MetricFamily>).IsAssignableFrom(field.FieldType))
            {
                foreach (var family in (IEnumerable<MetricFamily>?)field.GetValue(null) ?? []) Add(family);
            }
        }

        return found;

        void Add(MetricFamily? family)
        {
            if (family is not null) found.TryAdd(family.Name, family);
        }
    }

    private static async Task CollectAsync(CollectorAttribute attribute, Type type, SortedDictionary<string, MetricFamily> families)
    {
        using var services = new ServiceCollection().AddSingleton(FixtureRoot.HostPaths).AddSingleton(TimeProvider.System).BuildServiceProvider();
        object[] own = attribute.Options is null ? [] : [Activator.CreateInstance(attribute.Options)!]; // options classes have a constructor without parameters
        var collector = (ICollector)ActivatorUtilities.CreateInstance(services, type, own);
        var sink = new MetricSink();
        try
        {
            await collector.CollectAsync(sink, CancellationToken.None);
        }
        catch (NoDataException)
        {
            // Not on this machine; the families that the class holds are known all the same.
        }

        for (var i = 0; i < sink.Batch.FamilyCount; i++) families.TryAdd(sink.Batch[i].Family.Name, sink.Batch[i].Family);
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
