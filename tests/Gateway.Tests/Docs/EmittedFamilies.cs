using System.Reflection;
using Gateway.Collectors;
using Gateway.Exposition;
using Gateway.Scrape;
using Gateway.TestKit;
using Microsoft.Extensions.DependencyInjection;

namespace Gateway.Tests.Docs;

/// <summary>
/// All families that the service can emit but for pushed ones, by name: those that the classes hold, and those that a run of each collector over the fixtures
/// gives (some families are named by what the kernel says).
/// </summary>
internal static class EmittedFamilies
{
    /// <summary>Those of one collector.</summary>
    public static async Task<IReadOnlyCollection<MetricFamily>> OfAsync(CollectorAttribute attribute, Type type)
    {
        var families = Held(type);
        await CollectAsync(attribute, type, families);
        return families.Values;
    }

    /// <summary>Those by which the service tells about itself.</summary>
    public static IReadOnlyCollection<MetricFamily> OfTheServiceItself()
    {
        var families = new SortedDictionary<string, MetricFamily>(StringComparer.Ordinal);
        foreach (var type in typeof(ISelfMetrics).Assembly.GetTypes())
        {
            // The probe's own sample never leaves the service.
            if (type.DeclaringType == typeof(PipelineProbe)) continue;
            foreach (var (name, family) in Held(type)) families.TryAdd(name, family);
        }

        return families.Values;
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
}
