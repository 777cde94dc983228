namespace Gateway.Buffering.Codec;

/// <summary>
/// The varying columns coded last, for columns that move as they do: their integers, and the sizes of the numbers coded. A ring of bounded length.
/// </summary>
internal sealed class Neighbours
{
    /// <summary>Columns remembered. At 480 rows 0.6 MB; a longer memory gained less than 1 % on recorded data and costs time in the search.</summary>
    public const int Capacity = 128;

    private readonly long[][] _integers = new long[Capacity][];
    private readonly byte[][] _sizes = new byte[Capacity][];
    private readonly byte[] _scales = new byte[Capacity];
    private readonly bool[] _whole = new bool[Capacity];
    private int _next;
    private int _rows;

    /// <summary>Columns remembered now.</summary>
    public int Count { get; private set; }

    public void Begin(int rows)
    {
        (_next, _rows, Count) = (0, rows, 0);
    }

    /// <summary>True when the column so many ago has this scale and a sample in every row, so that steps can be compared.</summary>
    public bool IsKin(int ago, byte scale) => ago >= 1 && ago <= Count && _whole[At(ago)] && _scales[At(ago)] == scale;

    /// <summary>Integers of the column so many ago, one per row.</summary>
    public ReadOnlySpan<long> Integers(int ago) => _integers[At(ago)].AsSpan(0, _rows);

    /// <summary>Sizes of the numbers of the column so many ago, one per row; 0 where nothing was coded. Empty when there is no such column.</summary>
    public ReadOnlySpan<byte> Sizes(int ago) => ago > Count ? default : _sizes[At(ago)].AsSpan(0, _rows);

    /// <summary>Remembers a column in place of the oldest.</summary>
    /// <param name="scale">Its scale.</param>
    /// <param name="integers">Its integers, one per row; empty when it has gaps.</param>
    /// <param name="sizes">Sizes of its numbers, one per row.</param>
    public void Add(byte scale, ReadOnlySpan<long> integers, ReadOnlySpan<byte> sizes)
    {
        if (_sizes[_next] is not { } known || known.Length < _rows) (_integers[_next], _sizes[_next]) = (new long[_rows], new byte[_rows]);
        (_scales[_next], _whole[_next]) = (scale, !integers.IsEmpty);
        integers.CopyTo(_integers[_next]);
        sizes.CopyTo(_sizes[_next]);
        _next = (_next + 1) % Capacity;
        Count = Math.Min(Count + 1, Capacity);
    }

    private int At(int ago) => (_next - ago + Capacity) % Capacity;
}
