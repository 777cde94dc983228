using System.Buffers;

namespace Gateway.Buffering.Export;

/// <summary>Times and values side by side, growing, reused. Memory is rented.</summary>
internal sealed class SampleColumns : IDisposable
{
    private long[] _times = [];
    private double[] _values = [];

    public int Count { get; private set; }

    public ReadOnlySpan<long> Times => _times.AsSpan(0, Count);

    public ReadOnlySpan<double> Values => _values.AsSpan(0, Count);

    public void Clear() => Count = 0;

    public void Add(long timeMs, double value)
    {
        Reserve(1);
        (_times[Count], _values[Count]) = (timeMs, value);
        Count++;
    }

    public void AddRange(ReadOnlySpan<long> timesMs, ReadOnlySpan<double> values)
    {
        Reserve(timesMs.Length);
        timesMs.CopyTo(_times.AsSpan(Count));
        values.CopyTo(_values.AsSpan(Count));
        Count += timesMs.Length;
    }

    public void Dispose()
    {
        Return();
        (_times, _values, Count) = ([], [], 0);
    }

    private void Reserve(int more)
    {
        var needed = Count + more;
        if (_times.Length >= needed && _values.Length >= needed) return;
        var capacity = Math.Max(needed, Math.Max(1024, Count * 2));
        var times = ArrayPool<long>.Shared.Rent(capacity);
        var values = ArrayPool<double>.Shared.Rent(capacity);
        Times.CopyTo(times);
        Values.CopyTo(values);
        Return();
        (_times, _values) = (times, values);
    }

    private void Return()
    {
        if (_times.Length > 0) ArrayPool<long>.Shared.Return(_times);
        if (_values.Length > 0) ArrayPool<double>.Shared.Return(_values);
    }
}
