using System.Buffers.Text;

namespace Gateway.Collectors.Host.Kernel;

/// <summary>Numbers as the kernel prints them; the field has to be a number from end to end.</summary>
internal static class KernelNumber
{
    /// <summary>An unsigned decimal number.</summary>
    public static bool TryParse(ReadOnlySpan<byte> field, out ulong value) =>
        Utf8Parser.TryParse(field, out value, out var used) && used == field.Length;

    /// <summary>A decimal number with or without sign, or a hexadecimal one after <c>0x</c>.</summary>
    public static bool TryParse(ReadOnlySpan<byte> field, out long value)
    {
        if (!field.StartsWith("0x"u8)) return Utf8Parser.TryParse(field, out value, out var used) && used == field.Length;
        var digits = field[2..];
        var known = Utf8Parser.TryParse(digits, out ulong bits, out var usedDigits, 'x') && usedDigits == digits.Length && bits <= long.MaxValue;
        value = known ? (long)bits : 0;
        return known;
    }

    /// <summary>A number with or without fraction.</summary>
    public static bool TryParse(ReadOnlySpan<byte> field, out double value) =>
        Utf8Parser.TryParse(field, out value, out var used) && used == field.Length;
}
