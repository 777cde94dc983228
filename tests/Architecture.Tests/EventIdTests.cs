using System.Globalization;
using System.Text.RegularExpressions;
using Gateway.TestKit;
using Xunit;

namespace Gateway.Architecture.Tests;

/// <summary>An id in the log leads to one line of the code: no two messages share it, and its block says which feature wrote it.</summary>
public sealed partial class EventIdTests
{
    private const int BlockSize = 100;

    /// <summary>File with messages, below <c>src</c>, and the first id of its block. A new block is an edit here and in CONTRIBUTING.md.</summary>
    private static readonly Dictionary<string, int> Blocks = new(StringComparer.Ordinal)
    {
        ["Gateway/Http/HttpLog.cs"] = 1000,
        ["Buffering/BufferLog.cs"] = 2000,
        ["Buffering/Outlets/OutletLog.cs"] = 2100,
        ["Gateway/Replay/ReplayLog.cs"] = 2200,
        ["Gateway/Scrape/ScrapeLog.cs"] = 3000,
        ["Gateway/Push/PushLog.cs"] = 4000,
        ["Gateway/State/StateLog.cs"] = 4100,
        ["Gateway/Status/StatusLog.cs"] = 5000,
        ["Gateway/Logging/FailureLog.cs"] = 6100,
    };

    [Fact]
    public void Every_event_id_is_used_once_and_lies_in_the_block_of_its_file()
    {
        var root = Repository.PathOf("src");
        var seen = new Dictionary<int, string>();
        var files = new SortedSet<string>(StringComparer.Ordinal);
        foreach (var path in Directory.EnumerateFiles(root, "*.cs", SearchOption.AllDirectories))
        {
            var file = Path.GetRelativePath(root, path);
            if (file.Contains("/obj/", StringComparison.Ordinal)) continue;
            var text = File.ReadAllText(path);
            var ids = EventId().Matches(text);
            Assert.True(ids.Count == Message().Count(text), $"{file}: a message has no event id.");
            foreach (Match match in ids)
            {
                var id = int.Parse(match.Groups["id"].Value, CultureInfo.InvariantCulture);
                Assert.True(Blocks.TryGetValue(file, out var first), $"{file} has messages but no block of ids.");
                Assert.True(id >= first && id < first + BlockSize, $"{file}: event id {id} is not within {first} to {first + BlockSize - 1}.");
                Assert.True(seen.TryAdd(id, file), $"{file}: event id {id} is used already, in {seen[id]}.");
                files.Add(file);
            }
        }

        Assert.True(files.SetEquals(Blocks.Keys), "The table names files without messages.");
    }

    [GeneratedRegex(@"\[LoggerMessage\(", RegexOptions.None, matchTimeoutMilliseconds: 1000)]
    private static partial Regex Message();

    [GeneratedRegex(@"\[LoggerMessage\(EventId = (?<id>\d+)", RegexOptions.ExplicitCapture, matchTimeoutMilliseconds: 1000)]
    private static partial Regex EventId();
}
