namespace Gateway.Buffering.Codec;

/// <summary>
/// Ways in which an integer stands for a double without loss of a bit: what exporters compute from a counter of ticks, milliseconds or bytes. One byte names
/// the way: an integer divided by a power of ten (0–15), multiplied with a negative power of ten (17–25), divided by a thousand twice (26), or the bits of the
/// double themselves (31), which always works. Part of the format.
/// </summary>
internal static class Scale
{
    /// <summary>Reads any double as the integer with the same bits.</summary>
    public const byte Raw = 31;

    private const byte FirstProduct = 16;
    private const byte Twice = 26;
    private const int MaxDivisor = 15;

    /// <summary>Half of the range of 64 bits: sums and differences of two such integers do not overflow.</summary>
    private const double MaxInteger = 1L << 62;

    private static readonly double[] Powers = [1e0, 1e1, 1e2, 1e3, 1e4, 1e5, 1e6, 1e7, 1e8, 1e9, 1e10, 1e11, 1e12, 1e13, 1e14, 1e15];
    private static readonly double[] Fractions = [1e0, 1e-1, 1e-2, 1e-3, 1e-4, 1e-5, 1e-6, 1e-7, 1e-8, 1e-9];

    /// <summary>
    /// In the order in which they are tried. Few digits first; products before the divisions by large powers, which can hit the neighbouring doubles as well
    /// but with integers that look like noise.
    /// </summary>
    private static readonly byte[] Order = [0, 1, 2, 3, 19, 4, 5, 6, Twice, 22, 17, 18, 20, 21, 7, 8, 9, 23, 24, 25, 10, 11, 12, 13, 14, 15];

    public static bool IsKnown(byte scale) => scale is <= MaxDivisor or (> FirstProduct and <= Twice) or Raw;

    /// <summary>The double that the integer stands for.</summary>
    public static double Value(byte scale, long integer) => scale switch
    {
        0 => integer,
        <= MaxDivisor => integer / Powers[scale],
        < Twice => integer * Fractions[scale - FirstProduct],
        Twice => integer / 1000.0 / 1000.0,
        _ => BitConverter.Int64BitsToDouble(integer),
    };

    /// <summary>Values of a whole column.</summary>
    public static void Values(byte scale, ReadOnlySpan<long> integers, Span<double> values)
    {
        switch (scale)
        {
            case 0:
                for (var i = 0; i < integers.Length; i++) values[i] = integers[i];
                break;
            case <= MaxDivisor:
                var power = Powers[scale];
                for (var i = 0; i < integers.Length; i++) values[i] = integers[i] / power;
                break;
            default:
                for (var i = 0; i < integers.Length; i++) values[i] = Value(scale, integers[i]);
                break;
        }
    }

    /// <summary>Finds a way that suits all values and writes their integers.</summary>
    public static byte Choose(ReadOnlySpan<double> values, Span<long> integers)
    {
        foreach (var scale in Order)
        {
            if (TryAll(scale, values, integers)) return scale;
        }

        for (var i = 0; i < values.Length; i++) integers[i] = BitConverter.DoubleToInt64Bits(values[i]);
        return Raw;
    }

    /// <summary>The integer of one value, if it has one.</summary>
    public static bool Try(byte scale, double value, out long integer)
    {
        integer = BitConverter.DoubleToInt64Bits(value);
        if (scale == Raw) return true;
        var scaled = scale <= MaxDivisor ? value * Powers[scale] : scale < Twice ? value / Fractions[scale - FirstProduct] : value * 1e6;
        // Written so that NaN fails.
        if (!(Math.Abs(scaled) < MaxInteger)) return false;
        var rounded = (long)Math.Round(scaled);
        if (BitConverter.DoubleToInt64Bits(Value(scale, rounded)) != integer) return false;
        integer = rounded;
        return true;
    }

    private static bool TryAll(byte scale, ReadOnlySpan<double> values, Span<long> integers)
    {
        for (var i = 0; i < values.Length; i++)
        {
            if (!Try(scale, values[i], out integers[i])) return false;
        }

        return true;
    }
}
