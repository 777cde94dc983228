namespace Gateway.Exposition;

/// <summary>What a reader stands on.</summary>
public enum LineKind
{
    /// <summary>The document is read to its end.</summary>
    End,

    /// <summary><c># HELP name text</c>.</summary>
    Help,

    /// <summary><c># TYPE name word</c>.</summary>
    Type,

    /// <summary><c># UNIT name unit</c>; OpenMetrics only.</summary>
    Unit,

    /// <summary>A sample.</summary>
    Sample,
}
