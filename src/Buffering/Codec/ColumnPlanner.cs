namespace Gateway.Buffering.Codec;

/// <summary>
/// Finds the cheapest shape of a column by trying them: an estimate of the bits, from the sizes of the numbers, decides. Only an encoder has one; what it
/// decides is in the column's header, so it may become cleverer without a new format.
/// </summary>
internal sealed class ColumnPlanner
{
    /// <summary>Bits in the header that naming another column takes, and some reluctance.</summary>
    private const double KinCost = 16;

    /// <summary>Columns of fewer bits are not compared with others, which takes most of the time.</summary>
    private const double WorthKin = 4 * KinCost;

    /// <summary>A centre costs about two bytes.</summary>
    private const double CentreCost = 16;

    private readonly int[] _sizes = new int[65];
    private double[] _logs = [0];
    private long[] _numbers = [];
    private long[] _best = [];
    private long[] _steps = [];
    private long[] _sorted = [];

    /// <summary>Decides the shape of a column and computes its numbers.</summary>
    /// <param name="integers">At least one.</param>
    /// <param name="shape">Scale and gaps are set; receives the rest.</param>
    /// <param name="neighbours">Columns to predict from.</param>
    /// <returns>The numbers to code, one per integer after <see cref="ColumnShape.Skipped"/>. Valid until the next call.</returns>
    public ReadOnlySpan<long> Plan(ReadOnlySpan<long> integers, ColumnShape shape, Neighbours neighbours)
    {
        Reserve(integers.Length);
        (shape.First, shape.FirstStep, shape.Divisor, shape.Centre, shape.KinCount) = (integers[0], 0, 1, 0, 0);
        shape.Form = ColumnForm.Constant;
        if (!integers.ContainsAnyExcept(integers[0])) return default;
        var count = integers.Length;
        var best = double.MaxValue;
        for (var i = 0; i < count; i++) _numbers[i] = unchecked(integers[i] - integers[0]);
        Try(ColumnForm.Level, count, 0, shape, ref best);
        for (var i = 1; i < count; i++) _steps[i - 1] = _numbers[i - 1] = unchecked(integers[i] - integers[i - 1]);
        Try(ColumnForm.Step, count - 1, 0, shape, ref best);
        for (var i = 2; i < count; i++) _numbers[i - 2] = unchecked(_steps[i - 1] - _steps[i - 2]);
        if (count > 2) Try(ColumnForm.Bend, count - 2, 0, shape, ref best);
        if (!shape.HasGaps && count > 2 && best > WorthKin) TryKin(count, shape, neighbours, ref best);
        if (shape.Form == ColumnForm.Bend) shape.FirstStep = unchecked(integers[1] - integers[0]);
        return _best.AsSpan(0, count - shape.Skipped);
    }

    /// <summary>Takes the steps of other columns off, one after the other, as long as it pays.</summary>
    private void TryKin(int count, ColumnShape shape, Neighbours neighbours, ref double best)
    {
        for (var kin = 0; kin < ColumnShape.MaxKin; kin++)
        {
            var found = 0;
            var lowest = SumOfSizes(count - 1);
            for (var ago = 1; ago <= neighbours.Count; ago++)
            {
                if (!neighbours.IsKin(ago, shape.Scale)) continue;
                var other = neighbours.Integers(ago);
                if (IsCheaper(other, 1, count, ref lowest)) found = ago;
                if (IsCheaper(other, -1, count, ref lowest)) found = -ago;
            }

            if (found == 0) return;
            var integers = neighbours.Integers(Math.Abs(found));
            var sign = Math.Sign(found);
            for (var i = 1; i < count; i++) _numbers[i - 1] = _steps[i - 1] = unchecked(_steps[i - 1] - (sign * (integers[i] - integers[i - 1])));
            shape.Kin[kin] = found;
            var before = best;
            Try(ColumnForm.Step, count - 1, kin + 1, shape, ref best);
            if (best >= before && shape.KinCount <= kin) return;
        }
    }

    private int SumOfSizes(int count)
    {
        var sum = 0;
        for (var i = 0; i < count; i++) sum += NumberModel<BitEncoder>.Size(_steps[i]);
        return sum;
    }

    private bool IsCheaper(ReadOnlySpan<long> other, int sign, int count, ref int lowest)
    {
        var sum = 0;
        for (var i = 1; i < count; i++)
        {
            sum += NumberModel<BitEncoder>.Size(unchecked(_steps[i - 1] - (sign * (other[i] - other[i - 1]))));
            if (sum >= lowest) return false;
        }

        lowest = sum;
        return true;
    }

    private void Try(ColumnForm form, int count, int kin, ColumnShape shape, ref double best)
    {
        var numbers = _numbers.AsSpan(0, count);
        var divisor = Divide(numbers);
        var plain = Cost(numbers, 0) + (kin * KinCost);
        var middle = Median(numbers);
        var centred = middle == 0 ? double.MaxValue : Cost(numbers, middle) + (kin * KinCost) + CentreCost;
        var cost = Math.Min(plain, centred);
        if (cost >= best) return;
        best = cost;
        var centre = centred < plain ? middle : 0;
        (shape.Form, shape.Divisor, shape.Centre, shape.KinCount) = (form, divisor, centre, kin);
        for (var i = 0; i < count; i++) _best[i] = unchecked(numbers[i] - centre);
    }

    private static long Divide(Span<long> numbers)
    {
        var divisor = 0UL;
        foreach (var number in numbers)
        {
            var (a, b) = (divisor, unchecked((ulong)(number < 0 ? -number : number)));
            while (b != 0) (a, b) = (b, a % b);
            divisor = a;
            if (divisor == 1) return 1;
        }

        if (divisor is 0 or > long.MaxValue) return 1;
        foreach (ref var number in numbers) number /= (long)divisor;
        return (long)divisor;
    }

    private long Median(ReadOnlySpan<long> numbers)
    {
        var sorted = _sorted.AsSpan(0, numbers.Length);
        numbers.CopyTo(sorted);
        sorted.Sort();
        return sorted[sorted.Length / 2];
    }

    /// <summary>About the bits that the numbers take: the entropy of their sizes, of their signs, and the bits below the leading one.</summary>
    private double Cost(ReadOnlySpan<long> numbers, long centre)
    {
        Array.Clear(_sizes);
        var negative = 0;
        var below = 0L;
        foreach (var number in numbers)
        {
            var centred = unchecked(number - centre);
            var size = NumberModel<BitEncoder>.Size(centred);
            _sizes[size]++;
            below += Math.Max(0, size - 1);
            if (centred < 0) negative++;
        }

        var signed = numbers.Length - _sizes[0];
        var cost = below + Entropy(signed) - Entropy(negative) - Entropy(signed - negative) + Entropy(numbers.Length);
        foreach (var size in _sizes) cost -= Entropy(size);
        return cost;
    }

    /// <summary>n · log₂ n.</summary>
    private double Entropy(int count) => count * _logs[count];

    private void Reserve(int count)
    {
        if (_numbers.Length >= count) return;
        (_numbers, _best, _steps, _sorted, _logs) = (new long[count], new long[count], new long[count], new long[count], new double[count + 1]);
        for (var i = 1; i <= count; i++) _logs[i] = Math.Log2(i);
    }
}
