using Gateway.Exposition;

namespace Gateway.Push;

/// <summary>One held series with its last value.</summary>
internal sealed class PushedSeries(long id, PushFamily family, Series series, SeriesKey key)
{
    /// <summary>Deadline of a series that never expires.</summary>
    public const long NoDeadline = long.MaxValue;

    /// <summary>Row in the database.</summary>
    public long Id { get; } = id;

    public PushFamily Family { get; } = family;

    public Series Series { get; } = series;

    public SeriesKey Key { get; } = key;

    /// <summary>Place in the list of its family.</summary>
    public int Index { get; set; }

    public double Value { get; set; }

    /// <summary>Explicit Unix ms, or <see cref="SampleBatch.NoTimestamp"/>.</summary>
    public long TimestampMs { get; set; }

    /// <summary>Wall time of the last push, Unix ms.</summary>
    public long PushedAtMs { get; set; }

    /// <summary>Milliseconds; 0 for none.</summary>
    public long TtlMs { get; set; }

    /// <summary>Monotonic ms at which it ends, or <see cref="NoDeadline"/>.</summary>
    public long DeadlineMs { get; set; } = NoDeadline;

    public bool IsRemoved { get; set; }
}

/// <summary>One held metric.</summary>
internal sealed class PushFamily(MetricFamily family)
{
    public string Name { get; } = family.Name;

    /// <summary>Replaced as a whole when the help changes.</summary>
    public MetricFamily Family { get; set; } = family;

    /// <summary>In no lasting order: a removed one is replaced by the last.</summary>
    public List<PushedSeries> Series { get; } = [];
}
