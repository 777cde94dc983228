namespace Gateway.Exposition;

/// <summary>
/// The metric types of OpenMetrics 1.0.0. Text 0.0.4 knows five of them; the others are written there as the type that
/// keeps their samples valid (see <see cref="MetricTypes"/>).
/// </summary>
public enum MetricType : byte
{
    /// <summary>Nothing is claimed about the value; <c>untyped</c> in text 0.0.4.</summary>
    Unknown,

    /// <summary>A value that goes up and down.</summary>
    Gauge,

    /// <summary>A value that only grows, or starts again from zero.</summary>
    Counter,

    /// <summary>Cumulative buckets with sum and count.</summary>
    Histogram,

    /// <summary>Buckets of a current state, not of events; OpenMetrics only, <c>untyped</c> in text 0.0.4.</summary>
    GaugeHistogram,

    /// <summary>Quantiles with sum and count.</summary>
    Summary,

    /// <summary>Facts held in labels, value always 1; a gauge in text 0.0.4.</summary>
    Info,

    /// <summary>One 0/1 sample per possible state; a gauge in text 0.0.4.</summary>
    StateSet,
}

/// <summary>Spelling of <see cref="MetricType"/> in the two formats.</summary>
public static class MetricTypes
{
    /// <summary>The word behind <c># TYPE</c> in text 0.0.4.</summary>
    public static string TextName(this MetricType type) => type switch
    {
        MetricType.Gauge or MetricType.Info or MetricType.StateSet => "gauge",
        MetricType.Counter => "counter",
        MetricType.Histogram => "histogram",
        MetricType.Summary => "summary",
        _ => "untyped",
    };

    /// <summary>The word behind <c># TYPE</c> in OpenMetrics 1.0.0.</summary>
    public static string OpenMetricsName(this MetricType type) => type switch
    {
        MetricType.Gauge => "gauge",
        MetricType.Counter => "counter",
        MetricType.Histogram => "histogram",
        MetricType.GaugeHistogram => "gaugehistogram",
        MetricType.Summary => "summary",
        MetricType.Info => "info",
        MetricType.StateSet => "stateset",
        _ => "unknown",
    };

    /// <summary>Reads the word behind <c># TYPE</c> of text 0.0.4; false for a word the format does not know.</summary>
    public static bool TryParseText(ReadOnlySpan<byte> word, out MetricType type)
    {
        (type, var known) = word switch
        {
            _ when word.SequenceEqual("gauge"u8) => (MetricType.Gauge, true),
            _ when word.SequenceEqual("counter"u8) => (MetricType.Counter, true),
            _ when word.SequenceEqual("histogram"u8) => (MetricType.Histogram, true),
            _ when word.SequenceEqual("summary"u8) => (MetricType.Summary, true),
            _ when word.SequenceEqual("untyped"u8) => (MetricType.Unknown, true),
            _ => (MetricType.Unknown, false),
        };
        return known;
    }

    /// <summary>Reads the word behind <c># TYPE</c> of OpenMetrics 1.0.0; false for a word the format does not know.</summary>
    public static bool TryParseOpenMetrics(ReadOnlySpan<byte> word, out MetricType type)
    {
        (type, var known) = word switch
        {
            _ when word.SequenceEqual("unknown"u8) => (MetricType.Unknown, true),
            _ when word.SequenceEqual("gaugehistogram"u8) => (MetricType.GaugeHistogram, true),
            _ when word.SequenceEqual("info"u8) => (MetricType.Info, true),
            _ when word.SequenceEqual("stateset"u8) => (MetricType.StateSet, true),
            _ when !word.SequenceEqual("untyped"u8) && TryParseText(word, out type) => (type, true),
            _ => (MetricType.Unknown, false),
        };
        return known;
    }
}
