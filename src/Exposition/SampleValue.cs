using System.Globalization;

namespace Gateway.Exposition;

/// <summary>
/// Reads the value of a sample as both formats spell it: what the text parser of Prometheus takes, which is a decimal number with optional sign, fraction
/// and exponent (<c>5</c>, <c>-.5</c>, <c>5.</c>, <c>1e3</c>), <c>NaN</c> without sign, or <c>Inf</c>/<c>Infinity</c> with optional sign; words in any case.
/// </summary>
/// <remarks>
/// Not taken: hexadecimal numbers, underscores between digits, white space, and finite numbers too large for a double. Too small ones become zero, as in
/// Prometheus. The nearest double is chosen, whatever the number of digits. No culture takes part. Static and pure; nothing is allocated.
/// </remarks>
public static class SampleValue
{
    private const NumberStyles Decimal = NumberStyles.AllowLeadingSign | NumberStyles.AllowDecimalPoint | NumberStyles.AllowExponent;

    /// <summary>Largest integer up to which every integer is a double.</summary>
    private const ulong ExactMantissa = 1UL << 53;

    /// <summary>Digits that always fit into 64 bits.</summary>
    private const int MaxMantissaDigits = 18;

    /// <summary>Powers of ten that a double holds exactly: one multiplication or division with them rounds once and so rounds correctly.</summary>
    private static readonly double[] ExactPowers =
    [
        1e0, 1e1, 1e2, 1e3, 1e4, 1e5, 1e6, 1e7, 1e8, 1e9, 1e10, 1e11, 1e12, 1e13, 1e14, 1e15, 1e16, 1e17, 1e18, 1e19, 1e20, 1e21, 1e22,
    ];

    /// <summary>Reads a value; false when the text is none.</summary>
    public static bool TryParse(ReadOnlySpan<byte> text, out double value) => TryParse(text, out value, out _);

    /// <summary>Reads a value; false when the text is none, with the reason in <paramref name="fault"/>.</summary>
    /// <param name="text">The number and nothing around it.</param>
    /// <param name="value">The value; 0 after a fault.</param>
    /// <param name="fault">What is wrong; <see cref="SampleValueFault.None"/> after success.</param>
    public static bool TryParse(ReadOnlySpan<byte> text, out double value, out SampleValueFault fault)
    {
        value = 0;
        fault = SampleValueFault.Empty;
        if (text.IsEmpty) return false;
        var signed = text[0] is (byte)'-' or (byte)'+';
        var negative = text[0] == '-';
        var at = signed ? 1 : 0;
        var mantissa = 0UL;
        var kept = 0;
        var digits = 0;
        var exponent = 0;
        for (; at < text.Length && IsDigit(text[at]); at++, digits++)
        {
            if (!Keep(text[at], ref mantissa, ref kept)) exponent++;
        }

        if (at < text.Length && text[at] == '.')
        {
            for (at++; at < text.Length && IsDigit(text[at]); at++, digits++)
            {
                if (Keep(text[at], ref mantissa, ref kept)) exponent--;
            }
        }

        if (digits == 0) return TryReadWord(text, signed, negative, out value, out fault);
        if (at < text.Length && text[at] is (byte)'e' or (byte)'E' && !TrySkipExponent(text, ref at, ref exponent)) at = text.Length + 1;
        if (at != text.Length)
        {
            fault = FaultOf(text);
            return false;
        }

        fault = SampleValueFault.None;
        if (digits <= MaxMantissaDigits && mantissa <= ExactMantissa && exponent is >= -22 and <= 22)
        {
            value = exponent < 0 ? mantissa / ExactPowers[-exponent] : mantissa * ExactPowers[exponent];
            if (negative) value = -value;
            return true;
        }

        // The grammar has been checked, so none of the words that the library would also take can be in the text.
        _ = double.TryParse(text, Decimal, CultureInfo.InvariantCulture, out value);
        if (double.IsFinite(value)) return true;
        (value, fault) = (0, SampleValueFault.Overflow);
        return false;
    }

    /// <summary>The reason as a sentence part that says what would be right, free of the sender's data.</summary>
    public static string Reason(this SampleValueFault fault) => fault switch
    {
        SampleValueFault.None => "the value is fine",
        SampleValueFault.Empty => "the value is missing; a decimal number, NaN, +Inf or -Inf is needed",
        SampleValueFault.Hexadecimal => "the value is hexadecimal; it must be decimal",
        SampleValueFault.Underscore => "the value holds an underscore; digits are written without separators",
        SampleValueFault.Overflow => "the value is larger than a 64-bit floating point number; infinity is written +Inf or -Inf",
        _ => "the value is not a number; a decimal number, NaN, +Inf or -Inf is needed",
    };

    private static bool IsDigit(byte character) => (uint)(character - '0') <= 9;

    /// <summary>Takes one digit in; false when the mantissa is full and the digit is left to the slow path.</summary>
    private static bool Keep(byte digit, ref ulong mantissa, ref int kept)
    {
        if (kept == MaxMantissaDigits) return false;
        mantissa = (mantissa * 10) + (uint)(digit - '0');
        kept++;
        return true;
    }

    private static bool TrySkipExponent(ReadOnlySpan<byte> text, ref int at, ref int exponent)
    {
        at++;
        var negative = at < text.Length && text[at] == '-';
        if (at < text.Length && text[at] is (byte)'-' or (byte)'+') at++;
        var start = at;
        var value = 0;
        for (; at < text.Length && IsDigit(text[at]); at++) value = Math.Min(9999, (value * 10) + (text[at] - '0'));
        exponent += negative ? -value : value;
        return at > start;
    }

    private static bool TryReadWord(ReadOnlySpan<byte> text, bool signed, bool negative, out double value, out SampleValueFault fault)
    {
        var word = signed ? text[1..] : text;
        fault = SampleValueFault.None;
        value = negative ? double.NegativeInfinity : double.PositiveInfinity;
        if (System.Text.Ascii.EqualsIgnoreCase(word, "inf"u8) || System.Text.Ascii.EqualsIgnoreCase(word, "infinity"u8)) return true;
        value = double.NaN;
        if (!signed && System.Text.Ascii.EqualsIgnoreCase(word, "nan"u8)) return true;
        (value, fault) = (0, SampleValueFault.NotANumber);
        return false;
    }

    private static SampleValueFault FaultOf(ReadOnlySpan<byte> text)
    {
        var bare = text[0] is (byte)'-' or (byte)'+' ? text[1..] : text;
        if (bare.StartsWith("0x"u8) || bare.StartsWith("0X"u8)) return SampleValueFault.Hexadecimal;
        return bare.Contains((byte)'_') && IsDigit(bare[0]) ? SampleValueFault.Underscore : SampleValueFault.NotANumber;
    }
}

/// <summary>Why a text is no value.</summary>
public enum SampleValueFault
{
    /// <summary>It is one.</summary>
    None,

    /// <summary>There is no text.</summary>
    Empty,

    /// <summary>It is no number of any kind.</summary>
    NotANumber,

    /// <summary>It starts as a hexadecimal number.</summary>
    Hexadecimal,

    /// <summary>Digits with underscores between them.</summary>
    Underscore,

    /// <summary>A finite number beyond the range of a double.</summary>
    Overflow,
}
