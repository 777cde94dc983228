using System.Buffers.Text;
using System.Globalization;

namespace Gateway.Exposition;

/// <summary>Numbers as the two formats spell them: shortest text that reads back to the same bits, <c>NaN</c>, <c>+Inf</c>, <c>-Inf</c>.</summary>
internal static class SampleNumber
{
    /// <summary>Longest value: sign, 17 digits, point and <c>E-308</c> make 24.</summary>
    public const int MaxValueBytes = 24;

    /// <summary>Longest timestamp: sign, 19 digits and a point.</summary>
    public const int MaxTimestampBytes = 21;

    /// <summary>Above 2^53 not every integer is a double; below, the integer form is exact and cheaper to write.</summary>
    private const double ExactIntegers = 1L << 53;

    /// <summary>Writes a value; <paramref name="target"/> holds at least <see cref="MaxValueBytes"/>. Returns the bytes written.</summary>
    public static int Write(double value, Span<byte> target)
    {
        int written;
        if (value < ExactIntegers && value > -ExactIntegers && (long)value == value && !IsNegativeZero(value))
        {
            Utf8Formatter.TryFormat((long)value, target, out written);
            return written;
        }

        if (!double.IsFinite(value))
        {
            var word = double.IsNaN(value) ? "NaN"u8 : value > 0 ? "+Inf"u8 : "-Inf"u8;
            word.CopyTo(target);
            return word.Length;
        }

        value.TryFormat(target, out written, "R", CultureInfo.InvariantCulture);
        return written;
    }

    /// <summary>Writes Unix milliseconds as text 0.0.4 has them.</summary>
    public static int WriteMilliseconds(long milliseconds, Span<byte> target)
    {
        Utf8Formatter.TryFormat(milliseconds, target, out var written);
        return written;
    }

    /// <summary>Writes Unix milliseconds as seconds with three decimals, as OpenMetrics has them.</summary>
    public static int WriteSeconds(long milliseconds, Span<byte> target)
    {
        var written = 0;
        var magnitude = (ulong)milliseconds;
        if (milliseconds < 0)
        {
            target[written++] = (byte)'-';
            magnitude = 0 - magnitude;
        }

        Utf8Formatter.TryFormat(magnitude / 1000, target[written..], out var whole);
        written += whole;
        target[written++] = (byte)'.';
        Utf8Formatter.TryFormat(magnitude % 1000, target[written..], out _, new System.Buffers.StandardFormat('D', 3));
        return written + 3;
    }

    /// <summary>Value of a <c>le</c> or <c>quantile</c> label. OpenMetrics wants a decimal point (<c>1.0</c>), text 0.0.4 is written without.</summary>
    public static string BoundText(double bound, bool openMetrics)
    {
        Span<byte> bytes = stackalloc byte[MaxValueBytes];
        var text = System.Text.Encoding.ASCII.GetString(bytes[..Write(bound, bytes)]);
        return openMetrics && double.IsFinite(bound) && text.AsSpan().IndexOfAny('.', 'E') < 0 ? text + ".0" : text;
    }

    private static bool IsNegativeZero(double value) => value == 0 && double.IsNegative(value);
}
