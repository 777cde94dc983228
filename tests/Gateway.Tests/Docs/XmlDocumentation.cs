using System.Collections.Concurrent;
using System.Reflection;
using System.Xml.Linq;

namespace Gateway.Tests.Docs;

/// <summary>Summaries of documentation comments, as Markdown on one line; from the XML file beside an assembly.</summary>
internal static class XmlDocumentation
{
    private static readonly ConcurrentDictionary<Assembly, Dictionary<string, XElement>> Files = new();

    public static string Summary(Type type) => Summary(type.Assembly, $"T:{type.FullName}");

    public static string Summary(PropertyInfo property)
    {
        var type = property.DeclaringType ?? throw new ArgumentException("A property of a class is needed.", nameof(property));
        return Summary(type.Assembly, $"P:{type.FullName}.{property.Name}");
    }

    private static string Summary(Assembly assembly, string id)
    {
        var members = Files.GetOrAdd(assembly, static found => XDocument.Load(Path.ChangeExtension(found.Location, ".xml")).Descendants("member")
            .ToDictionary(member => (string?)member.Attribute("name") ?? "", StringComparer.Ordinal));
        return members.TryGetValue(id, out var member) && member.Element("summary") is { } summary ? Markdown(summary) : "";
    }

    private static string Markdown(XElement element)
    {
        var text = string.Concat(element.Nodes().Select(node => node switch
        {
            XText plain => plain.Value,
            XElement { Name.LocalName: "c" } code => $"`{code.Value}`",
            XElement { Name.LocalName: "see" } see => $"`{((string?)see.Attribute("cref") ?? "")[(((string?)see.Attribute("cref") ?? "").LastIndexOf('.') + 1)..]}`",
            XElement other => Markdown(other),
            _ => "",
        }));
        return string.Join(' ', text.Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries));
    }
}
