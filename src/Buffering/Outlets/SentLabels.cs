using Gateway.Exposition;

namespace Gateway.Buffering.Outlets;

/// <summary>
/// Labels of one series as a server would keep them after a scrape: sorted by name, without empty ones, with the external labels of its kind. A scrape gives
/// each series <c>job</c> and <c>instance</c>; what is pushed must carry the same, or it becomes another series. Reused for series after series; one thread.
/// </summary>
/// <remarks>Where a series has an external label of its own, Prometheus' rules for scraping decide: with <c>honor_labels</c> its own value stays, without it
/// is renamed <c>exported_…</c>.</remarks>
internal sealed class SentLabels
{
    private const string NameLabel = "__name__";
    private const string Exported = "exported_";

    private readonly (string Name, string Value)[] _external;
    private readonly bool _honorLabels;
    private SentLabel[] _labels = new SentLabel[32];

    /// <summary>Labels of one kind of snapshots.</summary>
    /// <param name="external">Added to each series; empty values are none.</param>
    /// <param name="honorLabels">What happens to a label that the series has itself.</param>
    public SentLabels(IEnumerable<KeyValuePair<string, string>> external, bool honorLabels)
    {
        _external = [.. external.Where(label => label.Value.Length > 0).Select(label => (label.Key, label.Value))];
        _honorLabels = honorLabels;
    }

    /// <summary>Number of labels.</summary>
    public int Count { get; private set; }

    /// <summary>The labels, sorted.</summary>
    public ReadOnlySpan<SentLabel> Labels => _labels.AsSpan(0, Count);

    /// <summary>Fills in the labels of a series.</summary>
    public void Set(Series series)
    {
        Count = 0;
        Add(NameLabel, null);
        if (series.BoundLabelName is { } bound) Add(bound, null);
        for (var i = 0; i < series.LabelValues.Count; i++)
        {
            if (series.LabelValues[i].Length > 0) Add(series.LabelNames[i], series.LabelValues[i]);
        }

        foreach (var (name, value) in _external) AddExternal(series, name, value);
        Sort();
    }

    private void AddExternal(Series series, string name, string value)
    {
        var at = IndexOf(name);
        if (_honorLabels)
        {
            // A label written with an empty value is none, and yet it keeps the one of the scrape away: this is how a series is exposed without it.
            if (at < 0 && !HasName(series, name)) Add(name, value);
            return;
        }

        if (at >= 0)
        {
            var renamed = Exported + name;
            while (IndexOf(renamed) >= 0 || IsExternal(renamed)) renamed = Exported + renamed;
            Add(renamed, _labels[at].Text);
            _labels[at] = new SentLabel(name, value);
            return;
        }

        Add(name, value);
    }

    private bool IsExternal(string name) => Array.Exists(_external, label => label.Name == name);

    private static bool HasName(Series series, string name)
    {
        for (var i = 0; i < series.LabelValues.Count; i++)
        {
            if (series.LabelNames[i] == name) return true;
        }

        return false;
    }

    private int IndexOf(string name)
    {
        for (var i = 0; i < Count; i++)
        {
            if (_labels[i].Name == name) return i;
        }

        return -1;
    }

    private void Add(string name, string? text)
    {
        if (Count == _labels.Length) Array.Resize(ref _labels, Count * 2);
        _labels[Count++] = new SentLabel(name, text);
    }

    /// <summary>Insertion: few labels, nearly sorted. Names are ASCII, so ordinal is the order of their bytes.</summary>
    private void Sort()
    {
        for (var i = 1; i < Count; i++)
        {
            var label = _labels[i];
            var at = i;
            for (; at > 0 && string.CompareOrdinal(_labels[at - 1].Name, label.Name) > 0; at--) _labels[at] = _labels[at - 1];
            _labels[at] = label;
        }
    }
}

/// <summary>One label.</summary>
/// <param name="Name">Its name.</param>
/// <param name="Text">Its value; null where the series has it encoded already: its name, and the bound of a bucket or quantile.</param>
internal readonly record struct SentLabel(string Name, string? Text)
{
    /// <summary>True for the label with the name of the sample.</summary>
    public bool IsName => Text is null && Name is "__name__";
}
