namespace Gateway.Push;

/// <summary>What makes a pushed series: its metric and its labels, sorted by name, each once. Checked where it is made (<see cref="PushRequest"/>, loading).</summary>
/// <param name="Metric">Name of the metric.</param>
/// <param name="LabelNames">Sorted by ordinal, distinct; not changed afterwards.</param>
/// <param name="LabelValues">One per name, none empty (an empty label is no label to Prometheus); not changed afterwards.</param>
internal readonly record struct SeriesKey(string Metric, string[] LabelNames, string[] LabelValues)
{
    /// <summary>The label that <c>/complex/insert</c> sets.</summary>
    public const string InstanceLabel = "instance";

    /// <summary>Value of a label; null when the series does not have it.</summary>
    public string? Label(string name)
    {
        var at = Array.IndexOf(LabelNames, name);
        return at < 0 ? null : LabelValues[at];
    }

    public bool Equals(SeriesKey other) =>
        string.Equals(Metric, other.Metric, StringComparison.Ordinal)
        && LabelNames.AsSpan().SequenceEqual(other.LabelNames)
        && LabelValues.AsSpan().SequenceEqual(other.LabelValues);

    public override int GetHashCode()
    {
        var hash = default(HashCode);
        hash.Add(Metric.GetHashCode(StringComparison.Ordinal));
        for (var i = 0; i < LabelNames.Length; i++)
        {
            hash.Add(LabelNames[i].GetHashCode(StringComparison.Ordinal));
            hash.Add(LabelValues[i].GetHashCode(StringComparison.Ordinal));
        }

        return hash.ToHashCode();
    }
}
