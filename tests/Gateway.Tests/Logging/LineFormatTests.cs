using System.Globalization;
using System.Text.Json;
using Gateway.Logging;
using Serilog.Events;
using Serilog.Parsing;
using Xunit;

namespace Gateway.Tests.Logging;

public sealed class LineFormatTests
{
    private const string Evil = "a\n12:00:00.000 error Fake: b\r\u001b[2J\u0085\u009b31m\u2028\u202e\0";

    private static readonly DateTimeOffset Time = new(2026, 1, 2, 3, 4, 5, 678, TimeSpan.Zero);

    public static TheoryData<LogEventLevel, string, string> Levels => new()
    {
        { LogEventLevel.Verbose, "trace", "<7>" },
        { LogEventLevel.Debug, "debug", "<7>" },
        { LogEventLevel.Information, "info ", "<6>" },
        { LogEventLevel.Warning, "warn ", "<4>" },
        { LogEventLevel.Error, "error", "<3>" },
        { LogEventLevel.Fatal, "fatal", "<2>" },
    };

    [Theory, MemberData(nameof(Levels))]
    public void Each_level_has_its_mark(LogEventLevel level, string word, string priority)
    {
        Assert.Equal($"03:04:05.678 {word} Thing: Value 5 of x\n", Format(nameof(LogFormat.Console), level: level));
        Assert.Equal($"{priority}Thing: Value 5 of x\n", Format(nameof(LogFormat.Journald), level: level));
    }

    [Fact]
    public void Json_is_one_object_per_line()
    {
        var line = Format(nameof(LogFormat.Json), name: "x\"\n\u001b", level: LogEventLevel.Warning, exception: new InvalidOperationException("bad\nthing"));
        Assert.Equal(line.Length - 1, line.IndexOf('\n', StringComparison.Ordinal));
        using var json = JsonDocument.Parse(line);
        var root = json.RootElement;
        Assert.Equal(("2026-01-02T03:04:05.6780000Z", "Value 5 of x\"\n\u001b", "Warning", 7, 5, "x\"\n\u001b"), (
            root.GetProperty("@t").GetString(), root.GetProperty("@m").GetString(), root.GetProperty("@l").GetString(), root.GetProperty("@i").GetInt32(),
            root.GetProperty("Number").GetInt32(), root.GetProperty("Name").GetString()));
        Assert.StartsWith("System.InvalidOperationException: bad\nthing", root.GetProperty("@x").GetString(), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(nameof(LogFormat.Console))]
    [InlineData(nameof(LogFormat.Journald))]
    [InlineData(nameof(LogFormat.Json))]
    public void No_text_can_forge_a_line_or_drive_a_terminal(string format)
    {
        var line = Format(format, name: Evil);
        Assert.Single(line.TrimEnd('\n').Split('\n', '\r', '\u0085', '\u2028', '\u2029'));
        if (format != nameof(LogFormat.Json)) Assert.DoesNotContain(line.TrimEnd('\n'), c => char.IsControl(c) || c is '\u202e');
    }

    [Theory]
    [InlineData(nameof(LogFormat.Console), "    ")]
    [InlineData(nameof(LogFormat.Journald), "<6>    ")]
    public void Lines_of_an_exception_are_indented_and_marked(string format, string prefix)
    {
        var lines = Format(format, exception: new InvalidOperationException("one\n03:04:05.678 error Fake: two\r\u001b[2J")).TrimEnd('\n').Split('\n');
        Assert.Equal(prefix + "System.InvalidOperationException: one", lines[1]);
        Assert.Equal(prefix + "03:04:05.678 error Fake: two\\u000d\\u001b[2J", lines[2]);
        Assert.All(lines.Skip(1), line => Assert.StartsWith(prefix, line, StringComparison.Ordinal));
    }

    [Fact]
    public void Other_scripts_stay_readable() => Assert.Equal("03:04:05.678 info  Thing: Value 5 of größe 温度 😀\n", Format(nameof(LogFormat.Console), name: "größe 温度 😀"));

    [Fact]
    public void Auto_is_journald_when_the_journal_reads_and_other_forms_stay()
    {
        Assert.Equal(LogFormat.Journald, LineFormat.Settle(LogFormat.Auto, isJournal: true));
        Assert.Equal(LogFormat.Console, LineFormat.Settle(LogFormat.Auto, isJournal: false));
        Assert.Equal(LogFormat.Json, LineFormat.Settle(LogFormat.Json, isJournal: true));
    }

    [Theory]
    [InlineData("8:12345", "8:12345", true)]
    [InlineData("8:12345", "8:12346", false)] // inherited from a session, the output goes elsewhere
    [InlineData("8:12345", null, false)]
    [InlineData(null, "8:12345", false)]
    [InlineData("", "", false)]
    public void The_journal_reads_when_its_stream_is_standard_output(string? variable, string? identity, bool expected) =>
        Assert.Equal(expected, JournalStream.Is(variable, identity));

    [Fact]
    public void Standard_output_has_a_device_and_an_inode() => Assert.Matches("^[0-9]+:[0-9]+$", JournalStream.StandardOutputIdentity());

    private static string Format(string format, string name = "x", LogEventLevel level = LogEventLevel.Information, Exception? exception = null)
    {
        var output = new StringWriter(CultureInfo.InvariantCulture);
        var id = new StructureValue([new LogEventProperty("Id", new ScalarValue(7)), new LogEventProperty("Name", new ScalarValue("Seven"))]);
        LineFormat.Create(Enum.Parse<LogFormat>(format)).Format(
            new LogEvent(Time, level, exception, new MessageTemplateParser().Parse("Value {Number} of {Name}"),
            [
                new("Number", new ScalarValue(5)), new("Name", new ScalarValue(name)), new("SourceContext", new ScalarValue("Gateway.Some.Thing")), new("EventId", id),
            ]),
            output);
        return output.ToString();
    }
}
