using System.Text.Json;

namespace Gateway.EndToEnd.Parts;

/// <summary>Raw samples that a receiving server holds, by series; each series in the order in which the server gave it.</summary>
internal sealed class StoredSamples
{
    private readonly Dictionary<SeriesName, List<Sample>> _series = [];

    public IReadOnlyDictionary<SeriesName, List<Sample>> Series => _series;

    /// <summary>Largest relative error that the server itself makes when it keeps a value; 0 for one that keeps every bit.</summary>
    public double Precision { get; init; }

    /// <summary>Number of all samples.</summary>
    public int Count => _series.Values.Sum(samples => samples.Count);

    /// <summary>The samples of the only series.</summary>
    public IReadOnlyList<Sample> Single => _series.Values.Single();

    /// <summary>The samples of a series, which is added when it is new.</summary>
    /// <param name="metric">Its labels, an object with <c>__name__</c> among the rest, as both servers write it.</param>
    public List<Sample> Of(JsonElement metric)
    {
        var name = metric.TryGetProperty("__name__", out var value) ? value.GetString() ?? "" : "";
        var labels = metric.EnumerateObject().Where(label => label.Name != "__name__")
            .Select(label => $"{label.Name}={label.Value.GetString()}").Order(StringComparer.Ordinal);
        return Of(new SeriesName(name, string.Join(SeriesName.Separator, labels)));
    }

    /// <summary>The samples of a series, which is added when it is new.</summary>
    public List<Sample> Of(SeriesName series)
    {
        if (!_series.TryGetValue(series, out var samples)) _series[series] = samples = [];
        return samples;
    }

    internal void RemoveEmpty()
    {
        foreach (var (series, samples) in _series)
        {
            if (samples.Count == 0) _series.Remove(series);
        }
    }
}

/// <summary>One stored sample.</summary>
/// <param name="Time">Unix milliseconds.</param>
/// <param name="Value">As it was stored.</param>
internal readonly record struct Sample(long Time, double Value);
