namespace Gateway.Collectors;

/// <summary>A collector gave more samples than it may (<c>Gateway:Scrape:MaxSamplesPerCollector</c>); the whole run is dropped.</summary>
/// <param name="limit">The limit.</param>
public sealed class SampleLimitException(int limit) : Exception($"more than {limit} samples; the run is dropped (limit: Gateway:Scrape:MaxSamplesPerCollector)")
{
    /// <summary>The limit that was passed.</summary>
    public int Limit { get; } = limit;
}
