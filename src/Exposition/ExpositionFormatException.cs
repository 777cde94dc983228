namespace Gateway.Exposition;

/// <summary>
/// A document breaks the exposition format or a limit. The sender's fault: an endpoint answers 400 with the position and <see cref="Reason"/>;
/// neither holds a byte of what was sent.
/// </summary>
/// <param name="lineNumber">1-based line of the first fault.</param>
/// <param name="column">1-based byte of the line where it starts.</param>
/// <param name="reason">What is wrong and what would be right.</param>
public sealed class ExpositionFormatException(int lineNumber, int column, string reason) : FormatException($"line {lineNumber}, column {column}: {reason}")
{
    /// <summary>1-based line of the first fault.</summary>
    public int LineNumber { get; } = lineNumber;

    /// <summary>1-based position in the line, counted in bytes.</summary>
    public int Column { get; } = column;

    /// <summary>What is wrong, free of the sender's data.</summary>
    public string Reason { get; } = reason;
}
