namespace Gateway.Collectors;

/// <summary>
/// Makes a class a collector: the host finds it by this attribute. The name is at the same time the key under <c>Gateway:Collectors</c> and the value of
/// the label <c>collector</c>.
/// </summary>
/// <param name="name">Lower-case letters, digits and underscores; unique.</param>
[AttributeUsage(AttributeTargets.Class, Inherited = false)]
public sealed class CollectorAttribute(string name) : Attribute
{
    /// <summary>Name, configuration key and label value.</summary>
    public string Name { get; } = name;

    /// <summary>One line for people: what it reads and from where.</summary>
    public string Summary { get; set; } = "";

    /// <summary>When it runs if the configuration does not say otherwise.</summary>
    public CollectorSchedule Schedule { get; set; } = CollectorSchedule.OnScrape;

    /// <summary>
    /// Class of its own settings, bound from <c>Gateway:Collectors:{name}</c>, checked by its validation attributes and
    /// <see cref="System.ComponentModel.DataAnnotations.IValidatableObject"/>, and handed to the constructor; null when it has none.
    /// </summary>
    public Type? Options { get; set; }
}

/// <summary>When a collector runs.</summary>
public enum CollectorSchedule
{
    /// <summary>Within each scrape.</summary>
    OnScrape,

    /// <summary>On a clock of its own; a scrape serves the last result. The interval is <c>Gateway:Collectors:{name}:Schedule</c>, one minute unless set.</summary>
    Timed,
}
