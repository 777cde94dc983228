using System.Numerics;

namespace Gateway.Buffering.Codec;

/// <summary>
/// Codes the steps of columns, number by number. A number is taken apart into binary questions (is it zero, how many bits has it, which sign, which bits);
/// each is answered with a probability mixed from what was seen in several contexts: this column, this column after a step of that size, all columns after
/// two steps of those sizes, all columns while the neighbour took a step of that size.
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
    private const int SignNode = SizeNodes + 64;
    private const int Nodes = SignNode + 3;

    /// <summary>Numbers up to this many bits have all their bits modelled, longer ones the first <see cref="LeadingBits"/>.</summary>
    private const int SmallSize = 8;
    private const int LeadingBits = 3;

    /// <summary>Sizes around the expected one share the upper bits of their place in the tree.</summary>
    private const int SizeOffset = 4;

    private const int Inputs = 4;
    private const int Confidences = 4;

    /// <summary>How much the mixer learns from an error.</summary>
    private const int Rate = 10;

    private const int FirstWeight = 24_000;
    private const int FirstBitWeight = 32_000;
    private const int LocalLimit = 60;
    private const int GlobalLimit = 250;

    private readonly uint[] _own = new uint[places.Own * Nodes];
    private readonly uint[] _first = new uint[places.First * Nodes];
    private readonly uint[] _second = new uint[places.Second * Nodes];
    private readonly uint[] _third = new uint[places.Third * Nodes];
    private readonly uint[] _localBits = new uint[65 << SmallSize];
    private readonly uint[] _allBits = new uint[65 << SmallSize];
    private readonly int[] _weights = new int[Nodes * Confidences * Inputs];
    private readonly int[] _bitWeights = new int[65 * 2 * SmallSize];

    private TCoder _coder;

    /// <summary>The coder; take it back when all is coded.</summary>
    public ref TCoder Coder => ref _coder;

    /// <summary>Begins a blob: nothing is known.</summary>
    public void Begin(TCoder coder)
    {
        _coder = coder;
        Array.Fill(_second, Counter.Unknown);
        Array.Fill(_third, Counter.Unknown);
        Array.Fill(_allBits, Counter.Unknown);
        Array.Fill(_weights, FirstWeight);
        Array.Fill(_bitWeights, FirstBitWeight);
        Forget();
    }

    /// <summary>Forgets what the own and the first contexts have learned, as a new column does.</summary>
    public void Forget()
    {
        Array.Fill(_own, Counter.Unknown);
        Array.Fill(_first, Counter.Unknown);
        Array.Fill(_localBits, Counter.Unknown);
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
        if (Bit(ZeroNode, contexts, size == 0 ? 1 : 0) != 0) return 0;
        var relative = size - 1 - expected + SizeOffset;
        var node = 1;
        for (var i = 5; i >= 0; i--) node = (node << 1) | Bit(SizeNodes + node - 1, contexts, (relative >> i) & 1);
        size = ((node - SizeOffset + expected) & 63) + 1;
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
        var weights = _weights.AsSpan(((node * Confidences) + Counter.Confidence(a)) * Inputs, Inputs);
        var odds = (int)((((long)weights[0] * x0) + ((long)weights[1] * x1) + ((long)weights[2] * x2) + ((long)weights[3] * x3)) >> 16);
        var probability = Logistic.Squash(Math.Clamp(odds, -Logistic.MaxOdds, Logistic.MaxOdds));
        bit = _coder.Bit(bit, (uint)probability << 4);
        var error = ((bit << 12) - probability) * Rate;
        weights[0] += ((x0 * error) + 0x8000) >> 16;
        weights[1] += ((x1 * error) + 0x8000) >> 16;
        weights[2] += ((x2 * error) + 0x8000) >> 16;
        weights[3] += ((x3 * error) + 0x8000) >> 16;
        Counter.Update(ref a, bit, LocalLimit);
        Counter.Update(ref b, bit, LocalLimit);
        Counter.Update(ref c, bit, GlobalLimit);
        Counter.Update(ref d, bit, GlobalLimit);
        return bit;
    }

    private int MantissaBit(int at, int mixer, int bit)
    {
        ref var a = ref _localBits[at];
        ref var b = ref _allBits[at];
        var (x0, x1) = (Counter.Odds(a), Counter.Odds(b));
        var weights = _bitWeights.AsSpan(mixer, 2);
        var odds = (int)((((long)weights[0] * x0) + ((long)weights[1] * x1)) >> 16);
        var probability = Logistic.Squash(Math.Clamp(odds, -Logistic.MaxOdds, Logistic.MaxOdds));
        bit = _coder.Bit(bit, (uint)probability << 4);
        var error = ((bit << 12) - probability) * Rate;
        weights[0] += ((x0 * error) + 0x8000) >> 16;
        weights[1] += ((x1 * error) + 0x8000) >> 16;
        Counter.Update(ref a, bit, LocalLimit);
        Counter.Update(ref b, bit, GlobalLimit);
        return bit;
    }

}

/// <summary>One context of each of the four kinds of a <see cref="NumberModel{TCoder}"/>; or how many there are of each.</summary>
internal readonly record struct Places(int Own, int First, int Second, int Third);
