using System.Globalization;
using System.Text;
using Gateway.Buffering;
using Gateway.Buffering.Outlets;
using Gateway.Collectors.Host;
using Gateway.Configuration;
using Gateway.Http;
using Gateway.Listen;
using Gateway.Logging;
using Gateway.Push;
using Gateway.Replay;
using Gateway.Scrape;
using Gateway.State;
using Xunit;

namespace Gateway.Tests.Docs;

/// <summary>The reference of all options in <c>docs/operations.md</c> is made from the documentation comments of the options classes.</summary>
public sealed class OptionsReferenceTests
{
    private static readonly (string Section, Type Type)[] Classes =
    [
        (GatewayOptions.Section, typeof(GatewayOptions)),
        (ListenOptions.Section, typeof(ListenOptions)),
        (AgentOptions.Section, typeof(AgentOptions)),
        (ScrapeOptions.Section, typeof(ScrapeOptions)),
        (PushOptions.Section, typeof(PushOptions)),
        (StateOptions.Section, typeof(StateOptions)),
        (BufferOptions.Section, typeof(BufferOptions)),
        (ReplayOptions.Section, typeof(ReplayOptions)),
        (ConfirmOptions.Section, typeof(ConfirmOptions)),
        (RemoteWriteOptions.Section, typeof(RemoteWriteOptions)),
        ($"{RemoteWriteOptions.Section}:Targets:<n>", typeof(RemoteWriteTargetOptions)),
        (HostPathOptions.Section, typeof(HostPathOptions)),
        (LogOptions.Section, typeof(LogOptions)),
    ];

    [Fact]
    public void Every_option_is_documented()
    {
        var page = new StringBuilder();
        foreach (var (section, type) in Classes) Write(page, section, type);
        Write(page, $"{CollectorOptions.Section}:<name>", typeof(CollectorOptions));
        foreach (var (attribute, _) in CollectorCatalog.Find(typeof(LoadAverageCollector).Assembly))
        {
            if (attribute.Options is { } options) Write(page, $"{CollectorOptions.Section}:{attribute.Name}", options);
        }

        GeneratedSection.Check("docs/operations.md", "options", page.ToString().TrimEnd() + "\n");
    }

    [Fact]
    public void Every_option_states_its_default_and_every_number_its_range()
    {
        var own = CollectorCatalog.Find(typeof(LoadAverageCollector).Assembly).Where(found => found.Attribute.Options is not null)
            .Select(found => ($"{CollectorOptions.Section}:{found.Attribute.Name}", found.Attribute.Options!)); // filtered above
        foreach (var (section, type) in Classes.Append((CollectorOptions.Section, typeof(CollectorOptions))).Concat(own))
        {
            foreach (var property in OptionsReader.Properties(type))
            {
                var text = XmlDocumentation.Summary(property);
                Assert.True(text.Contains("efault", StringComparison.Ordinal), $"{section}:{property.Name} does not say its default: {text}");
                if (property.PropertyType == typeof(string) || property.PropertyType == typeof(bool) || property.PropertyType == typeof(string[]) || (Nullable.GetUnderlyingType(property.PropertyType) ?? property.PropertyType).IsEnum) continue;
                Assert.True(text.Contains(" to ", StringComparison.Ordinal), $"{section}:{property.Name} does not say its range: {text}");
            }
        }
    }

    private static void Write(StringBuilder page, string section, Type type)
    {
        page.Append(CultureInfo.InvariantCulture, $"### `{section}`\n\n{XmlDocumentation.Summary(type)}\n\n| Option | Meaning |\n|---|---|\n");
        foreach (var property in OptionsReader.Properties(type))
            page.Append(CultureInfo.InvariantCulture, $"| `{property.Name}` | {XmlDocumentation.Summary(property).Replace("|", "\\|", StringComparison.Ordinal)} |\n");
        page.Append('\n');
    }
}
