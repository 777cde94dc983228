namespace Gateway.Buffering.Codec;

/// <summary>
/// Codes the parts of single snapshots. Every kind of number (<see cref="Part"/>) has contexts of its own; within a kind the caller says what it knows, three
/// times up to <see cref="Hints"/>.
/// </summary>
/// <typeparam name="TCoder">The direction.</typeparam>
internal sealed class SnapshotModel<TCoder>
    where TCoder : struct, IBitCoder
{
    /// <summary>Values of a hint.</summary>
    public const int Hints = 64;

    private const int Parts = (int)Part.Count;

    private readonly NumberModel<TCoder> _model = new(new Places(Parts, Parts * Hints, Parts * Hints, Parts * Hints));

    /// <summary>The coder; take it back when all is coded.</summary>
    public ref TCoder Coder => ref _model.Coder;

    /// <summary>Begins a blob: nothing is known.</summary>
    public void Begin(TCoder coder) => _model.Begin(coder);

    /// <summary>Codes a number.</summary>
    public long Next(Part part, long number, int first = 0, int second = 0, int third = 0, int expected = 0)
    {
        var place = (int)part * Hints;
        return _model.Code(number, new Places((int)part, place + first, place + second, place + third), expected);
    }
}

/// <summary>Kinds of numbers in a snapshot. The numbers are part of the format.</summary>
internal enum Part
{
    /// <summary>Steps between ids, less one.</summary>
    Id,

    /// <summary>Scale of a series.</summary>
    Scale,

    /// <summary>Integer of a value that nothing is known about.</summary>
    Integer,

    /// <summary>Powers of two in a divisor.</summary>
    DivisorPower,

    /// <summary>The rest of a divisor.</summary>
    Divisor,

    /// <summary>Size that differences to a keyframe are expected to have.</summary>
    Spread,

    /// <summary>Behaviour of a series.</summary>
    Behaviour,

    /// <summary>Drift or offset of a series.</summary>
    Drift,

    /// <summary>What became of a series of the keyframe.</summary>
    Fate,

    /// <summary>Differences to what the keyframe predicts.</summary>
    Difference,

    /// <summary>Times of events.</summary>
    Time,

    /// <summary>Number of parts.</summary>
    Count,
}
