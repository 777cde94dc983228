namespace Gateway.Exposition;

/// <summary>What is known about a family while its document is read.</summary>
/// <param name="name">Name as the document's metadata lines write it.</param>
internal sealed class FamilyEntry(string name)
{
    /// <summary>Name as the document's metadata lines write it.</summary>
    public string Name { get; } = name;

    /// <summary>Help text; null until a HELP line was read.</summary>
    public string? Help { get; set; }

    /// <summary>Unit; null until a UNIT line was read.</summary>
    public string? Unit { get; set; }

    /// <summary>Type; null until a TYPE line was read.</summary>
    public MetricType? DeclaredType { get; set; }

    /// <summary>Type, unknown when none is declared.</summary>
    public MetricType Type => DeclaredType ?? MetricType.Unknown;

    /// <summary>True when a HELP or TYPE line was read.</summary>
    public bool IsDeclared => Help is not null || DeclaredType is not null;

    /// <summary>The family, from its first sample on.</summary>
    public MetricFamily? Family { get; set; }

    /// <summary>True once lines of another family have followed its own.</summary>
    public bool IsClosed { get; set; }
}
