namespace Gateway.Cli.Arguments;

/// <summary>An option of the command line.</summary>
/// <param name="Name">With its two dashes.</param>
/// <param name="Value">Name of its value in the help; null for a switch.</param>
/// <param name="Help">What it does, one or two sentences.</param>
internal sealed record Option(string Name, string? Value, string Help)
{
    /// <summary>The command does not run without it.</summary>
    public bool IsRequired { get; init; }

    /// <summary>May be given several times.</summary>
    public bool IsRepeatable { get; init; }

    /// <summary>Name and value as the help shows them.</summary>
    public string Usage => Value is null ? Name : $"{Name} {Value}";
}
