namespace Gateway.Exposition;

/// <summary>
/// Rules of text 0.0.4 beyond single lines: one HELP and one TYPE per family, TYPE before the samples, samples of a family together, samples of histograms
/// and summaries assigned by their suffix, no series twice.
/// </summary>
/// <remarks>
/// Laxer than the specification where promtool is and scripts make use of it: HELP and TYPE of several families may stand ahead of all samples, HELP may
/// follow the samples of its family, and the samples of a family without HELP and TYPE may be scattered, as a script prints them that walks over devices; they
/// are put together. Stricter than promtool where it would let contradictions pass: a histogram has no sample without suffix and no bucket without <c>le</c>,
/// <c>le</c> and <c>quantile</c> are numbers, a quantile lies between 0 and 1, no series comes twice, a name has one owner, and a family with HELP or TYPE is one
/// group (the specification asks it of all).
/// <c>_created</c> samples are families of their own, as writers of this format expose them.
/// </remarks>
internal static class TextDocumentParser
{
    private static readonly string[] HistogramSuffixes = ["_bucket", "_sum", "_count"];
    private static readonly string[] SummarySuffixes = ["_sum", "_count"];

    /// <summary>Parses a document.</summary>
    /// <exception cref="ExpositionFormatException">It breaks the format or a limit.</exception>
    public static SampleBatch Parse(ReadOnlySpan<byte> content, ParseLimits limits)
    {
        var builder = new DocumentBuilder(limits);
        var reader = new TextFormatReader(content, limits);
        var last = default(LastSample);
        while (true)
        {
            switch (reader.Read())
            {
                case LineKind.End:
                    return builder.Finish();
                case LineKind.Help:
                    builder.SetHelp(Declared(builder, ref reader), reader.EscapedHelp, reader.LineNumber, reader.NameColumn);
                    break;
                case LineKind.Type:
                    SetType(builder, ref reader);
                    last = default;
                    break;
                default:
                    AddSample(builder, ref reader, ref last);
                    break;
            }
        }
    }

    private static FamilyEntry Declared(DocumentBuilder builder, ref TextFormatReader reader)
    {
        var entry = builder.OwnerOf(reader.Name) ?? builder.AddFamily(reader.Name, reader.LineNumber, reader.NameColumn);
        if (entry.Name.Length != reader.Name.Length) throw Fault(ref reader, "the name is a sample of a histogram or summary of this document");
        return entry;
    }

    private static void SetType(DocumentBuilder builder, ref TextFormatReader reader)
    {
        var entry = Declared(builder, ref reader);
        if (entry.DeclaredType is not null) throw Fault(ref reader, "a second TYPE line for the family");
        if (entry.Family is not null) throw Fault(ref reader, "the TYPE line follows samples of its family; it stands before them");
        if (reader.Type == MetricType.Counter && reader.Name.SequenceEqual("_total"u8)) throw Fault(ref reader, "a counter needs a name before '_total'");
        entry.DeclaredType = reader.Type;
        builder.Reserve(
            entry,
            reader.Type switch { MetricType.Histogram => HistogramSuffixes, MetricType.Summary => SummarySuffixes, _ => [] },
            reader.LineNumber,
            reader.NameColumn);
    }

    private static void AddSample(DocumentBuilder builder, ref TextFormatReader reader, ref LastSample last)
    {
        if (!reader.Name.SequenceEqual(last.Name))
        {
            var entry = builder.OwnerOf(reader.Name) ?? builder.AddFamily(reader.Name, reader.LineNumber, reader.NameColumn);
            builder.Enter(entry, reader.LineNumber, reader.NameColumn);
            entry.Family ??= MetricFamily.Create(entry.Name, entry.Type, entry.Help ?? "", "");
            last = new LastSample(reader.Name, entry.Type, RoleOf(entry, ref reader));
        }

        var boundLabel = Bounds.Read(reader.Scanner, last.Type, last.Role, reader.NameColumn, out var bound);
        builder.AddSample(reader.Scanner, last.Role, boundLabel, bound, reader.Value, reader.TimestampMs, reader.NameColumn);
    }

    private static SampleRole RoleOf(FamilyEntry entry, ref TextFormatReader reader)
    {
        if (entry.Type is not (MetricType.Histogram or MetricType.Summary)) return SampleRole.Value;
        var suffix = reader.Name[entry.Name.Length..];
        if (suffix.SequenceEqual("_sum"u8)) return SampleRole.Sum;
        if (suffix.SequenceEqual("_count"u8)) return SampleRole.Count;
        if (suffix.SequenceEqual("_bucket"u8)) return SampleRole.Bucket;
        return entry.Type == MetricType.Summary ? SampleRole.Quantile : throw Fault(ref reader, "the samples of a histogram end in _bucket, _sum or _count");
    }

    private static ExpositionFormatException Fault(ref TextFormatReader reader, string reason) => new(reader.LineNumber, reader.NameColumn, reason);

    /// <summary>What the name of the line before meant: it is nearly always the name of this line as well.</summary>
    private readonly ref struct LastSample(ReadOnlySpan<byte> name, MetricType type, SampleRole role)
    {
        public readonly ReadOnlySpan<byte> Name = name;
        public readonly MetricType Type = type;
        public readonly SampleRole Role = role;
    }
}
