using System.ComponentModel.DataAnnotations;

namespace Gateway;

/// <summary>What concerns the service as a whole; section <c>Gateway</c>.</summary>
internal sealed class GatewayOptions
{
    public const string Section = "Gateway";

    /// <summary>
    /// Folder of everything that survives a restart (<c>state.db</c>); made when missing. A relative path starts at the working folder. Default <c>var</c>.
    /// </summary>
    [Required, RegularExpression("[^\\0]*", ErrorMessage = "must be a path, without a zero character")]
    public string StateDirectory { get; set; } = "var";

    /// <summary>
    /// How often Prometheus is expected; the same as <c>scrape_interval</c> of its job. Decides when it counts as absent. 1 s to 1 h, default 15 s.
    /// </summary>
    [Range(typeof(TimeSpan), "00:00:01", "01:00:00")]
    public TimeSpan ScrapeInterval { get; set; } = TimeSpan.FromSeconds(15);

    /// <summary>Longest time that a stop waits for requests and collectors under way, and then for the state to be written. 100 ms to 1 min, default 1 s.</summary>
    [Range(typeof(TimeSpan), "00:00:00.1", "00:01:00")]
    public TimeSpan StopTimeout { get; set; } = TimeSpan.FromSeconds(1);
}
