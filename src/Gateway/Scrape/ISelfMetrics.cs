using Gateway.Collectors;

namespace Gateway.Scrape;

/// <summary>A part of the service that has figures of its own to show on <c>/prom/metrics</c>, prefix <c>gateway_</c>, <c>process_</c> or <c>dotnet_</c>.</summary>
internal interface ISelfMetrics
{
    /// <summary>Adds the figures of this moment: quick, from memory, never waiting. Called by one thread at a time.</summary>
    void Write(MetricSink sink);
}
