namespace Gateway.Exposition;

/// <summary>
/// Puts the batches of several sources into one exposition that is valid whatever the sources did: one type and help per family name, the samples of a
/// family together, every series once, no family whose sample names are those of another. The first source wins; what is left out is counted in
/// <see cref="Faults"/>. Reusable, not thread-safe.
/// </summary>
public sealed class BatchMerger
{
    private readonly Dictionary<string, int> _groupByName = new(StringComparer.Ordinal);
    private readonly List<Group> _groups = [];
    private readonly List<MergeFault> _faults = [];

    /// <summary>Number of families of the merged exposition.</summary>
    public int FamilyCount { get; private set; }

    /// <summary>What was left out of the last merge.</summary>
    public IReadOnlyList<MergeFault> Faults => _faults;

    /// <summary>Number of parts (sources) of a family; all but one in a thousand families have one.</summary>
    public int PartCount(int family) => _groups[family].Parts.Count;

    /// <summary>The header to write for a family: the one of its first source.</summary>
    public MetricFamily Family(int family) => _groups[family].Header;

    /// <summary>The samples that one source gave to a family.</summary>
    public FamilySamples Part(int family, int part)
    {
        var (batch, index) = _groups[family].Parts[part];
        return batch[index];
    }

    /// <summary>Forgets the last merge.</summary>
    public void Clear()
    {
        for (var i = 0; i < FamilyCount; i++) _groups[i].Parts.Clear();
        _groupByName.Clear();
        _faults.Clear();
        FamilyCount = 0;
    }

    /// <summary>Adds the batch of a source. The batch must stay filled until the merge has been written.</summary>
    /// <param name="source">Name of the source, for <see cref="Faults"/>.</param>
    /// <param name="batch">Its samples.</param>
    public void Add(string source, SampleBatch batch)
    {
        for (var i = 0; i < batch.FamilyCount; i++)
        {
            var samples = batch[i];
            var family = samples.Family;
            if (!_groupByName.TryGetValue(family.OpenMetricsName, out var index)) AddGroup(source, batch, i, family);
            else if (!string.Equals(_groups[index].Header.Name, family.Name, StringComparison.Ordinal)) Reject(source, samples, MergeFaultReason.NameConflict);
            else if (_groups[index].Header.Type != family.Type) Reject(source, samples, MergeFaultReason.TypeConflict);
            else Extend(index, source, batch, i);
        }
    }

    private void AddGroup(string source, SampleBatch batch, int block, MetricFamily family)
    {
        // All names the family may write in either format. One that another family holds would give two families one sample name.
        foreach (var name in family.SampleNames)
        {
            if (!_groupByName.ContainsKey(name)) continue;
            Reject(source, batch[block], MergeFaultReason.NameConflict);
            return;
        }

        if (!TryReserveCreated(batch[block], FamilyCount))
        {
            Reject(source, batch[block], MergeFaultReason.NameConflict);
            return;
        }

        var index = FamilyCount++;
        if (_groups.Count < FamilyCount) _groups.Add(new Group());
        _groups[index].Header = family;
        _groups[index].Parts.Add((batch, block));
        foreach (var name in family.SampleNames) _groupByName.TryAdd(name, index);
    }

    private void Extend(int index, string source, SampleBatch batch, int block)
    {
        var group = _groups[index];
        var samples = batch[block];
        if (!TryReserveCreated(samples, index))
        {
            Reject(source, samples, MergeFaultReason.NameConflict);
            return;
        }

        // Histograms and summaries are taken whole or not at all: buckets of two sources in one histogram would be nonsense.
        var whole = samples.Family.Type is MetricType.Histogram or MetricType.GaugeHistogram or MetricType.Summary;
        var held = new HashSet<Series>(whole ? SeriesIdentity.Metric : SeriesIdentity.Sample);
        foreach (var (partBatch, partBlock) in group.Parts)
        {
            foreach (var series in partBatch[partBlock].Series) held.Add(series);
        }

        var seen = whole ? new HashSet<Series>(SeriesIdentity.Sample) : held;
        var rest = new SampleBatch();
        for (var i = 0; i < samples.Series.Length; i++)
        {
            var series = samples.Series[i];
            if ((whole && held.Contains(series)) || !seen.Add(series)) continue;
            // A series object marks the batch it was put into last, so the copy holds equal ones of its own.
            rest.Add(group.Header, series.Copy(group.Header), samples.Values[i], samples.TimestampOf(i));
        }

        var dropped = samples.Series.Length - rest.SampleCount;
        if (dropped > 0) _faults.Add(new MergeFault(source, samples.Family.Name, MergeFaultReason.DuplicateSeries, dropped));
        if (rest.SampleCount > 0) group.Parts.Add((rest, 0));
    }

    /// <summary>Takes the name of times of creation for a family that has some; false when it belongs to another.</summary>
    private bool TryReserveCreated(in FamilySamples samples, int index)
    {
        if (!samples.HasCreated) return true;
        var name = samples.Family.OpenMetricsName + "_created";
        return _groupByName.TryAdd(name, index) || _groupByName[name] == index;
    }

    private void Reject(string source, FamilySamples samples, MergeFaultReason reason) =>
        _faults.Add(new MergeFault(source, samples.Family.Name, reason, samples.Series.Length));

    private sealed class Group
    {
        public MetricFamily Header { get; set; } = null!; // set when the group is taken into use

        public List<(SampleBatch Batch, int Block)> Parts { get; } = [];
    }
}

/// <summary>Why samples were left out of a merged exposition.</summary>
public enum MergeFaultReason
{
    /// <summary>Another source gave the family another type.</summary>
    TypeConflict,

    /// <summary>A name that the family writes belongs to another family.</summary>
    NameConflict,

    /// <summary>Another source gave the same series.</summary>
    DuplicateSeries,
}

/// <summary>Samples of a source that a merge left out.</summary>
/// <param name="Source">The source.</param>
/// <param name="Family">Name of the family.</param>
/// <param name="Reason">Why.</param>
/// <param name="Samples">How many.</param>
public readonly record struct MergeFault(string Source, string Family, MergeFaultReason Reason, int Samples);
