namespace Gateway.Buffering.Codec;

/// <summary>
/// What an encoder has seen of each series, to be put into the next keyframe: scale, divisor, drift, spread. Averages forget slowly. It decides only how well
/// snapshots are predicted, never whether they can be read.
/// </summary>
internal sealed class SeriesHistory
{
    /// <summary>Rows after which an average has forgotten about two thirds.</summary>
    private const double Memory = 48;

    /// <summary>A drift is kept to so many bits below the spread: finer than that it only costs.</summary>
    private const int DriftPrecision = 6;

    private const int OffsetPrecision = 2;

    private Entry[] _entries = [];
    private readonly long[] _pair = new long[2];
    private readonly double[] _values = new double[2];

    /// <summary>Takes one value in.</summary>
    /// <param name="id">Its series.</param>
    /// <param name="value">The value.</param>
    /// <param name="afterPause">The value before it is from long ago: how far it has moved says nothing.</param>
    public void Observe(int id, double value, bool afterPause)
    {
        if (id >= _entries.Length) Array.Resize(ref _entries, Math.Max(id + 1, _entries.Length * 2));
        ref var entry = ref _entries[id];
        if (!entry.Seen || !Scale.Try(entry.Scale, value, out var integer)) integer = Rescale(ref entry, value);
        if (entry.Seen) entry.Step(unchecked(integer - entry.Integer), afterPause);
        (entry.Seen, entry.Integer, entry.Value) = (true, integer, value);
    }

    /// <summary>Puts what is known of a series into a keyframe. Its last value must have been observed.</summary>
    public void Describe(int id, Keyframe keyframe, int at)
    {
        ref readonly var entry = ref _entries[id];
        keyframe.Ids[at] = id;
        keyframe.Scales[at] = entry.Scale;
        keyframe.Integers[at] = entry.Integer;
        (keyframe.Divisors[at], keyframe.Spreads[at], keyframe.Behaviours[at], keyframe.Drifts[at]) = (1, 0, 0, 0);
        if (entry.Divisor <= 0) return;
        var drifting = Math.Abs(entry.MeanStep) > 0.5 * entry.MeanMove;
        var often = entry.Changing < 0.1 ? 1 : entry.Changing < 0.6 ? 2 : 3;
        var spread = SizeOf((drifting ? entry.StepSpread : entry.LevelSpread) / entry.Divisor);
        var (drift, coarse) = drifting
            ? (entry.MeanStep / entry.Divisor * (1 << Keyframe.DriftFraction), Math.Max(0, spread + Keyframe.DriftFraction - DriftPrecision))
            : (entry.Level / entry.Divisor, Math.Max(0, spread - OffsetPrecision));
        keyframe.Divisors[at] = entry.Divisor;
        keyframe.Spreads[at] = (byte)spread;
        keyframe.Behaviours[at] = (byte)((often << 1) | (drifting ? Keyframe.Drifting : 0));
        keyframe.Drifts[at] = Rounded(drift, coarse);
    }

    /// <summary>Forgets all series: another roster begins.</summary>
    public void Clear() => Array.Clear(_entries);

    private long Rescale(ref Entry entry, double value)
    {
        _values[1] = value;
        _values[0] = entry.Seen ? entry.Value : value;
        var scale = Scale.Choose(_values, _pair);
        entry = new Entry { Scale = scale, Seen = entry.Seen, Integer = _pair[0], Value = entry.Value };
        return _pair[1];
    }

    private static int SizeOf(double value) => value < 1 ? 0 : Math.Min(Keyframe.MaxSpread, Math.ILogB(value) + 1);

    private static long Rounded(double value, int coarse)
    {
        if (!(Math.Abs(value) < 1L << 52)) return 0;
        var unit = Math.ScaleB(1, coarse);
        return (long)(Math.Round(value / unit) * unit);
    }

    private struct Entry
    {
        public bool Seen;
        public byte Scale;
        public long Integer;
        public double Value;

        /// <summary>Greatest common divisor of the steps; 0 before the first.</summary>
        public long Divisor;

        /// <summary>Mean step, mean magnitude of a step, mean distance of a step from the mean step.</summary>
        public double MeanStep;
        public double MeanMove;
        public double StepSpread;

        /// <summary>Mean level relative to the last integer, and mean distance from it.</summary>
        public double Level;
        public double LevelSpread;

        /// <summary>Share of steps that are not zero.</summary>
        public double Changing;
        private int _count;

        public void Step(long step, bool afterPause)
        {
            if (step != 0) Divisor = Divide(Divisor, step);
            if (afterPause)
            {
                Level = 0;
                return;
            }

            _count++;
            var weight = Math.Max(1.0 / _count, 1 / Memory);
            StepSpread += (Math.Abs(step - MeanStep) - StepSpread) * weight;
            MeanStep += (step - MeanStep) * weight;
            MeanMove += (Math.Abs((double)step) - MeanMove) * weight;
            Level -= step;
            LevelSpread += (Math.Abs(Level) - LevelSpread) * weight;
            Level -= Level * weight;
            Changing += ((step != 0 ? 1 : 0) - Changing) * weight;
        }

        private static long Divide(long divisor, long step)
        {
            var (a, b) = ((ulong)divisor, unchecked((ulong)(step < 0 ? -step : step)));
            while (b != 0) (a, b) = (b, a % b);
            return a > long.MaxValue ? 1 : (long)a;
        }
    }
}
