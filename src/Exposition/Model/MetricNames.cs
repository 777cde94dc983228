using System.Buffers;

namespace Gateway.Exposition;

/// <summary>
/// Grammar of metric and label names in the Prometheus data model: metric <c>[a-zA-Z_:][a-zA-Z0-9_:]*</c>,
/// label <c>[a-zA-Z_][a-zA-Z0-9_]*</c> and not starting with two underscores (reserved for the server).
/// </summary>
public static class MetricNames
{
    private const string Letters = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz_";
    private const string Digits = "0123456789";

    private static readonly SearchValues<char> MetricCharacters = SearchValues.Create(Letters + Digits + ":");
    private static readonly SearchValues<char> LabelCharacters = SearchValues.Create(Letters + Digits);

    /// <summary>What a metric name must look like, for error messages.</summary>
    public const string MetricRule = "a metric name starts with a letter, '_' or ':' and goes on with letters, digits, '_' and ':'";

    /// <summary>What a label name must look like, for error messages.</summary>
    public const string LabelRule = "a label name starts with a letter or '_', goes on with letters, digits and '_', and does not start with '__'";

    /// <summary>True for a legal metric name.</summary>
    public static bool IsMetricName(ReadOnlySpan<char> name) =>
        !name.IsEmpty && !char.IsAsciiDigit(name[0]) && !name.ContainsAnyExcept(MetricCharacters);

    /// <summary>True for a legal label name that an exposition may carry.</summary>
    public static bool IsLabelName(ReadOnlySpan<char> name) =>
        !name.IsEmpty && !char.IsAsciiDigit(name[0]) && !name.ContainsAnyExcept(LabelCharacters) && !name.StartsWith("__", StringComparison.Ordinal);
}
