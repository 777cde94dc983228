using System.ComponentModel.DataAnnotations;

namespace Gateway.Scrape;

/// <summary>What every collector has; section <c>Gateway:Collectors:{name}</c>. Options of its own stand beside these.</summary>
internal sealed class CollectorOptions : IValidatableObject
{
    public const string Section = "Gateway:Collectors";

    /// <summary>Whether it runs. Default false for a collector that no layer of the configuration names.</summary>
    public bool Enabled { get; set; }

    /// <summary>Longest run; never longer than the scrape itself, unless it runs on a schedule. 10 ms to 1 h, default 5 s.</summary>
    [Range(typeof(TimeSpan), "00:00:00.01", "01:00:00")]
    public TimeSpan Timeout { get; set; } = TimeSpan.FromSeconds(5);

    /// <summary>Interval on a clock of its own; 0 s (the default for most) runs it in each scrape. 1 s to 1 d.</summary>
    public TimeSpan? Schedule { get; set; }

    /// <summary>How long the last result of a scheduled collector is served when it fails. Default three times the schedule. 1 s to 7 d.</summary>
    public TimeSpan? MaxAge { get; set; }

    public IEnumerable<ValidationResult> Validate(ValidationContext validationContext)
    {
        if (Schedule is { } schedule && schedule != TimeSpan.Zero && (schedule < TimeSpan.FromSeconds(1) || schedule > TimeSpan.FromDays(1)))
            yield return new("must be 0s (in each scrape) or between 1s and 1d", [nameof(Schedule)]);
        if (MaxAge is { } age && (age < TimeSpan.FromSeconds(1) || age > TimeSpan.FromDays(7)))
            yield return new("must be between 1s and 7d", [nameof(MaxAge)]);
        else if (MaxAge < Schedule)
            yield return new("must not be shorter than the schedule: the samples would be absent between two runs", [nameof(MaxAge)]);
    }
}
