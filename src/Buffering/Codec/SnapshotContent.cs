namespace Gateway.Buffering.Codec;

/// <summary>
/// Codes a snapshot against its keyframe, or events. The same code runs in both directions; see <see cref="IBitCoder"/>.
/// </summary>
internal sealed class SnapshotContent
{
    private const int Present = 0;
    private const int Absent = 1;
    private const int Unfit = 2;

    /// <summary>Surprises, sizes less what was expected, in the hints: this many, around zero.</summary>
    private const int Surprises = 8;

    private byte[] _fates = [];
    private long[] _differences = [];
    private int[] _ids = [];
    private byte[] _scales = [];
    private long[] _integers = [];
    private int _others;

    /// <summary>Compares a row with a keyframe, so that <see cref="CodeDelta"/> can write it.</summary>
    /// <returns>Series that the keyframe does not help with.</returns>
    public int Compare(SnapshotRow row, Keyframe keyframe)
    {
        Reserve(keyframe.Count, row.Count);
        _others = 0;
        var unfit = 0;
        var at = 0;
        var ids = row.Ids;
        var values = row.Values;
        for (var i = 0; i < keyframe.Count; i++)
        {
            for (; at < ids.Length && ids[at] < keyframe.Ids[i]; at++) AddOther(ids[at], values[at]);
            _fates[i] = Absent;
            if (at < ids.Length && ids[at] == keyframe.Ids[i])
            {
                _fates[i] = Differs(keyframe, i, values[at], row.TimeMs) ? (byte)Present : (byte)Unfit;
                if (_fates[i] == Unfit) AddOther(ids[at], values[at]);
                at++;
            }

            if (_fates[i] != Present) unfit++;
        }

        for (; at < ids.Length; at++) AddOther(ids[at], values[at]);
        return Math.Max(unfit, _others);
    }

    /// <summary>Codes what was compared; a decoder gets it ready for <see cref="Restore"/>.</summary>
    public void CodeDelta<TCoder>(SnapshotModel<TCoder> model, Keyframe keyframe, CodecLimits limits)
        where TCoder : struct, IBitCoder
    {
        Reserve(keyframe.Count, 0);
        var (fate, recent, surprise) = (0, 0, 0);
        for (var i = 0; i < keyframe.Count; i++)
        {
            fate = (int)model.Next(Part.Fate, _fates[i], fate) & 3;
            _fates[i] = (byte)fate;
            if (fate != Present) continue;
            var (behaviour, spread) = (keyframe.Behaviours[i], keyframe.Spreads[i]);
            var drifting = behaviour & Keyframe.Drifting;
            var (usual, around) = (Math.Min((int)spread, 31) | (drifting << 5), ((recent & 3) * 16) | (surprise * 2) | drifting);
            _differences[i] = model.Next(Part.Difference, _differences[i], usual, around, (behaviour * Surprises) | surprise, spread);
            recent = (recent << 1) | (_differences[i] == 0 ? 0 : 1);
            if (_differences[i] != 0) surprise = Math.Clamp(NumberModel<TCoder>.Size(_differences[i]) - spread + 2, 0, Surprises - 1);
        }

        var count = model.Next(Part.Id, _others, 1);
        if (count < 0 || count > limits.MaxSeries) throw SnapshotDecoder.Damaged("more series than there can be");
        _others = (int)count;
        Reserve(0, _others);
        CodeOthers(model, limits);
    }

    /// <summary>Puts a decoded delta into a row.</summary>
    public void Restore(Keyframe keyframe, SnapshotRow row, int count)
    {
        row.EnsureCapacity(count);
        var other = 0;
        for (var i = 0; i < keyframe.Count; i++)
        {
            for (; other < _others && _ids[other] < keyframe.Ids[i]; other++) Add(row, count, other);
            if (_fates[i] == Absent) continue;
            if (_fates[i] != Present)
            {
                if (_fates[i] != Unfit || other == _others || _ids[other] != keyframe.Ids[i]) throw SnapshotDecoder.Damaged("a series is missing");
                Add(row, count, other++);
                continue;
            }

            if (row.Count == count) throw SnapshotDecoder.Damaged("more samples than the header says");
            var integer = unchecked(keyframe.Predict(i, row.TimeMs) + (_differences[i] * keyframe.Divisors[i]));
            row.Add(keyframe.Ids[i], Scale.Value(keyframe.Scales[i], integer));
        }

        for (; other < _others; other++) Add(row, count, other);
        if (row.Count != count || !row.IsOrdered) throw SnapshotDecoder.Damaged("not the samples that the header says");
    }

