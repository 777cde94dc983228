using Gateway.Exposition;

namespace Gateway.Push;

/// <summary>One push, checked as far as it can be without knowing what is held; made by <see cref="PushRequest"/>.</summary>
/// <param name="Key">Its series.</param>
/// <param name="Value">Any double, NaN and infinities included.</param>
/// <param name="Type">Gauge, counter or unknown; null keeps the type of the metric (a new one becomes a gauge).</param>
/// <param name="Help">Null keeps the help of the metric.</param>
/// <param name="Ttl">After this time without another push the series is removed; null: never. A push without it ends an earlier one's.</param>
/// <param name="TimestampMs">Explicit Unix ms; <see cref="SampleBatch.NoTimestamp"/> for a value of the moment of each scrape.</param>
internal readonly record struct PushedValue(
    SeriesKey Key, double Value, MetricType? Type = null, string? Help = null, TimeSpan? Ttl = null, long TimestampMs = SampleBatch.NoTimestamp);
