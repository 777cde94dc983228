using System.Text.RegularExpressions;
using System.Xml.Linq;
using Gateway.TestKit;
using Xunit;

namespace Gateway.Architecture.Tests;

/// <summary>Who may depend on whom. A new arrow is an edit to these tables, and the review asks why.</summary>
public sealed partial class ArrowTests
{
    /// <summary>Project, and the projects of ours that it may reference.</summary>
    private static readonly Dictionary<string, string[]> ProjectArrows = new(StringComparer.Ordinal)
    {
        ["Gateway.Exposition"] = [],
        ["Gateway.Sqlite"] = [],
        ["Gateway.Buffering"] = ["Gateway.Exposition", "Gateway.Sqlite"],
        // It asks the gateway over HTTP and reads its files; it never is one.
        ["Gateway.Cli"] = ["Gateway.Buffering", "Gateway.Sqlite"],
        // In the host only with -p:WithLiteDb=true.
        ["Gateway.Buffering.LiteDb"] = ["Gateway.Buffering"],
        ["Gateway.Collectors.Abstractions"] = ["Gateway.Exposition"],
        ["Gateway.Collectors"] = ["Gateway.Collectors.Abstractions"],
        ["Gateway"] = ["Gateway.Collectors", "Gateway.Buffering", "Gateway.Buffering.LiteDb", "Gateway.Sqlite"],
    };

    /// <summary>Project, and the packages it may use (analyzers aside).</summary>
    private static readonly Dictionary<string, string[]> PackageArrows = new(StringComparer.Ordinal)
    {
        ["Gateway.Exposition"] = [],
        ["Gateway.Sqlite"] = ["Microsoft.Data.Sqlite.Core", "SQLitePCLRaw.core", "SQLitePCLRaw.provider.e_sqlite3"],
        ["Gateway.Buffering"] = ["Microsoft.Extensions.Logging.Abstractions"],
        ["Gateway.Cli"] = [],
        ["Gateway.Buffering.LiteDb"] = ["LiteDB"],
        ["Gateway.Collectors.Abstractions"] = [],
        ["Gateway.Collectors"] = [],
        ["Gateway"] =
        [
            "Serilog", "Serilog.Extensions.Logging", "Serilog.Sinks.Console",
        ],
    };

    /// <summary>Folder of the host, and the namespaces of ours that it may use. The root composes and may use all.</summary>
    private static readonly Dictionary<string, string[]> HostArrows = new(StringComparer.Ordinal)
    {
        ["Configuration"] = [],
        ["Listen"] = ["Logging"],
        ["Logging"] = ["Configuration"],
        // They report to it: it knows none of them.
        ["Status"] = [],
        ["State"] = ["Sqlite", "Status"],
        ["Push"] = ["Exposition", "Sqlite", "State", "Status"],
        ["Replay"] = ["Buffering", "Collectors", "Configuration", "Exposition", "Logging", "Scrape", "Status"],
        ["Scrape"] = ["Collectors", "Configuration", "Exposition", "Logging", "Status"],
        ["SelfMetrics"] = ["Buffering", "Collectors", "Exposition", "Push", "Replay", "Scrape", "State", "Status"],
        ["Web"] = ["Status"],
        ["Http"] = ["Buffering", "Collectors", "Configuration", "Exposition", "Logging", "Push", "Replay", "Scrape", "State", "Status"],
    };

    [Fact]
    public void Projects_reference_only_what_the_table_allows()
    {
        var found = Projects().ToDictionary(path => Path.GetFileNameWithoutExtension(path), path => References(path, "ProjectReference"), StringComparer.Ordinal);
        Assert.Equal(ProjectArrows.Keys.Order(StringComparer.Ordinal), found.Keys.Order(StringComparer.Ordinal));
        foreach (var (project, references) in found) Assert.Empty(references.Except(ProjectArrows[project], StringComparer.Ordinal).Select(reference => $"{project} -> {reference}"));
    }

    [Fact]
    public void Projects_use_only_the_packages_that_the_table_allows()
    {
        foreach (var path in Projects())
        {
            var project = Path.GetFileNameWithoutExtension(path);
            Assert.Empty(References(path, "PackageReference").Except(PackageArrows[project], StringComparer.Ordinal).Select(package => $"{project} -> {package}"));
        }
    }

    [Fact]
    public void Folders_of_the_host_use_only_what_the_table_allows()
    {
        var root = Repository.PathOf("src/Gateway");
        var folders = Directory.GetDirectories(root).Select(folder => Path.GetFileName(folder)!).Where(name => name is not ("bin" or "obj")).Order(StringComparer.Ordinal);
        Assert.Equal(HostArrows.Keys.Order(StringComparer.Ordinal), folders);
        var wrong =
            from folder in HostArrows.Keys
            from file in Directory.EnumerateFiles(Path.Join(root, folder), "*.cs", SearchOption.AllDirectories)
            from Match use in OurNamespace().Matches(File.ReadAllText(file))
            let used = use.Groups["part"].Value
            where used != folder && (HostArrows.ContainsKey(used) || used is "Exposition" or "Collectors" or "Buffering" or "Sqlite") && !HostArrows[folder].Contains(used, StringComparer.Ordinal)
            select $"{folder}/{Path.GetFileName(file)} -> {used}";
        Assert.Empty(wrong.Distinct(StringComparer.Ordinal));
    }

    [Fact]
    public void The_sample_model_knows_no_clock_no_file_and_no_log()
    {
        var wrong =
            from file in Directory.EnumerateFiles(Repository.PathOf("src/Exposition"), "*.cs", SearchOption.AllDirectories)
            where !file.Contains("/obj/", StringComparison.Ordinal)
            let text = File.ReadAllText(file)
            where text.Contains("TimeProvider", StringComparison.Ordinal) || text.Contains("System.IO", StringComparison.Ordinal) || text.Contains("ILogger", StringComparison.Ordinal)
            select Path.GetFileName(file);
        Assert.Empty(wrong);
    }

    [GeneratedRegex(@"\bGateway\.(?<part>[A-Z][A-Za-z]+)\b", RegexOptions.ExplicitCapture, matchTimeoutMilliseconds: 1000)]
    private static partial Regex OurNamespace();

    private static IEnumerable<string> Projects() => Directory.EnumerateFiles(Repository.PathOf("src"), "*.csproj", SearchOption.AllDirectories);

    private static IEnumerable<string> References(string project, string kind) =>
        from reference in XDocument.Load(project).Descendants(kind)
        let include = (string?)reference.Attribute("Include")
        where include is not null
        select kind == "ProjectReference" ? Path.GetFileNameWithoutExtension(include) : include;
}
