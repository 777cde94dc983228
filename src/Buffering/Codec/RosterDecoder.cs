using System.Text;
using Gateway.Exposition;

namespace Gateway.Buffering.Codec;

/// <summary>
/// Builds one roster from its runs, read in the order of ids. Families that agree in everything become one object, also across runs. Not safe for two threads.
/// </summary>
/// <param name="rosterId">The roster; runs of others are refused.</param>
/// <param name="limits">What is accepted.</param>
public sealed class RosterDecoder(long rosterId, CodecLimits? limits = null)
{
    private const string Where = "roster";

    private static readonly UTF8Encoding Strict = new(encoderShouldEmitUTF8Identifier: false, throwOnInvalidBytes: true);

    private readonly CodecLimits _limits = limits ?? CodecLimits.Default;
    private readonly List<Series> _series = [];
    private readonly HashSet<MetricFamily> _families = new(RosterEncoder.FamilyComparer.Instance);
    private readonly ByteWriter _numbers = new();
    private readonly ByteWriter _texts = new();

    /// <summary>The roster.</summary>
    public long RosterId => rosterId;

    /// <summary>All series read so far; the position is the id.</summary>
    public IReadOnlyList<Series> Series => _series;

    /// <summary>Reads the next run; after an exception the roster is as before.</summary>
    /// <exception cref="BufferFormatException">Damaged, newer, beyond the limits, or not the next run of this roster.</exception>
    public void Append(ReadOnlySpan<byte> run)
    {
        var header = BlobHeader.Open(run, _limits, out var reader);
        if (header.Kind != BlobKind.Roster || header.RosterId != rosterId || header.FirstSequence != _series.Count)
            throw new BufferFormatException(BufferFault.WrongBlob, Where, $"not the run of roster {rosterId} that starts at series {_series.Count}");
        if (header.Samples == 0) throw BufferFormatException.Damaged(Where, "a run without series");
        Packing.Read(ref reader, _numbers, Where, _limits.MaxUncompressedBytes);
        Packing.Read(ref reader, _texts, Where, _limits.MaxUncompressedBytes);
        reader.End();
        var count = _series.Count;
        try
        {
            Read((int)header.Samples);
        }
        catch (Exception e) when (e is ArgumentException or BufferFormatException)
        {
            _series.RemoveRange(count, _series.Count - count);
            if (e is BufferFormatException) throw;
            // Includes texts that are no UTF-8. The message may hold labels, which may be anything.
            throw BufferFormatException.Damaged(Where, "a family or series that cannot be");
        }
    }

    /// <summary>Bytes of text that a series brings into memory, its family's label names included.</summary>
    internal static long Cost(SeriesKey key)
    {
        var series = key.Series;
        var cost = (long)key.Family.Name.Length;
        for (var i = 0; i < series.LabelNames.Count; i++) cost += series.LabelNames[i].Length + series.LabelValues[i].Length;
        return cost;
    }

    private void Read(int count)
    {
        var numbers = new ByteReader(_numbers.Written, Where);
        var texts = new ByteReader(_texts.Written, Where);
        // A family takes several bytes, so this allocates no more than the content is long.
        var families = new (MetricFamily Family, string[] Names)[numbers.Count("families", Math.Min(count, numbers.Left))];
        for (var i = 0; i < families.Length; i++) families[i] = ReadFamily(ref numbers, ref texts);
        var at = 0L;
        var cost = 0L;
        while (count-- > 0)
        {
            at += numbers.Signed();
            if ((ulong)at >= (ulong)families.Length) throw BufferFormatException.Damaged(Where, $"family {at} of {families.Length}");
            var (family, names) = families[at];
            var flags = numbers.Byte();
            var role = (SampleRole)(flags >> 1);
            if (!Enum.IsDefined(role)) throw BufferFormatException.Damaged(Where, $"role {flags >> 1}");
            var bound = role is SampleRole.Bucket or SampleRole.Quantile ? BitConverter.UInt64BitsToDouble(numbers.Fixed64()) : 0;
            var own = (flags & 1) != 0;
            if (own) names = ReadTexts(ref numbers, ref texts);
            cost += family.Name.Length;
            foreach (var name in names) cost += name.Length;
            var values = new string[names.Length];
            for (var i = 0; i < values.Length; i++)
            {
                values[i] = ReadText(ref numbers, ref texts);
                cost += values[i].Length;
            }

            if (cost > _limits.MaxUncompressedBytes)
                throw BufferFormatException.TooLarge(Where, "bytes of names and labels", cost, _limits.MaxUncompressedBytes);
            _series.Add(own ? Exposition.Series.Create(family, names, values, role, bound) : Exposition.Series.Create(family, values, role, bound));
        }

        numbers.End();
        texts.End();
    }

    private (MetricFamily Family, string[] Names) ReadFamily(ref ByteReader numbers, ref ByteReader texts)
    {
        var type = (MetricType)numbers.Byte();
        if (!Enum.IsDefined(type)) throw BufferFormatException.Damaged(Where, $"type {(byte)type}");
        var name = ReadText(ref numbers, ref texts);
        var unit = ReadText(ref numbers, ref texts);
        var help = ReadText(ref numbers, ref texts);
        var names = ReadTexts(ref numbers, ref texts);
        var family = MetricFamily.Create(name, type, help, unit, names);
        if (_families.TryGetValue(family, out var known)) return (known, names);
        _families.Add(family);
        return (family, names);
    }

    private string[] ReadTexts(ref ByteReader numbers, ref ByteReader texts)
    {
        var list = new string[numbers.Count("labels", RosterEncoder.MaxLabels)];
        for (var i = 0; i < list.Length; i++) list[i] = ReadText(ref numbers, ref texts);
        return list;
    }

    private string ReadText(ref ByteReader numbers, ref ByteReader texts) =>
        Strict.GetString(texts.Bytes(numbers.Limited("bytes of text", _limits.MaxTextBytes)));
}
