namespace Gateway.Buffering.Codec;

/// <summary>
/// Tables of the mixing model, in integers so that every machine computes the same: probabilities in 4096ths, and their logarithmic odds in 256ths.
/// Part of the format; never change them.
/// </summary>
internal static class Logistic
{
    /// <summary>Odds go from minus to plus this.</summary>
    public const int MaxOdds = 2047;

    // 4096 / (1 + e^-x) for x = -8 … 8 in steps of one half, rounded.
    private static readonly short[] Knots =
    [
        1, 2, 4, 6, 10, 17, 27, 45, 74, 120, 194, 311, 488, 747, 1102, 1546, 2048, 2550, 2994, 3349,
        3608, 3785, 3902, 3976, 4022, 4051, 4069, 4079, 4086, 4090, 4092, 4094, 4095,
    ];

    private static readonly short[] Squashed = MakeSquashed();
    private static readonly short[] Stretched = MakeStretched();

    /// <summary>Probability, 1 to 4095, of odds; those beyond ±<see cref="MaxOdds"/> count as that.</summary>
    public static int Squash(int odds) => Squashed[Math.Clamp(odds, -MaxOdds, MaxOdds) + MaxOdds + 1];

    /// <summary>Odds of a probability in 4096ths.</summary>
    public static int Stretch(int probability) => Stretched[probability];

    private static short[] MakeSquashed()
    {
        var table = new short[4096];
        for (var i = 0; i < table.Length; i++)
        {
            var knot = i >> 7;
            var part = i & 127;
            table[i] = (short)(((Knots[knot] * (128 - part)) + (Knots[knot + 1] * part) + 64) >> 7);
        }

        return table;
    }

    private static short[] MakeStretched()
    {
        var table = new short[4096];
        var next = 0;
        for (var odds = -2048; odds < 2048; odds++)
        {
            var probability = Squashed[odds + 2048];
            for (; next <= probability; next++) table[next] = (short)Math.Clamp(odds, -MaxOdds, MaxOdds);
        }

        for (; next < table.Length; next++) table[next] = MaxOdds;
        return table;
    }
}
