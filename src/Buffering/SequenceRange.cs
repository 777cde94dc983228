using System.Globalization;

namespace Gateway.Buffering;

/// <summary>Sequences from <paramref name="First"/> to <paramref name="Last"/>, both included.</summary>
/// <param name="First">The first; at least 1.</param>
/// <param name="Last">The last; <see cref="NoEnd"/> for all that will ever come.</param>
public readonly record struct SequenceRange(long First, long Last)
{
    /// <summary>Last sequence of a range without end.</summary>
    public const long NoEnd = long.MaxValue;

    /// <inheritdoc/>
    public override string ToString() => Last == NoEnd
        ? string.Create(CultureInfo.InvariantCulture, $"{First}-")
        : First == Last ? First.ToString(CultureInfo.InvariantCulture) : string.Create(CultureInfo.InvariantCulture, $"{First}-{Last}");
}
