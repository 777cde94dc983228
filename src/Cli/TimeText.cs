using System.Globalization;

namespace Gateway.Cli;

/// <summary>Times on the command line.</summary>
internal static class TimeText
{
    /// <summary>The forms, for messages and the help.</summary>
    public const string Rule = "2026-05-01T12:00:00Z (RFC 3339), 1777636800 (Unix seconds), 1777636800000 (Unix milliseconds), now, or how long ago: 90m, 6h, 2d, 1h30m";

    /// <summary>Whole numbers from here on are milliseconds (March 1973), below seconds (until the year 5138).</summary>
    private const long FirstMilliseconds = 100_000_000_000;

    private static readonly string[] Rfc3339 = ["yyyy-MM-dd'T'HH:mm:ss.FFFFFFFzzz", "yyyy-MM-dd'T'HH:mm:sszzz", "yyyy-MM-dd'T'HH:mm:ss.FFFFFFF'Z'", "yyyy-MM-dd'T'HH:mm:ss'Z'"];

    /// <summary>Reads a time; Unix ms.</summary>
    public static bool TryParse(string text, DateTimeOffset now, out long timeMs)
    {
        timeMs = now.ToUnixTimeMilliseconds();
        if (text == "now") return true;
        if (TryParseUnix(text, out timeMs)) return true;
        if (TryParseAgo(text, out var ago))
        {
            timeMs = Math.Max(0, now.ToUnixTimeMilliseconds() - ago);
            return true;
        }

        var upper = text.ToUpperInvariant();
        if (!DateTimeOffset.TryParseExact(upper, Rfc3339, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal | DateTimeStyles.AdjustToUniversal, out var time)) return false;
        timeMs = time.ToUnixTimeMilliseconds();
        return timeMs >= 0;
    }

    private static bool TryParseUnix(string text, out long timeMs)
    {
        timeMs = 0;
        if (long.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var whole))
        {
            timeMs = whole < FirstMilliseconds ? whole * 1000 : whole;
            return true;
        }

        if (!decimal.TryParse(text, NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out var seconds) || seconds >= FirstMilliseconds) return false;
        timeMs = (long)(seconds * 1000);
        return true;
    }

    /// <summary>Go's form of a duration, whole numbers with units; milliseconds.</summary>
    private static bool TryParseAgo(ReadOnlySpan<char> text, out long milliseconds)
    {
        milliseconds = 0;
        if (text.IsEmpty) return false;
        var total = 0m;
        while (!text.IsEmpty)
        {
            var digits = text.IndexOfAnyExceptInRange('0', '9');
            if (digits <= 0 || !long.TryParse(text[..digits], NumberStyles.None, CultureInfo.InvariantCulture, out var number)) return false;
            text = text[digits..];
            var letters = text.IndexOfAnyInRange('0', '9');
            var unit = letters < 0 ? text : text[..letters];
            var factor = unit switch { "ms" => 1, "s" => 1000, "m" => 60_000, "h" => 3_600_000, "d" => 86_400_000, "w" => 604_800_000, _ => 0L };
            if (factor == 0) return false;
            total += (decimal)number * factor;
            text = text[unit.Length..];
        }

        if (total > long.MaxValue) return false;
        milliseconds = (long)total;
        return true;
    }
}
