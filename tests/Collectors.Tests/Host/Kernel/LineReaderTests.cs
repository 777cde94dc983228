using System.Text;
using Gateway.Collectors.Host.Kernel;
using Xunit;

namespace Gateway.Collectors.Tests.Host.Kernel;

public sealed class LineReaderTests
{
    public static TheoryData<string, string, string> Contents => new() // case, content, lines as number:text
    {
        { "empty", "", "" },
        { "one line with end", "a\n", "1:a" },
        { "one line without end", "a", "1:a" },
        { "blank lines are counted and passed over", "\n \t\na\r\n\nb", "3:a|5:b" },
    };

    [Theory, MemberData(nameof(Contents))]
    public void Gives_the_lines_with_their_numbers(string @case, string content, string expected)
    {
        var lines = new LineReader(Encoding.UTF8.GetBytes(content), "stat");
        List<string> read = [];
        while (lines.TryNext(out var line)) read.Add($"{lines.Number}:{Encoding.UTF8.GetString(line).TrimEnd()}");
        Assert.True(string.Join('|', read) == expected, @case);
    }

    [Fact]
    public void A_fault_names_file_and_line()
    {
        var lines = new LineReader("a\nb\n"u8, "stat");
        lines.TryNext(out _);
        lines.TryNext(out _);
        Assert.Equal("stat, line 2: expected a number.", lines.Malformed("a number").Message);
    }
}
