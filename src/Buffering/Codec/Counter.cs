using System.Runtime.CompilerServices;

namespace Gateway.Buffering.Codec;

/// <summary>
/// A probability that learns: 22 bits of probability above 10 bits of the number of times it was asked. It moves quickly at first and slower the more it
/// has seen, down to a limit. Part of the format.
/// </summary>
internal static class Counter
{
    /// <summary>Nothing seen: one half.</summary>
    public const uint Unknown = 1U << 31;

    private const int CountBits = 10;
    private const uint CountMask = (1 << CountBits) - 1;

    private static readonly int[] Shares = MakeShares();

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static int Odds(uint counter) => Logistic.Stretch((int)(counter >> 20));

    /// <summary>How much a counter has seen, in four steps.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static int Confidence(uint counter)
    {
        var count = counter & CountMask;
        return count < 2 ? 0 : count < 8 ? 1 : count < 30 ? 2 : 3;
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Update(ref uint counter, int bit, uint limit)
    {
        var count = counter & CountMask;
        var probability = (int)(counter >> CountBits);
        var target = bit != 0 ? (1 << 22) - 1 : 0;
        probability += (int)(((long)(target - probability) * Shares[count]) >> 16);
        counter = ((uint)probability << CountBits) | (count < limit ? count + 1 : count);
    }

    private static int[] MakeShares()
    {
        var shares = new int[CountMask + 1];
        // One (count + 1.5)th of the way.
        for (var i = 0; i < shares.Length; i++) shares[i] = 131072 / ((2 * i) + 3);
        return shares;
    }
}
