using System.Runtime.CompilerServices;
using Gateway.Exposition;

namespace Gateway.Buffering.Export;

/// <summary>
/// Gives every series the labels of an export, as a server gives its target's labels to what it scrapes: a label of the same name is renamed to
/// <c>exported_…</c>, again and again until the name is free, or stays as it is.
/// </summary>
/// <param name="labels">Names are distinct.</param>
/// <param name="honor">A label of the series wins.</param>
internal sealed class AddedLabels(IReadOnlyList<KeyValuePair<string, string>> labels, bool honor)
{
    private readonly ConditionalWeakTable<Series, Series> _labelled = [];

    /// <summary>The series with the labels; the same object for the same series.</summary>
    public Series To(Series series) => labels.Count == 0 ? series : _labelled.GetValue(series, Label);

    private Series Label(Series series)
    {
        var names = series.LabelNames.Take(series.LabelValues.Count).ToList();
        var values = series.LabelValues.ToList();
        foreach (var (name, value) in labels)
        {
            var at = names.IndexOf(name);
            // The label of a state set is part of its meaning and stays.
            if (at >= 0 && series.Role == SampleRole.State && name == series.Family.Name) continue;
            if (at >= 0 && honor) continue;
            if (at >= 0) names[at] = Free(names, name);
            names.Add(name);
            values.Add(value);
        }

        return Series.Create(series.Family, [.. names], [.. values], series.Role, series.Bound);
    }

    private static string Free(List<string> names, string name)
    {
        do name = "exported_" + name;
        while (names.Contains(name));
        return name;
    }
}
