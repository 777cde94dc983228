using System.Globalization;

namespace Gateway.Cli.Output;

/// <summary>Values as people read them.</summary>
internal static class Plain
{
    private static readonly string[] Units = ["B", "KiB", "MiB", "GiB", "TiB"];

    /// <summary>Text without what a terminal would obey; lines stay.</summary>
    public static string Text(string text) => string.Concat(text.Select(c => char.IsControl(c) && c != '\n' ? '?' : c));

    /// <summary>A whole number in groups of three.</summary>
    public static string Count(long count) => count.ToString("#,##0", CultureInfo.InvariantCulture);

    /// <summary>A number of things.</summary>
    public static string Count(long count, string one) => count == 1 ? $"1 {one}" : $"{Count(count)} {one}s";

    /// <summary>Bytes in the largest unit that leaves a whole number before the point.</summary>
    public static string Bytes(long bytes)
    {
        var (value, unit) = ((double)bytes, 0);
        while (value >= 1024 && unit < Units.Length - 1) (value, unit) = (value / 1024, unit + 1);
        return unit == 0 ? $"{bytes} B" : string.Create(CultureInfo.InvariantCulture, $"{value:0.0} {Units[unit]}");
    }

    /// <summary>Unix ms in UTC, to the second; the number itself when no calendar has it.</summary>
    public static string Time(long timeMs) =>
        timeMs < DateTimeOffset.MinValue.ToUnixTimeMilliseconds() || timeMs > DateTimeOffset.MaxValue.ToUnixTimeMilliseconds()
            ? timeMs.ToString(CultureInfo.InvariantCulture)
            : DateTimeOffset.FromUnixTimeMilliseconds(timeMs).ToString("yyyy-MM-dd'T'HH:mm:ss'Z'", CultureInfo.InvariantCulture);

    /// <summary>A time from and to; a dash when there is none.</summary>
    public static string Span(long? fromMs, long? toMs) => fromMs is { } from && toMs is { } to ? $"{Time(from)} to {Time(to)}" : "-";

    /// <summary>Seconds in the two largest units.</summary>
    public static string Age(double seconds)
    {
        if (!double.IsFinite(seconds) || Math.Abs(seconds) >= TimeSpan.MaxValue.TotalSeconds) return "-";
        var age = TimeSpan.FromSeconds(Math.Abs(seconds));
        var text = age switch
        {
            { TotalDays: >= 1 } => string.Create(CultureInfo.InvariantCulture, $"{age.Days}d {age.Hours}h"),
            { TotalHours: >= 1 } => string.Create(CultureInfo.InvariantCulture, $"{age.Hours}h {age.Minutes}m"),
            { TotalMinutes: >= 1 } => string.Create(CultureInfo.InvariantCulture, $"{age.Minutes}m {age.Seconds}s"),
            _ => string.Create(CultureInfo.InvariantCulture, $"{age.TotalSeconds:0.0}s"),
        };
        return seconds < 0 ? "-" + text : text;
    }
}
