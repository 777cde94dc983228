namespace Gateway.Exposition;

/// <summary>
/// Rules of OpenMetrics 1.0.0 beyond single lines: TYPE, UNIT and HELP once and before the samples, all lines of a family together, names of samples by the
/// type of their family, units as the end of the name, values that the type allows, exemplars where they may be, no series twice.
/// </summary>
/// <remarks>
/// The specification allows several points of one series in a document if their timestamps rise; a batch holds one sample per series, so a second one is
/// refused. Whether buckets rise and agree with the count is not judged: Prometheus takes them as they are, and they are handed on as they are.
/// </remarks>
internal static class OpenMetricsDocumentParser
{
    /// <summary>Parses a document.</summary>
    /// <param name="content">The document.</param>
    /// <param name="limits">Bounds.</param>
    /// <param name="exemplars">Exemplars that were read and dropped.</param>
    /// <exception cref="ExpositionFormatException">It breaks the format or a limit.</exception>
    public static SampleBatch Parse(ReadOnlySpan<byte> content, ParseLimits limits, out int exemplars)
    {
        var builder = new DocumentBuilder(limits);
        var reader = new OpenMetricsReader(content, limits);
        exemplars = 0;
        while (true)
        {
            var kind = reader.Read();
            if (kind == LineKind.End) return builder.Finish();
            if (kind == LineKind.Sample) AddSample(builder, ref reader, ref exemplars);
            else Declare(builder, ref reader, kind);
        }
    }

    private static void Declare(DocumentBuilder builder, ref OpenMetricsReader reader, LineKind kind)
    {
        var entry = builder.OwnerOf(reader.Name) ?? builder.AddFamily(reader.Name, reader.LineNumber, reader.NameColumn);
        if (entry.Name.Length != reader.Name.Length) throw Fault(ref reader, "the name is a sample of another family of this document");
        Enter(builder, entry, ref reader);
        if (entry.Family is not null) throw Fault(ref reader, "TYPE, UNIT and HELP stand before the samples of their family");
        switch (kind)
        {
            case LineKind.Help:
                builder.SetHelp(entry, reader.Text, reader.LineNumber, reader.NameColumn);
                break;
            case LineKind.Unit:
                if (entry.Unit is not null) throw Fault(ref reader, "a second UNIT line for the family");
                entry.Unit = System.Text.Encoding.ASCII.GetString(reader.Text);
                CheckUnit(entry, ref reader);
                break;
            default:
                if (entry.DeclaredType is not null) throw Fault(ref reader, "a second TYPE line for the family");
                entry.DeclaredType = reader.Type;
                CheckUnit(entry, ref reader);
                builder.Reserve(entry, SampleSuffixes.Of(reader.Type), reader.LineNumber, reader.NameColumn);
                break;
        }
    }

    private static void CheckUnit(FamilyEntry entry, ref OpenMetricsReader reader)
    {
        if (string.IsNullOrEmpty(entry.Unit)) return;
        if (entry.Type is MetricType.Info or MetricType.StateSet)
            throw Fault(ref reader, "info and stateset families have no unit");
        var rest = entry.Name.Length - entry.Unit.Length;
        if (rest < 2 || entry.Name[rest - 1] != '_' || !entry.Name.EndsWith(entry.Unit, StringComparison.Ordinal))
            throw Fault(ref reader, "the name of the family must end in '_' and its unit");
    }

    private static void AddSample(DocumentBuilder builder, ref OpenMetricsReader reader, ref int exemplars)
    {
        var entry = builder.OwnerOf(reader.Name) ?? builder.AddFamily(reader.Name, reader.LineNumber, reader.NameColumn);
        Enter(builder, entry, ref reader);
        if (!SampleSuffixes.TryGetRole(entry.Type, reader.Name[entry.Name.Length..], out var role))
            throw Fault(ref reader, $"the samples of type {entry.Type.OpenMetricsName()} end in {string.Join(", ", SampleSuffixes.Of(entry.Type))}");
        if (role == SampleRole.State) CheckStateLabel(entry, ref reader);
        entry.Family ??= MetricFamily.Create(entry.Name + SampleSuffixes.OfTextName(entry.Type), entry.Type, entry.Help ?? "", entry.Unit ?? "");
        CheckValue(entry.Type, role, ref reader);
        if (reader.ExemplarColumn > 0)
        {
            if (role != SampleRole.Bucket && (entry.Type != MetricType.Counter || role != SampleRole.Value))
                throw new ExpositionFormatException(reader.LineNumber, reader.ExemplarColumn, "only buckets and the total of a counter have exemplars");
            exemplars++;
        }

        var boundLabel = Bounds.Read(reader.Scanner, entry.Type, role, reader.NameColumn, out var bound);
        builder.AddSample(reader.Scanner, role, boundLabel, bound, reader.Value, reader.TimestampMs, reader.NameColumn);
    }

    private static void Enter(DocumentBuilder builder, FamilyEntry entry, ref OpenMetricsReader reader) =>
        builder.Enter(entry, reader.LineNumber, reader.NameColumn, strict: true);

    private static void CheckStateLabel(FamilyEntry entry, ref OpenMetricsReader reader)
    {
        for (var i = 0; i < reader.LabelCount; i++)
        {
            if (System.Text.Ascii.Equals(reader.LabelName(i), entry.Name)) return;
        }

        throw Fault(ref reader, "a sample of a stateset names its state in a label with the name of the family");
    }

    private static void CheckValue(MetricType type, SampleRole role, ref OpenMetricsReader reader)
    {
        var value = reader.Value;
        var reason = (type, role) switch
        {
            (MetricType.Counter, SampleRole.Value) when !(value >= 0) => "a counter is not NaN and not negative",
            (MetricType.Info, _) when value != 1 => "the value of an info sample is 1",
            (MetricType.StateSet, _) when value is not (0 or 1) => "the value of a state is 0 or 1",
            (_, SampleRole.Bucket or SampleRole.Count) when !(value >= 0) => "a count is not NaN and not negative",
            (_, SampleRole.Created) when !double.IsFinite(value) => "a time of creation is a finite number of seconds",
            _ => null,
        };
        if (reason is not null) throw new ExpositionFormatException(reader.LineNumber, reader.ValueColumn, reason);
    }

    private static ExpositionFormatException Fault(ref OpenMetricsReader reader, string reason) => new(reader.LineNumber, reader.NameColumn, reason);
}
