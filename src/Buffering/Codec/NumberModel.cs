using System.Numerics;
using System.Runtime.CompilerServices;

namespace Gateway.Buffering.Codec;

/// <summary>
/// Codes numbers of either sign that are small more often than not. A number is taken apart into binary questions (is it zero, how many bits has it, which
/// sign, which bits); each is answered with a probability mixed from what was learned in four contexts that the caller names, and both sides learn the answer.
/// </summary>
/// <remarks>
/// Counters and mixer follow the PAQ family (M. Mahoney, "Adaptive weighing of context models for lossless data compression", 2005). All arithmetic is in
/// integers. Everything here is part of the format: a changed constant makes old blobs unreadable.
/// </remarks>
/// <typeparam name="TCoder">The direction.</typeparam>
/// <param name="places">How many contexts there are of each kind.</param>
internal sealed class NumberModel<TCoder>(Places places)
    where TCoder : struct, IBitCoder
{
    private const int ZeroNode = 0;
    private const int SizeNodes = 1;
    private const int SignNode = SizeNodes + 63;
    private const int Nodes = SignNode + 1;

    /// <summary>Numbers up to this many bits have all their bits modelled, longer ones the first <see cref="LeadingBits"/>.</summary>
    private const int SmallSize = 6;
    private const int LeadingBits = 2;

    /// <summary>Sizes around the expected one share the upper bits of their place in the tree.</summary>
    private const int SizeOffset = 4;

    private const int Inputs = 4;
    private const int Confidences = 4;

    /// <summary>How much the mixer learns from an error.</summary>
    private const int Rate = 24;

    // Weights are in 65,536ths; limits are the counts above which counters learn no slower.
    private const int FirstWeight = 18_000;
    private const int FirstBitWeight = 16_000;
    private const int LocalLimit = 60;
    private const int GlobalLimit = 250;

    private readonly uint[] _own = new uint[places.Own * Nodes];
    private readonly uint[] _first = new uint[places.First * Nodes];
    private readonly uint[] _second = new uint[places.Second * Nodes];
    private readonly uint[] _third = new uint[places.Third * Nodes];
    private readonly uint[] _ownBits = new uint[65 << SmallSize];
    private readonly uint[] _allBits = new uint[65 << SmallSize];
    private readonly int[] _weights = new int[Nodes * Confidences * Inputs];
    private readonly int[] _bitWeights = new int[65 * 2 * SmallSize];

    private ulong _seenFirst;
    private ulong _seenSizes;
    private TCoder _coder;

    /// <summary>The coder; take it back when all is coded.</summary>
    public ref TCoder Coder => ref _coder;

    /// <summary>Begins a blob: nothing is known.</summary>
    public void Begin(TCoder coder)
    {
        _coder = coder;
        foreach (var counters in (ReadOnlySpan<uint[]>)[_own, _first, _second, _third, _ownBits, _allBits]) Array.Fill(counters, Counter.Unknown);
        Array.Fill(_weights, FirstWeight);
        Array.Fill(_bitWeights, FirstBitWeight);
        (_seenFirst, _seenSizes) = (0, 0);
    }

    /// <summary>
    /// Forgets what the own contexts and the first 64 of the first kind have learned, as a new column does. Only those that were used are cleared: with many
    /// short columns this is most of the work.
    /// </summary>
    public void Forget()
    {
        Array.Fill(_own, Counter.Unknown);
        for (; _seenFirst != 0; _seenFirst &= _seenFirst - 1)
            Array.Fill(_first, Counter.Unknown, BitOperations.TrailingZeroCount(_seenFirst) * Nodes, Nodes);
        for (; _seenSizes != 0; _seenSizes &= _seenSizes - 1)
            Array.Fill(_ownBits, Counter.Unknown, (BitOperations.TrailingZeroCount(_seenSizes) + 1) << SmallSize, 1 << SmallSize);
    }

    /// <summary>Bits of a number's magnitude, 0 to 64.</summary>
    public static int Size(long number) => 64 - BitOperations.LeadingZeroCount(Magnitude(number));

    /// <summary>Codes a number.</summary>
    /// <param name="number">The number; ignored by a decoder.</param>
    /// <param name="places">Which of its contexts it is seen in.</param>
    /// <param name="expected">About the size it should have, 0 to 63; sizes are learned relative to it.</param>
    /// <returns>The number.</returns>
    public long Code(long number, in Places places, int expected = 0)
    {
        var contexts = new Places(places.Own * Nodes, places.First * Nodes, places.Second * Nodes, places.Third * Nodes);
        var size = Size(number);
        _seenFirst |= 1UL << places.First;
        if (Bit(ZeroNode, contexts, size == 0 ? 1 : 0) != 0) return 0;
        var relative = size - 1 - expected + SizeOffset;
        var node = 1;
        for (var i = 5; i >= 0; i--) node = (node << 1) | Bit(SizeNodes + node - 1, contexts, (relative >> i) & 1);
        size = ((node - SizeOffset + expected) & 63) + 1;
        _seenSizes |= 1UL << (size - 1);
        var negative = Bit(SignNode, contexts, number < 0 ? 1 : 0) != 0;
        var magnitude = Bits(size, Magnitude(number));
        return negative ? unchecked(-(long)magnitude) : (long)magnitude;
    }

    private static ulong Magnitude(long number) => unchecked((ulong)(number < 0 ? -number : number));

    /// <summary>The bits below the leading one.</summary>
    private ulong Bits(int size, ulong magnitude)
    {
        var value = 1UL;
        var left = size - 1;
        var modelled = size <= SmallSize ? left : LeadingBits;
        for (var depth = 0; depth < modelled; depth++)
        {
            left--;
            var at = (size << SmallSize) | (int)value;
            value = (value << 1) | (uint)MantissaBit(at, ((size * SmallSize) + depth) * 2, (int)(magnitude >> left) & 1);
        }

        while (left > 0)
        {
            var count = Math.Min(left, 16);
            left -= count;
            value = (value << count) | _coder.Plain((uint)(magnitude >> left) & ((1U << count) - 1), count);
        }

        return value;
    }

    private int Bit(int node, in Places contexts, int bit)
    {
        ref var a = ref _own[contexts.Own + node];
        ref var b = ref _first[contexts.First + node];
        ref var c = ref _second[contexts.Second + node];
        ref var d = ref _third[contexts.Third + node];
        var (x0, x1, x2, x3) = (Counter.Odds(a), Counter.Odds(b), Counter.Odds(c), Counter.Odds(d));
        ref var w0 = ref _weights[((node * Confidences) + Counter.Confidence(a)) * Inputs];
        // The four weights of a mixer stand side by side.
        ref var w1 = ref Unsafe.Add(ref w0, 1);
        ref var w2 = ref Unsafe.Add(ref w0, 2);
        ref var w3 = ref Unsafe.Add(ref w0, 3);
        var probability = Logistic.Squash((int)((((long)w0 * x0) + ((long)w1 * x1) + ((long)w2 * x2) + ((long)w3 * x3)) >> 16));
        bit = _coder.Bit(bit, (uint)probability << 4);
        var error = ((bit << 12) - probability) * Rate;
        w0 += ((x0 * error) + 0x8000) >> 16;
        w1 += ((x1 * error) + 0x8000) >> 16;
        w2 += ((x2 * error) + 0x8000) >> 16;
        w3 += ((x3 * error) + 0x8000) >> 16;
        Counter.Update(ref a, bit, LocalLimit);
        Counter.Update(ref b, bit, LocalLimit);
        Counter.Update(ref c, bit, GlobalLimit);
        Counter.Update(ref d, bit, GlobalLimit);
        return bit;
    }

    private int MantissaBit(int at, int mixer, int bit)
    {
        ref var a = ref _ownBits[at];
        ref var b = ref _allBits[at];
        var (x0, x1) = (Counter.Odds(a), Counter.Odds(b));
        ref var w0 = ref _bitWeights[mixer];
        ref var w1 = ref _bitWeights[mixer + 1];
        var probability = Logistic.Squash((int)((((long)w0 * x0) + ((long)w1 * x1)) >> 16));
        bit = _coder.Bit(bit, (uint)probability << 4);
        var error = ((bit << 12) - probability) * Rate;
        w0 += ((x0 * error) + 0x8000) >> 16;
        w1 += ((x1 * error) + 0x8000) >> 16;
        Counter.Update(ref a, bit, LocalLimit);
        Counter.Update(ref b, bit, GlobalLimit);
        return bit;
    }
}

/// <summary>One context of each of the four kinds of a <see cref="NumberModel{TCoder}"/>; or how many there are of each.</summary>
internal readonly record struct Places(int Own, int First, int Second, int Third);
