using System.Buffers;
using System.Globalization;

namespace Gateway.Configuration;

/// <summary>
/// Durations in the configuration: Go's form (<c>15s</c>, <c>1m30s</c>, <c>250ms</c>, <c>1.5h</c>, <c>7d</c>) or hours, minutes and seconds
/// (<c>00:00:15</c>, <c>1.00:00:00</c>). A bare number is refused: the framework would read <c>15</c> as fifteen days.
/// </summary>
internal static class Durations
{
    public const string Rule = "a duration such as 15s, 1m30s, 250ms or 00:00:15";

    private static readonly SearchValues<char> NumberCharacters = SearchValues.Create("0123456789.");

    public static bool TryParse(ReadOnlySpan<char> text, out TimeSpan duration)
    {
        text = text.Trim();
        return text.Contains(':')
            ? TimeSpan.TryParse(text, CultureInfo.InvariantCulture, out duration)
            : TryParseUnits(text, out duration);
    }

    /// <summary>The shortest of the forms above that says the same.</summary>
    public static string Format(TimeSpan duration)
    {
        if (duration == TimeSpan.Zero) return "0s";
        return duration switch
        {
            _ when duration.Ticks % TimeSpan.TicksPerDay == 0 => string.Create(CultureInfo.InvariantCulture, $"{duration.TotalDays}d"),
            _ when duration.Ticks % TimeSpan.TicksPerHour == 0 => string.Create(CultureInfo.InvariantCulture, $"{duration.TotalHours}h"),
            _ when duration.Ticks % TimeSpan.TicksPerMinute == 0 => string.Create(CultureInfo.InvariantCulture, $"{duration.TotalMinutes}m"),
            _ when duration.Ticks % TimeSpan.TicksPerSecond == 0 => string.Create(CultureInfo.InvariantCulture, $"{duration.TotalSeconds}s"),
            _ => string.Create(CultureInfo.InvariantCulture, $"{duration.TotalMilliseconds}ms"),
        };
    }

    private static bool TryParseUnits(ReadOnlySpan<char> text, out TimeSpan duration)
    {
        duration = default;
        if (text.IsEmpty) return false;
        var seconds = 0.0;
        while (!text.IsEmpty)
        {
            var digits = text.IndexOfAnyExcept(NumberCharacters);
            if (digits <= 0 || !double.TryParse(text[..digits], NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out var number)) return false;
            text = text[digits..];
            var letters = text.IndexOfAny(NumberCharacters);
            var unit = letters < 0 ? text : text[..letters];
            var factor = unit switch { "ms" => 0.001, "s" => 1, "m" => 60, "h" => 3600, "d" => 86400, _ => 0 };
            if (factor == 0) return false;
            seconds += number * factor;
            text = text[unit.Length..];
        }

        if (seconds > TimeSpan.MaxValue.TotalSeconds / 2) return false;
        duration = TimeSpan.FromSeconds(seconds);
        return true;
    }
}
