namespace Gateway.Buffering.Codec;

/// <summary>
/// Codes the numbers of columns, row after row. Each is seen in four contexts: this column; this column after a number of that size; any column after two
/// numbers of those sizes; any column after a number of that size while the neighbour has one of that size.
/// </summary>
/// <typeparam name="TCoder">The direction.</typeparam>
internal sealed class ColumnModel<TCoder>
    where TCoder : struct, IBitCoder
{
    /// <summary>Numbers of more bits than this share their contexts.</summary>
    private const int MaxSize = 31;

    private const int Sizes = MaxSize + 1;

    private readonly NumberModel<TCoder> _model = new(new Places(1, Sizes, Sizes * Sizes, Sizes * Sizes));
    private int _last;
    private int _lastButOne;

    /// <summary>The coder; take it back when all is coded.</summary>
    public ref TCoder Coder => ref _model.Coder;

    /// <summary>Begins a blob: nothing is known.</summary>
    public void Begin(TCoder coder) => _model.Begin(coder);

    /// <summary>Begins a column: what was learned of all columns stays, what was learned of the last one goes.</summary>
    public void BeginColumn()
    {
        _model.Forget();
        (_last, _lastButOne) = (0, 0);
    }

    /// <summary>Codes the next number of the column.</summary>
    /// <param name="number">The number; ignored by a decoder.</param>
    /// <param name="beside">Size of the number that the neighbour column has in the same row.</param>
    /// <returns>The number.</returns>
    public long Next(long number, int beside)
    {
        number = _model.Code(number, new Places(0, _last, (_lastButOne * Sizes) + _last, (Math.Min(beside, MaxSize) * Sizes) + _last));
        (_lastButOne, _last) = (_last, Math.Min(NumberModel<TCoder>.Size(number), MaxSize));
        return number;
    }
}
