using Gateway.TestKit;
using Xunit;

namespace Gateway.Tests.Docs;

/// <summary>A part of a page that is made from the code: between two comment lines. Compared by default, written anew with <c>UPDATE_DOCS=1</c>.</summary>
internal static class GeneratedSection
{
    public static void Check(string page, string name, string content)
    {
        var path = Repository.PathOf(page);
        var (begin, end) = ($"<!-- begin {name}: made from the code, do not edit -->\n", $"<!-- end {name} -->");
        var text = File.ReadAllText(path);
        var from = text.IndexOf(begin, StringComparison.Ordinal);
        var to = text.IndexOf(end, StringComparison.Ordinal);
        Assert.True(from >= 0 && to > from, $"{page} has no section '{name}'.");
        from += begin.Length;
        if (Environment.GetEnvironmentVariable("UPDATE_DOCS") == "1") File.WriteAllText(path, text[..from] + "\n" + content + "\n" + text[to..]);
        else Assert.True(text[from..to] == "\n" + content + "\n", $"{page} is not what the code says. Run: UPDATE_DOCS=1 dotnet test tests/Gateway.Tests --filter Docs");
    }
}
