using System.Buffers.Text;

namespace Gateway.Exposition;

/// <summary>
/// Timestamps of the two formats: integer milliseconds in text 0.0.4, decimal seconds in OpenMetrics. The smallest 64-bit number is refused, because
/// <see cref="SampleBatch.NoTimestamp"/> has it.
/// </summary>
internal static class Timestamps
{
    /// <summary>Range of a double that still fits into 64 bits: 2^63 itself does not.</summary>
    private const double Range = 9223372036854775808.0;

    /// <summary>Reads an integer with optional sign.</summary>
    public static bool TryParseMilliseconds(ReadOnlySpan<byte> text, out long milliseconds) =>
        Utf8Parser.TryParse(text, out milliseconds, out var used) && used == text.Length && milliseconds != SampleBatch.NoTimestamp;

    /// <summary>Reads decimal seconds. Up to three decimals are exact; finer ones are rounded to the nearest millisecond.</summary>
    public static bool TryParseSeconds(ReadOnlySpan<byte> text, out long milliseconds)
    {
        var point = text.IndexOf((byte)'.');
        var whole = point < 0 ? text : text[..point];
        var fraction = point < 0 ? [] : text[(point + 1)..];
        if (fraction.Length <= 3 && TryExact(whole, fraction, out milliseconds)) return true;
        milliseconds = 0;
        if (!SampleValue.TryParse(text, out var seconds)) return false;
        var rounded = Math.Round(seconds * 1000);
        if (!(rounded > -Range && rounded < Range)) return false;
        milliseconds = (long)rounded;
        return true;
    }

    private static bool TryExact(ReadOnlySpan<byte> whole, ReadOnlySpan<byte> fraction, out long milliseconds)
    {
        milliseconds = 0;
        if (whole.IsEmpty || fraction.ContainsAnyExceptInRange((byte)'0', (byte)'9')) return false;
        if (!Utf8Parser.TryParse(whole, out long seconds, out var used) || used != whole.Length) return false;
        var part = 0;
        for (var i = 0; i < 3; i++) part = (part * 10) + (i < fraction.Length ? fraction[i] - '0' : 0);
        var exact = ((Int128)seconds * 1000) + (whole[0] == '-' ? -part : part);
        if (exact <= long.MinValue || exact > long.MaxValue) return false;
        milliseconds = (long)exact;
        return true;
    }
}
