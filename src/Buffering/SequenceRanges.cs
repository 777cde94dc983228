using System.Collections.Immutable;
using System.Globalization;

namespace Gateway.Buffering;

/// <summary>
/// A set of sequences as sorted ranges that neither overlap nor touch: what a reader still has to get. Immutable; any thread.
/// Written as text as <c>1-7,9,12-</c> (the last one without end), the empty set as the empty text.
/// </summary>
public sealed class SequenceRanges : IEquatable<SequenceRanges>
{
    /// <summary>Longest text that <see cref="TryParse"/> takes; a backlog has a handful of ranges.</summary>
    public const int MaxTextCharacters = 1 << 20;

    /// <summary>No sequence.</summary>
    public static readonly SequenceRanges Empty = new([]);

    /// <summary>Every sequence there is or will be.</summary>
    public static readonly SequenceRanges All = new([new SequenceRange(1, SequenceRange.NoEnd)]);

    private readonly ImmutableArray<SequenceRange> _ranges;

    private SequenceRanges(ImmutableArray<SequenceRange> ranges) => _ranges = ranges;

    /// <summary>The ranges, ascending.</summary>
    public ImmutableArray<SequenceRange> Ranges => _ranges;

    /// <summary>True when nothing is in it.</summary>
    public bool IsEmpty => _ranges.IsEmpty;

    /// <summary>The smallest sequence; 0 when empty.</summary>
    public long First => _ranges.IsEmpty ? 0 : _ranges[0].First;

    /// <summary>One range.</summary>
    public static SequenceRanges Of(long first, long last = SequenceRange.NoEnd) => Empty.Add(first, last);

    /// <summary>True when the sequence is in it. O(log n).</summary>
    public bool Contains(long sequence)
    {
        var (low, high) = (0, _ranges.Length - 1);
        while (low <= high)
        {
            var middle = (low + high) >>> 1;
            if (sequence < _ranges[middle].First) high = middle - 1;
            else if (sequence > _ranges[middle].Last) low = middle + 1;
            else return true;
        }

        return false;
    }

    /// <summary>The set with a range more.</summary>
    /// <exception cref="ArgumentOutOfRangeException"><paramref name="first"/> is below 1 or above <paramref name="last"/>.</exception>
    public SequenceRanges Add(long first, long last = SequenceRange.NoEnd)
    {
        Check(first, last);
        var result = ImmutableArray.CreateBuilder<SequenceRange>(_ranges.Length + 1);
        var placed = false;
        foreach (var range in _ranges)
        {
            if (range.Last != SequenceRange.NoEnd && range.Last + 1 < first)
            {
                result.Add(range);
            }
            else if (last != SequenceRange.NoEnd && last + 1 < range.First)
            {
                if (!placed) result.Add(new SequenceRange(first, last));
                placed = true;
                result.Add(range);
            }
            else
            {
                (first, last) = (Math.Min(first, range.First), Math.Max(last, range.Last));
            }
        }

        if (!placed) result.Add(new SequenceRange(first, last));
        return new SequenceRanges(result.DrainToImmutable());
    }

    /// <summary>The set without a range.</summary>
    /// <exception cref="ArgumentOutOfRangeException"><paramref name="first"/> is below 1 or above <paramref name="last"/>.</exception>
    public SequenceRanges Remove(long first, long last = SequenceRange.NoEnd)
    {
        Check(first, last);
        var result = ImmutableArray.CreateBuilder<SequenceRange>(_ranges.Length + 1);
        foreach (var range in _ranges)
        {
            if (range.Last < first || range.First > last)
            {
                result.Add(range);
                continue;
            }

            if (range.First < first) result.Add(new SequenceRange(range.First, first - 1));
            if (range.Last > last) result.Add(new SequenceRange(last + 1, range.Last));
        }

        return new SequenceRanges(result.DrainToImmutable());
    }

    /// <summary>What is in this one or the other.</summary>
    public SequenceRanges Union(SequenceRanges other)
    {
        var result = this;
        foreach (var range in other._ranges) result = result.Add(range.First, range.Last);
        return result;
    }

    /// <summary>What is in this one and not in the other.</summary>
    public SequenceRanges Except(SequenceRanges other)
    {
        var result = this;
        foreach (var range in other._ranges) result = result.Remove(range.First, range.Last);
        return result;
    }

    /// <summary>What is in both.</summary>
    public SequenceRanges Intersect(SequenceRanges other)
    {
        var result = ImmutableArray.CreateBuilder<SequenceRange>();
        var (mine, its) = (0, 0);
        while (mine < _ranges.Length && its < other._ranges.Length)
        {
            var (a, b) = (_ranges[mine], other._ranges[its]);
            var (first, last) = (Math.Max(a.First, b.First), Math.Min(a.Last, b.Last));
            if (first <= last) result.Add(new SequenceRange(first, last));
            if (a.Last < b.Last) mine++;
            else its++;
        }

        return new SequenceRanges(result.DrainToImmutable());
    }

    /// <summary>Reads the text that <see cref="ToString"/> writes.</summary>
    public static bool TryParse(string text, out SequenceRanges ranges)
    {
        ranges = Empty;
        if (text.Length == 0) return true;
        if (text.Length > MaxTextCharacters) return false;
        var result = ImmutableArray.CreateBuilder<SequenceRange>();
        foreach (var part in text.AsSpan().Split(','))
        {
            if (!TryParseRange(text.AsSpan(part), out var range)) return false;
            // Sorted and apart, or it was not written by us.
            if (result.Count > 0 && (result[^1].Last == SequenceRange.NoEnd || range.First <= result[^1].Last + 1)) return false;
            result.Add(range);
        }

        ranges = new SequenceRanges(result.DrainToImmutable());
        return true;
    }

    /// <inheritdoc/>
    public override string ToString() => string.Join(',', _ranges);

    /// <inheritdoc/>
    public bool Equals(SequenceRanges? other) => other is not null && _ranges.AsSpan().SequenceEqual(other._ranges.AsSpan());

    /// <inheritdoc/>
    public override bool Equals(object? obj) => Equals(obj as SequenceRanges);

    /// <inheritdoc/>
    public override int GetHashCode()
    {
        var hash = default(HashCode);
        foreach (var range in _ranges) hash.Add(range);
        return hash.ToHashCode();
    }

    private static void Check(long first, long last)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(first, 1);
        ArgumentOutOfRangeException.ThrowIfLessThan(last, first);
    }

    private static bool TryParseRange(ReadOnlySpan<char> text, out SequenceRange range)
    {
        range = default;
        var dash = text.IndexOf('-');
        var firstText = dash < 0 ? text : text[..dash];
        if (!long.TryParse(firstText, NumberStyles.None, CultureInfo.InvariantCulture, out var first) || first < 1) return false;
        var last = first;
        if (dash >= 0)
        {
            var rest = text[(dash + 1)..];
            if (rest.IsEmpty) last = SequenceRange.NoEnd;
            else if (!long.TryParse(rest, NumberStyles.None, CultureInfo.InvariantCulture, out last)) return false;
        }

        range = new SequenceRange(first, last);
        return last >= first;
    }
}