    /// <summary>Codes a row that stands alone, each sample with its time; a decoder fills it.</summary>
    public static void CodeEvents<TCoder>(SnapshotModel<TCoder> model, SnapshotRow row, int count, CodecLimits limits)
        where TCoder : struct, IBitCoder
    {
        row.EnsureCapacity(count);
        var (id, time, scale, size) = (0L, row.TimeMs, 0, 0);
        for (var i = 0; i < count; i++)
        {
            var (nextId, nextTime, nextScale, integer) = (0, 0L, Scale.Raw, 0L);
            if (!TCoder.Reads)
            {
                (nextId, nextTime) = (row.Ids[i], row.OwnTimesMs[i]);
                nextScale = Scale.Choose(row.Values.Slice(i, 1), new Span<long>(ref integer));
            }

            nextId = SnapshotDecoder.CheckedId(id + model.Next(Part.Id, nextId - id, 2), id - 1, limits);
            nextTime = unchecked(time + model.Next(Part.Time, nextTime - time, nextId == id ? 1 : 0));
            nextScale = SnapshotDecoder.CheckedScale(model.Next(Part.Scale, nextScale, scale));
            integer = model.Next(Part.Integer, integer, nextScale, 0, size);
            (id, time, scale, size) = (nextId, nextTime, nextScale, NumberModel<TCoder>.Size(integer) >> 1);
            if (TCoder.Reads) row.Add(nextId, nextTime, Scale.Value(nextScale, integer));
        }

        if (TCoder.Reads && !row.IsOrdered) throw SnapshotDecoder.Damaged("times of a series do not ascend");
    }

    private void CodeOthers<TCoder>(SnapshotModel<TCoder> model, CodecLimits limits)
        where TCoder : struct, IBitCoder
    {
        var (id, scale, size) = (-1L, 0, 0);
        for (var i = 0; i < _others; i++)
        {
            _ids[i] = SnapshotDecoder.CheckedId(id + 1 + model.Next(Part.Id, _ids[i] - id - 1), id, limits);
            _scales[i] = SnapshotDecoder.CheckedScale(model.Next(Part.Scale, _scales[i], scale));
            _integers[i] = model.Next(Part.Integer, _integers[i], _scales[i], 0, size);
            (id, scale, size) = (_ids[i], _scales[i], NumberModel<TCoder>.Size(_integers[i]) >> 1);
        }
    }

    private void Add(SnapshotRow row, int count, int other)
    {
        if (row.Count == count) throw SnapshotDecoder.Damaged("more samples than the header says");
        row.Add(_ids[other], Scale.Value(_scales[other], _integers[other]));
    }

    private bool Differs(Keyframe keyframe, int at, double value, long timeMs)
    {
        if (!Scale.Try(keyframe.Scales[at], value, out var integer)) return false;
        var difference = unchecked(integer - keyframe.Predict(at, timeMs));
        if (keyframe.Divisors[at] != 1)
        {
            (difference, var rest) = Math.DivRem(difference, keyframe.Divisors[at]);
            if (rest != 0) return false;
        }

        _differences[at] = difference;
        return true;
    }

    private void AddOther(int id, double value)
    {
        _ids[_others] = id;
        _scales[_others] = Scale.Choose(new ReadOnlySpan<double>(in value), _integers.AsSpan(_others, 1));
        _others++;
    }

    private void Reserve(int known, int others)
    {
        if (_fates.Length < known) (_fates, _differences) = (new byte[known], new long[known]);
        if (_ids.Length < others) (_ids, _scales, _integers) = (new int[others], new byte[others], new long[others]);
    }
}
