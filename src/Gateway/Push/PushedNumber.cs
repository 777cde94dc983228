using System.Globalization;

namespace Gateway.Push;

/// <summary>
/// Reads a value as the text format spells it (Go's <c>strconv.ParseFloat</c> without hexadecimal and underscores, as Prometheus's parser takes it): decimal digits with
/// optional sign, point and exponent; <c>Inf</c> or <c>Infinity</c> with optional sign, <c>NaN</c> without, in any case.
/// </summary>
internal static class PushedNumber
{
    public const string Rule =
        "a value is a decimal number such as 1, -0.5 or 1e3, or NaN, +Inf, -Inf; without spaces, hexadecimal, thousands separators, and not above 1.7976931348623157e308";

    /// <summary>A double has 767 significant digits at most; nothing longer is a number anybody means.</summary>
    public const int MaxCharacters = 1024;

    /// <summary>False for anything else, and for a finite number that does not fit a double.</summary>
    public static bool TryParse(ReadOnlySpan<char> text, out double value)
    {
        value = 0;
        if (text.IsEmpty || text.Length > MaxCharacters) return false;
        if (text.Equals("nan", StringComparison.OrdinalIgnoreCase))
        {
            value = double.NaN;
            return true;
        }

        var signed = text[0] is '+' or '-';
        var magnitude = signed ? text[1..] : text;
        if (magnitude.Equals("inf", StringComparison.OrdinalIgnoreCase) || magnitude.Equals("infinity", StringComparison.OrdinalIgnoreCase))
        {
            value = text[0] == '-' ? double.NegativeInfinity : double.PositiveInfinity;
            return true;
        }

        return IsDecimal(magnitude)
            && double.TryParse(text, NumberStyles.AllowLeadingSign | NumberStyles.AllowDecimalPoint | NumberStyles.AllowExponent, CultureInfo.InvariantCulture, out value)
            && double.IsFinite(value);
    }

    /// <summary>digits [ . digits ] [ e [sign] digits ] with a digit before or behind the point.</summary>
    private static bool IsDecimal(ReadOnlySpan<char> text)
    {
        var digits = SkipDigits(ref text);
        if (text is ['.', ..])
        {
            text = text[1..];
            digits += SkipDigits(ref text);
        }

        if (digits == 0) return false;
        if (text.IsEmpty) return true;
        if (text[0] is not ('e' or 'E')) return false;
        text = text[1..];
        if (text is ['+' or '-', ..]) text = text[1..];
        return SkipDigits(ref text) > 0 && text.IsEmpty;
    }

    private static int SkipDigits(ref ReadOnlySpan<char> text)
    {
        var count = text.IndexOfAnyExceptInRange('0', '9');
        if (count < 0) count = text.Length;
        text = text[count..];
        return count;
    }
}
