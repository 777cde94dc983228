using System.Text.RegularExpressions;
using Gateway.TestKit;
using Xunit;

namespace Gateway.Architecture.Tests;

/// <summary>What the papers point at is there.</summary>
public sealed partial class PaperTests
{
    /// <summary>Folders of the checkout that papers may name in code quotes.</summary>
    private static readonly string[] Folders = ["src/", "tests/", "docs/", "deploy/", "tools/"];

    [Fact]
    public void Links_and_paths_in_papers_lead_somewhere()
    {
        var papers = Papers().ToList();
        Assert.True(papers.Count > 10, "papers were found");
        Assert.Empty(papers.SelectMany(paper => Targets(paper).Where(target => !Path.Exists(target)).Select(target => $"{paper} -> {target}")));
    }

    private static IEnumerable<string> Papers() =>
        Directory.EnumerateFiles(Repository.Root, "*.md")
            .Concat(Folders.SelectMany(folder => Directory.EnumerateFiles(Repository.PathOf(folder), "*.md", SearchOption.AllDirectories)))
            .Where(path => !path.Contains("/bin/", StringComparison.Ordinal) && !path.Contains("/obj/", StringComparison.Ordinal));

    private static IEnumerable<string> Targets(string paper)
    {
        var text = File.ReadAllText(paper);
        foreach (Match link in Link().Matches(text))
        {
            var target = link.Groups["target"].Value;
            if (!target.Contains("://", StringComparison.Ordinal)) yield return Path.Join(Path.GetDirectoryName(paper), target);
        }

        foreach (Match quote in Quote().Matches(text))
        {
            var path = quote.Groups["path"].Value;
            // Patterns and what a build or a start makes are no files of the checkout.
            if (Array.Exists(Folders, folder => path.StartsWith(folder, StringComparison.Ordinal)) && path.AsSpan().IndexOfAny("*<…") < 0 && !path.Contains("/bin/", StringComparison.Ordinal))
                yield return Repository.PathOf(path);
        }
    }

    [GeneratedRegex(@"\]\((?<target>[^)#\s]+)", RegexOptions.ExplicitCapture, matchTimeoutMilliseconds: 1000)]
    private static partial Regex Link();

    [GeneratedRegex(@"`(?<path>[A-Za-z0-9_./*<…-]+)`", RegexOptions.ExplicitCapture, matchTimeoutMilliseconds: 1000)]
    private static partial Regex Quote();
}
