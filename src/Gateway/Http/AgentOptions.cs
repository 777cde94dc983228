using System.ComponentModel.DataAnnotations;

namespace Gateway.Http;

/// <summary>
/// Which <c>User-Agent</c> may use which endpoints; section <c>Gateway:Agents</c>. An entry matches agents that start with it, upper and lower case told
/// apart; after an entry that ends in <c>/</c> a digit must follow; <c>*</c> matches any agent. A list is an array, or one text with commas.
/// This keeps honest clients apart; it is no authentication.
/// </summary>
internal sealed class AgentOptions : IValidatableObject
{
    public const string Section = "Gateway:Agents";

    /// <summary>May scrape. Default <c>Prometheus/</c>.</summary>
    public string[] Scrapers { get; set; } = ["Prometheus/"];

    /// <summary>May push and delete. Default <c>metrics_pusher</c>.</summary>
    public string[] Pushers { get; set; } = ["metrics_pusher"];

    /// <summary>May ask for the state. Default <c>checker</c>.</summary>
    public string[] Checkers { get; set; } = ["checker"];

    public IEnumerable<ValidationResult> Validate(ValidationContext validationContext)
    {
        foreach (var (name, list) in new[] { (nameof(Scrapers), Scrapers), (nameof(Pushers), Pushers), (nameof(Checkers), Checkers) })
        {
            if (list.Length == 0 || list.Any(string.IsNullOrWhiteSpace))
                yield return new("must name at least one agent and no empty one (* for any)", [name]);
        }
    }
}
