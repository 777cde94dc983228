using System.ComponentModel.DataAnnotations;
using System.Reflection;
using Gateway.Buffering;
using Gateway.Configuration;
using Gateway.Scrape;
using Gateway.Tests.Docs;
using Gateway.Tests.Support;
using Xunit;

namespace Gateway.Tests.Configuration;

/// <summary>What the operator's manual relies on: every option is bounded and says what it means.</summary>
public sealed class OptionsDocumentationTests
{
    public static TheoryData<Type> OptionsClasses
    {
        get
        {
            var found = typeof(GatewayOptions).Assembly.GetTypes().Concat(typeof(BufferOptions).Assembly.GetTypes()).Where(type => type.GetField("Section", BindingFlags.Public | BindingFlags.Static) is { IsLiteral: true })
                .Concat(CollectorCatalog.Find(HostCollectors.Assembly).Select(entry => entry.Attribute.Options).OfType<Type>());
            return [.. found.Distinct()];
        }
    }

    [Theory, MemberData(nameof(OptionsClasses))]
    public void Every_option_has_a_bound_or_needs_none_and_a_comment(Type options)
    {
        foreach (var property in OptionsReader.Properties(options))
        {
            var type = Nullable.GetUnderlyingType(property.PropertyType) ?? property.PropertyType;
            var free = type == typeof(string) || type == typeof(bool) || type.IsEnum;
            var bounded = property.GetCustomAttributes<ValidationAttribute>().Any() || typeof(IValidatableObject).IsAssignableFrom(options);
            Assert.True(free || bounded, $"{options.Name}.{property.Name} is not bounded");
            Assert.True(XmlDocumentation.Summary(property).Length > 0, $"{options.Name}.{property.Name} has no comment");
        }

        Assert.NotNull(Activator.CreateInstance(options));
    }

    [Fact]
    public void All_sections_of_the_settings_are_among_the_checked_ones()
    {
        var seen = ((IEnumerable<object[]>)OptionsClasses).Select(row => (Type)row[0]).ToHashSet();
        foreach (var property in typeof(GatewaySettings).GetProperties().Where(property => property.PropertyType.Name.EndsWith("Options", StringComparison.Ordinal)))
            Assert.Contains(property.PropertyType, seen);
    }
}
