using Gateway.Collectors;

namespace Gateway.Scrape;

/// <summary>A collector with the settings under which it runs.</summary>
/// <param name="Name">Unique name; the label <c>collector</c> of its self metrics.</param>
/// <param name="Collector">The collector; disposed of when it is taken out, if it can be.</param>
internal sealed record CollectorRegistration(string Name, ICollector Collector)
{
    /// <summary>One line for people.</summary>
    public string Summary { get; init; } = "";

    /// <summary>Longest run.</summary>
    public TimeSpan Timeout { get; init; } = TimeSpan.FromSeconds(5);

    /// <summary>Interval on a clock of its own; null for a run in each scrape.</summary>
    public TimeSpan? Schedule { get; init; }

    /// <summary>How long the last result of a scheduled collector is served.</summary>
    public TimeSpan MaxAge { get; init; } = TimeSpan.FromMinutes(3);

    /// <summary>Samples it may give per run.</summary>
    public int MaxSamples { get; init; } = int.MaxValue;
}
