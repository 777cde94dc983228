using System.Buffers.Text;

namespace Gateway.Collectors.Host.Kernel;

/// <summary>Numbers as kernel files spell them; the field has to be a number from end to end.</summary>
internal static class KernelNumber
{
    /// <summary>A decimal number of at most 64 bits; false for anything else.</summary>
    public static bool TryDecimal(ReadOnlySpan<byte> field, out ulong value) =>
        Utf8Parser.TryParse(field, out value, out var used) && used == field.Length && char.IsAsciiDigit((char)field[0]);

    /// <summary>A hexadecimal number of at most 64 bits without prefix; false for anything else.</summary>
    public static bool TryHexadecimal(ReadOnlySpan<byte> field, out ulong value) =>
        Utf8Parser.TryParse(field, out value, out var used, 'x') && used == field.Length;

    /// <summary>The only number of a file such as those below <c>/proc/sys</c>.</summary>
    /// <exception cref="FormatException">The file is anything else; the message names <paramref name="file"/>.</exception>
    public static ulong Single(ReadOnlySpan<byte> content, string file) =>
        TryDecimal(content.Trim(" \t\r\n"u8), out var value) ? value : throw new FormatException($"{file}: expected one unsigned integer.");

    /// <summary>A decimal number with or without sign, or a hexadecimal one after <c>0x</c>.</summary>
    public static bool TrySigned(ReadOnlySpan<byte> field, out long value)
    {
        if (!field.StartsWith("0x"u8)) return Utf8Parser.TryParse(field, out value, out var used) && used == field.Length;
        var digits = field[2..];
        var known = Utf8Parser.TryParse(digits, out ulong bits, out var usedDigits, 'x') && usedDigits == digits.Length && bits <= long.MaxValue;
        value = known ? (long)bits : 0;
        return known;
    }

    /// <summary>A number with or without fraction.</summary>
    public static bool TryFraction(ReadOnlySpan<byte> field, out double value) =>
        Utf8Parser.TryParse(field, out value, out var used) && used == field.Length;
}
