namespace Gateway.Exposition;

/// <summary>
/// A parsed exposition: families with their series, values and timestamps. Immutable. Keep it and hand its samples out at every scrape: the series are built
/// and encoded once, so that adding them to a sink or writing them costs no parsing and no allocation.
/// </summary>
/// <remarks>
/// <para>Any number of threads may read it. Its series may be filled into one batch at a time only (see <see cref="SampleBatch.Add"/>), so a document has one
/// sink: <c>for each family, for each index: sink.Add(samples.Series[i], samples.Values[i], samples.TimestampOf(i))</c>.</para>
/// <para>Families without samples are left out. A family without TYPE is <see cref="MetricType.Unknown"/>. Names are those of text 0.0.4 (see
/// <see cref="MetricFamily"/>): <c># TYPE foo counter</c> in OpenMetrics is the family <c>foo_total</c>. Bucket bounds and quantiles are numbers, so <c>1</c>
/// and <c>1.0</c> are the same one, and a label with an empty value is the same as none: what a server cannot tell apart is a duplicate here.</para>
/// </remarks>
public sealed class ExpositionDocument
{
    private ExpositionDocument(SampleBatch samples, int exemplars) => (Samples, ExemplarCount) = (samples, exemplars);

    /// <summary>All samples, grouped by family in the order of the document. Frozen: adding and clearing throw.</summary>
    public SampleBatch Samples { get; }

    /// <summary>Number of families that have samples.</summary>
    public int FamilyCount => Samples.FamilyCount;

    /// <summary>Number of samples.</summary>
    public int SampleCount => Samples.SampleCount;

    /// <summary>Exemplars that were read and not kept; 0 in text 0.0.4, which has none.</summary>
    public int ExemplarCount { get; }

    /// <summary>The samples of one family.</summary>
    public FamilySamples this[int index] => Samples[index];

    /// <summary>Parses a whole document.</summary>
    /// <param name="content">The bytes; not kept.</param>
    /// <param name="format">Its format.</param>
    /// <param name="limits">Bounds; <see cref="ParseLimits.Default"/> when left out.</param>
    /// <exception cref="ExpositionFormatException">The document breaks the format or a limit; carries the position of the first fault.</exception>
    public static ExpositionDocument Parse(ReadOnlySpan<byte> content, ExpositionFormat format, ParseLimits? limits = null)
    {
        var exemplars = 0;
        var samples = format == ExpositionFormat.OpenMetrics
            ? OpenMetricsDocumentParser.Parse(content, limits ?? ParseLimits.Default, out exemplars)
            : TextDocumentParser.Parse(content, limits ?? ParseLimits.Default);
        return new ExpositionDocument(samples, exemplars);
    }
}
