using System.Globalization;

namespace Gateway.EndToEnd.Parts;

/// <summary>The wall clock that the parts share.</summary>
internal static class Clock
{
    /// <summary>Unix milliseconds.</summary>
    public static long Now => TimeProvider.System.GetUtcNow().ToUnixTimeMilliseconds();

    /// <summary>A time as people read it, in UTC.</summary>
    public static string Text(long time) => DateTimeOffset.FromUnixTimeMilliseconds(time).ToString("yyyy-MM-dd HH:mm:ss.fff", CultureInfo.InvariantCulture);
}
