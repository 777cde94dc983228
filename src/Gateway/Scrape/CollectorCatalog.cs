using System.Reflection;
using Gateway.Collectors;
using Gateway.Configuration;

namespace Gateway.Scrape;

/// <summary>
/// The collectors this program knows, found by their attribute, and their settings read from <c>Gateway:Collectors</c>. A name twice is a fault of the program
/// and stops it; a configured name that nobody has is a fault of the configuration.
/// </summary>
internal sealed class CollectorCatalog
{
    private readonly IReadOnlyList<Configured> _configured;

    private CollectorCatalog(IReadOnlyList<Configured> configured) => _configured = configured;

    /// <summary>The collectors that an assembly holds, in the order of their names.</summary>
    public static IReadOnlyList<(CollectorAttribute Attribute, Type Type)> Find(Assembly assembly)
    {
        var found = assembly.GetTypes()
            .Select(type => (Attribute: type.GetCustomAttribute<CollectorAttribute>(), Type: type))
            .Where(entry => entry.Attribute is not null)
            .Select(entry => (Attribute: entry.Attribute!, entry.Type)) // the line above leaves no null
            .OrderBy(entry => entry.Attribute.Name, StringComparer.Ordinal)
            .ToList();
        if (found.GroupBy(entry => entry.Attribute.Name, StringComparer.Ordinal).FirstOrDefault(group => group.Count() > 1) is { } twice)
            throw new InvalidOperationException($"Two collectors are called '{twice.Key}': {string.Join(", ", twice.Select(entry => entry.Type))}.");
        return found;
    }

    /// <summary>Reads the settings of every known collector; faults go to the reader.</summary>
    public static CollectorCatalog Read(OptionsReader reader, IReadOnlyList<(CollectorAttribute Attribute, Type Type)> known)
    {
        reader.RefuseUnknown(CollectorOptions.Section, [.. known.Select(entry => entry.Attribute.Name)]);
        var common = OptionsReader.Properties(typeof(CollectorOptions)).Select(property => property.Name).ToArray();
        var configured = new List<Configured>(known.Count);
        foreach (var (attribute, type) in known)
        {
            var section = $"{CollectorOptions.Section}:{attribute.Name}";
            var own = attribute.Options is null ? null : reader.Read(attribute.Options, section, common);
            var ownNames = attribute.Options is null ? [] : OptionsReader.Properties(attribute.Options).Select(property => property.Name).ToArray();
            configured.Add(new Configured(attribute, type, reader.Read<CollectorOptions>(section, ownNames), own));
        }

        return new CollectorCatalog(configured);
    }

    /// <summary>Makes the collectors that are switched on.</summary>
    /// <param name="services">Where constructors find what they ask for: host paths, clock, their own options.</param>
    /// <param name="maxSamples">Samples that each may give per run.</param>
    public IEnumerable<CollectorRegistration> Create(IServiceProvider services, int maxSamples)
    {
        foreach (var (attribute, type, options, own) in _configured)
        {
            if (!options.Enabled) continue;
            var collector = (ICollector)ActivatorUtilities.CreateInstance(services, type, own is null ? [] : [own]);
            var schedule = options.Schedule ?? (attribute.Schedule == CollectorSchedule.Timed ? TimeSpan.FromMinutes(1) : TimeSpan.Zero);
            yield return new CollectorRegistration(attribute.Name, collector)
            {
                Summary = attribute.Summary,
                Timeout = options.Timeout,
                Schedule = schedule == TimeSpan.Zero ? null : schedule,
                MaxAge = options.MaxAge ?? (schedule * 3),
                MaxSamples = maxSamples,
            };
        }
    }

    private sealed record Configured(CollectorAttribute Attribute, Type Type, CollectorOptions Options, object? Own);
}
