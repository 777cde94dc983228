using System.Globalization;
using Serilog.Events;
using Serilog.Formatting;
using Serilog.Formatting.Json;
using Serilog.Parsing;

namespace Gateway.Logging;

/// <summary>
/// Forms of a log line. Whatever a message holds, it stays one line per event (and indented lines of a stack trace): control characters are escaped, so that
/// no pushed value or agent can forge a line.
/// </summary>
internal static class LineFormat
{
    /// <summary>The formatter for a form; <c>auto</c> is settled by the caller.</summary>
    public static ITextFormatter Create(LogFormat format) => format switch
    {
        LogFormat.Json => new CompactJson(),
        LogFormat.Journald => new Journald(),
        _ => new ForPeople(),
    };

    /// <summary><c>auto</c> means journald when standard output is a stream of the journal, else the form for people.</summary>
    public static LogFormat Settle(LogFormat format, bool isJournal) => format switch
    {
        LogFormat.Auto => isJournal ? LogFormat.Journald : LogFormat.Console,
        _ => format,
    };

    private static string Source(LogEvent logEvent)
    {
        if (!logEvent.Properties.TryGetValue("SourceContext", out var value) || value is not ScalarValue { Value: string name }) return "";
        return name[(name.LastIndexOf('.') + 1)..];
    }

    private static string Message(LogEvent logEvent) => Escape(Render(logEvent));

    /// <summary>The message with texts as they are: Serilog would put each of them into quotes.</summary>
    private static string Render(LogEvent logEvent)
    {
        var text = new StringWriter(CultureInfo.InvariantCulture);
        foreach (var token in logEvent.MessageTemplate.Tokens)
        {
            if (token is PropertyToken { PropertyName: var name } && logEvent.Properties.TryGetValue(name, out var value) && value is ScalarValue { Value: string plain })
                text.Write(plain);
            else token.Render(logEvent.Properties, text, CultureInfo.InvariantCulture);
        }

        return text.ToString();
    }

    private static string Escape(string text) => text.AsSpan().IndexOfAnyInRange('\0', '\u001f') < 0 && text.AsSpan().IndexOfAnyInRange('\u007f', '\uffff') < 0
        ? text
        : string.Concat(text.Select(c => IsHarmful(c) ? string.Create(CultureInfo.InvariantCulture, $"\\u{(int)c:x4}") : c.ToString()));

    /// <summary>What a terminal or a viewer may take for a command or for the end of a line, or for text that runs the other way.</summary>
    private static bool IsHarmful(char c) => char.IsControl(c) || c is '\u2028' or '\u2029' or (>= '\u202a' and <= '\u202e') or (>= '\u2066' and <= '\u2069');

    private static void WriteException(Exception? exception, string prefix, TextWriter output)
    {
        if (exception is null) return;
        foreach (var line in exception.ToString().Split('\n')) output.Write($"{prefix}    {Escape(line.TrimEnd('\r'))}\n");
    }

    /// <summary><c>12:00:00.123 warn  ScrapePipeline: …</c></summary>
    private sealed class ForPeople : ITextFormatter
    {
        public void Format(LogEvent logEvent, TextWriter output)
        {
            var level = logEvent.Level switch
            {
                LogEventLevel.Verbose => "trace",
                LogEventLevel.Debug => "debug",
                LogEventLevel.Information => "info ",
                LogEventLevel.Warning => "warn ",
                LogEventLevel.Error => "error",
                _ => "fatal",
            };
            output.Write(string.Create(CultureInfo.InvariantCulture, $"{logEvent.Timestamp:HH:mm:ss.fff} {level} {Source(logEvent)}: {Message(logEvent)}\n"));
            WriteException(logEvent.Exception, "", output);
        }
    }

    /// <summary>Priority prefix of sd-daemon(3) on every line; the journal adds the time.</summary>
    private sealed class Journald : ITextFormatter
    {
        public void Format(LogEvent logEvent, TextWriter output)
        {
            var prefix = logEvent.Level switch
            {
                LogEventLevel.Verbose or LogEventLevel.Debug => "<7>",
                LogEventLevel.Information => "<6>",
                LogEventLevel.Warning => "<4>",
                LogEventLevel.Error => "<3>",
                _ => "<2>",
            };
            output.Write($"{prefix}{Source(logEvent)}: {Message(logEvent)}\n");
            WriteException(logEvent.Exception, prefix, output);
        }
    }

    /// <summary>One object per line: <c>@t</c> time, <c>@l</c> level (absent for information), <c>@m</c> message, <c>@i</c> event id, <c>@x</c> exception, then the properties.</summary>
    private sealed class CompactJson : ITextFormatter
    {
        private static readonly JsonValueFormatter Values = new();

        public void Format(LogEvent logEvent, TextWriter output)
        {
            var line = new StringWriter(CultureInfo.InvariantCulture);
            Write(logEvent, line);
            // The writers of Serilog escape what JSON asks for; the rest of what is harmful stands within strings, too, and has the same escape.
            output.Write(Escape(line.ToString()));
            output.Write('\n');
        }

        private static void Write(LogEvent logEvent, StringWriter output)
        {
            output.Write("{\"@t\":\"");
            output.Write(logEvent.Timestamp.UtcDateTime.ToString("O", CultureInfo.InvariantCulture));
            output.Write("\",\"@m\":");
            JsonValueFormatter.WriteQuotedJsonString(Render(logEvent), output);
            if (logEvent.Level != LogEventLevel.Information) output.Write($",\"@l\":\"{logEvent.Level}\"");
            if (logEvent.Exception is { } exception)
            {
                output.Write(",\"@x\":");
                JsonValueFormatter.WriteQuotedJsonString(exception.ToString(), output);
            }

            foreach (var (name, value) in logEvent.Properties)
            {
                if (name == "EventId")
                {
                    if (value is StructureValue { Properties: [{ Value: ScalarValue { Value: int id } }, ..] }) output.Write($",\"@i\":{id}");
                    continue;
                }

                output.Write(',');
                JsonValueFormatter.WriteQuotedJsonString(name.StartsWith('@') ? "@" + name : name, output);
                output.Write(':');
                Values.Format(value, output);
            }

            output.Write('}');
        }
    }
}
