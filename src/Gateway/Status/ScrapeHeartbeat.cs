namespace Gateway.Status;

/// <summary>When a scraper was here last.</summary>
/// <param name="Endpoint">Path of the endpoint, without query.</param>
/// <param name="Consumer">Name of the consumer.</param>
/// <param name="Time">End of the last valid scrape, by the wall clock of that moment.</param>
/// <param name="Age">Time since then; measured by a clock that does not jump if it was in this run of the service.</param>
internal readonly record struct ScrapeHeartbeat(string Endpoint, string Consumer, DateTimeOffset Time, TimeSpan Age);
