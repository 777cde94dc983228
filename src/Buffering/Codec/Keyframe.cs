namespace Gateway.Buffering.Codec;

/// <summary>
/// A keyframe in memory: per series the integer of its value and what the encoder has learned about it, from which the values of the snapshots that follow are
/// predicted. Arrays side by side, ids ascending; reused.
/// </summary>
internal sealed class Keyframe
{
    /// <summary>Drifts are in sixteenths of the divisor.</summary>
    public const int DriftFraction = 4;

    /// <summary>Largest spread; more could not be told apart.</summary>
    public const int MaxSpread = 58;

    /// <summary>Set in <see cref="Behaviours"/> when the series moves on by its drift; otherwise it stays about its offset.</summary>
    public const int Drifting = 1;

    /// <summary>Values of a behaviour: drifting or not, and how often it changes in four steps.</summary>
    public const int BehaviourCount = 8;

    public long Sequence { get; private set; }

    public long TimeMs { get; private set; }

    /// <summary>Time for which drifts are given; at least 1.</summary>
    public long IntervalMs { get; set; }

    public int Count { get; private set; }

    public int[] Ids { get; private set; } = [];

    public byte[] Scales { get; private set; } = [];

    public long[] Integers { get; private set; } = [];

    /// <summary>What differences are multiples of; at least 1.</summary>
    public long[] Divisors { get; private set; } = [];

    public byte[] Spreads { get; private set; } = [];

    public byte[] Behaviours { get; private set; } = [];

    public long[] Drifts { get; private set; } = [];

    public void Reset(long sequence, long timeMs, int count)
    {
        (Sequence, TimeMs, Count) = (sequence, timeMs, count);
        if (Ids.Length >= count) return;
        (Ids, Scales, Integers, Divisors) = (new int[count], new byte[count], new long[count], new long[count]);
        (Spreads, Behaviours, Drifts) = (new byte[count], new byte[count], new long[count]);
    }

    /// <summary>The integer that a series should have by then.</summary>
    public long Predict(int at, long timeMs)
    {
        var drift = Drifts[at];
        if (drift == 0) return Integers[at];
        if ((Behaviours[at] & Drifting) == 0) return unchecked(Integers[at] + (drift * Divisors[at]));
        var moved = ((Int128)drift * unchecked(timeMs - TimeMs) / IntervalMs) >> DriftFraction;
        return unchecked(Integers[at] + ((long)moved * Divisors[at]));
    }

    /// <summary>Codes the keyframe; a decoder fills it.</summary>
    public void Code<TCoder>(SnapshotModel<TCoder> model, CodecLimits limits)
        where TCoder : struct, IBitCoder
    {
        IntervalMs = model.Next(Part.Time, IntervalMs);
        if (IntervalMs < 1) throw SnapshotDecoder.Damaged("the interval of a keyframe is not positive");
        var (id, scale, spread, behaviour, size) = (-1L, 0, 0, 0, 0);
        for (var i = 0; i < Count; i++)
        {
            Ids[i] = SnapshotDecoder.CheckedId(id + 1 + model.Next(Part.Id, Ids[i] - id - 1), id, limits);
            id = Ids[i];
            Scales[i] = SnapshotDecoder.CheckedScale(model.Next(Part.Scale, Scales[i], scale));
            scale = Scales[i];
            Behaviours[i] = (byte)(model.Next(Part.Behaviour, Behaviours[i], scale, behaviour) & (BehaviourCount - 1));
            behaviour = Behaviours[i];
            Integers[i] = model.Next(Part.Integer, Integers[i], scale, behaviour, size);
            size = NumberModel<TCoder>.Size(Integers[i]) >> 1;
            (Divisors[i], Drifts[i]) = (Math.Max(1, Divisors[i]), Drifts[i]);
            if (behaviour == 0)
            {
                (Divisors[i], Drifts[i], Spreads[i]) = (1, 0, 0);
                continue;
            }

            var power = System.Numerics.BitOperations.TrailingZeroCount(Divisors[i]);
            power = (int)model.Next(Part.DivisorPower, power, scale, behaviour) & 63;
            Divisors[i] = model.Next(Part.Divisor, Divisors[i] >> power, scale, Math.Min(power, SnapshotModel<TCoder>.Hints - 1)) << power;
            if (Divisors[i] < 1) throw SnapshotDecoder.Damaged("a divisor is not positive");
            Spreads[i] = (byte)Math.Clamp(model.Next(Part.Spread, Spreads[i], spread, scale, behaviour), 0, MaxSpread);
            spread = Spreads[i];
            Drifts[i] = model.Next(Part.Drift, Drifts[i], spread, scale, behaviour, spread);
        }
    }
}
