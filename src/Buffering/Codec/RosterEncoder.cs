using System.Buffers;
using System.Text;
using Gateway.Exposition;

namespace Gateway.Buffering.Codec;

/// <summary>
/// Writes runs of series that are appended to a roster. A run stands for itself, so that one can be written after a restart; ids are the positions in
/// the roster. Reusable; not safe for two threads.
/// </summary>
/// <remarks>
/// Content of a run, two parts compressed one by one: all numbers (families with type and label count; per series the step to its family, role, bound and
/// whether its label names are those of its family), and all texts, each with its length among the numbers.
/// </remarks>
/// <param name="limits">What a reader accepts.</param>
public sealed class RosterEncoder(CodecLimits? limits = null)
{
    /// <summary>Labels of one series. Prometheus' own advice is ten; readers check names against each other, so the number is bounded.</summary>
    internal const int MaxLabels = 512;

    private readonly CodecLimits _limits = limits ?? CodecLimits.Default;
    private readonly ByteWriter _blob = new();
    private readonly ByteWriter _numbers = new();
    private readonly ByteWriter _texts = new();
    private readonly Dictionary<MetricFamily, int> _families = new(FamilyComparer.Instance);

    /// <summary>Writes one run.</summary>
    /// <param name="rosterId">Roster; 0 or more.</param>
    /// <param name="firstId">Id of the first of these series: the number of series that the roster has already.</param>
    /// <param name="series">The run, in the order of ids; at least one.</param>
    /// <param name="output">Receives the blob.</param>
    /// <exception cref="ArgumentException">Nothing to write, or beyond the limits that a reader accepts.</exception>
    public void Encode(long rosterId, int firstId, ReadOnlySpan<SeriesKey> series, IBufferWriter<byte> output)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(rosterId);
        ArgumentOutOfRangeException.ThrowIfNegative(firstId);
        if (series.IsEmpty) throw new ArgumentException("A run has at least one series.", nameof(series));
        if (series.Length > _limits.MaxSeries - firstId)
            throw new ArgumentException($"{(long)firstId + series.Length} series; the limit is {_limits.MaxSeries}.", nameof(series));
        _numbers.Clear();
        _texts.Clear();
        WriteFamilies(series);
        WriteSeries(series);
        BlobHeader.Write(_blob, new BlobHeader(BlobKind.Roster, rosterId, firstId, firstId + series.Length - 1, 0, 0, firstId, 0, series.Length));
        Packing.Write(_blob, _numbers.Written);
        Packing.Write(_blob, _texts.Written);
        Envelope.Close(_blob, output);
    }

    private void WriteFamilies(ReadOnlySpan<SeriesKey> series)
    {
        _families.Clear();
        foreach (var one in series) _families.TryAdd(one.Family, _families.Count);
        _numbers.Varint((ulong)_families.Count);
        foreach (var family in _families.Keys)
        {
            _numbers.Byte((byte)family.Type);
            WriteText(family.Name);
            WriteText(family.Unit);
            WriteText(family.Help);
            WriteTexts(family.LabelNames);
        }
    }

    private void WriteSeries(ReadOnlySpan<SeriesKey> series)
    {
        var last = 0;
        var cost = 0L;
        foreach (var one in series)
        {
            var family = _families[one.Family];
            _numbers.Signed(family - last);
            last = family;
            var own = !SeriesKey.SameTexts(one.Series.LabelNames, one.Family.LabelNames);
            _numbers.Byte((byte)(((int)one.Series.Role << 1) | (own ? 1 : 0)));
            if (one.Series.Role is SampleRole.Bucket or SampleRole.Quantile) _numbers.Fixed64(BitConverter.DoubleToUInt64Bits(one.Series.Bound));
            if (own) WriteTexts(one.Series.LabelNames);
            foreach (var value in one.Series.LabelValues) WriteText(value);
            cost += RosterDecoder.Cost(one);
        }

        var size = Math.Max(cost, Math.Max(_numbers.Length, _texts.Length));
        if (size > _limits.MaxUncompressedBytes)
            throw new ArgumentException($"The run has {size} bytes of names and labels; the limit is {_limits.MaxUncompressedBytes}.", nameof(series));
    }

    private void WriteTexts(IReadOnlyList<string> texts)
    {
        if (texts.Count > MaxLabels) throw new ArgumentException($"A series has {texts.Count} labels; the limit is {MaxLabels}.", nameof(texts));
        _numbers.Varint((ulong)texts.Count);
        for (var i = 0; i < texts.Count; i++) WriteText(texts[i]);
    }

    private void WriteText(string text)
    {
        var before = _texts.Length;
        _texts.Advance(Encoding.UTF8.GetBytes(text, _texts.Room(Encoding.UTF8.GetMaxByteCount(text.Length))));
        var length = _texts.Length - before;
        if (length > _limits.MaxTextBytes) throw new ArgumentException($"A text has {length} bytes; the limit is {_limits.MaxTextBytes}.", nameof(text));
        _numbers.Varint((ulong)length);
    }

    /// <summary>Families are the same when their headers and label names are.</summary>
    internal sealed class FamilyComparer : IEqualityComparer<MetricFamily>
    {
        public static readonly FamilyComparer Instance = new();

        public bool Equals(MetricFamily? x, MetricFamily? y) =>
            ReferenceEquals(x, y) || (x is not null && y is not null && x.Name == y.Name && x.Type == y.Type && x.Unit == y.Unit && x.Help == y.Help
                && SeriesKey.SameTexts(x.LabelNames, y.LabelNames));

        public int GetHashCode(MetricFamily obj) => HashCode.Combine(obj.Name.GetHashCode(StringComparison.Ordinal), obj.Type);
    }
}
