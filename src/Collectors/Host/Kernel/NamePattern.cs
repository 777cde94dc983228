using System.ComponentModel.DataAnnotations;
using System.Text.RegularExpressions;

namespace Gateway.Collectors.Host.Kernel;

/// <summary>
/// Regular expressions of options that choose names. They match without backtracking, so that no pattern and no name can make a scrape slow;
/// look-around and back references are therefore not available (nor are they in Prometheus).
/// </summary>
internal static class NamePattern
{
    /// <summary>Longest pattern taken; a longer one is a mistake, and its automaton would cost memory.</summary>
    public const int MaxLength = 1000;

    /// <summary>The pattern, compiled.</summary>
    /// <exception cref="ArgumentException">It is no regular expression.</exception>
    /// <exception cref="NotSupportedException">It needs backtracking.</exception>
    public static Regex Compile(string pattern) =>
        new(pattern, RegexOptions.NonBacktracking | RegexOptions.CultureInvariant | RegexOptions.ExplicitCapture, TimeSpan.FromSeconds(1));

    /// <summary>What is wrong with the pattern of an option; nothing when it is right.</summary>
    public static IEnumerable<ValidationResult> Check(string? pattern, string option)
    {
        var fault = Fault(pattern);
        if (fault is not null) yield return new ValidationResult($"{option}: {fault}", [option]);
    }

    private static string? Fault(string? pattern)
    {
        if (pattern is null) return "expected a regular expression.";
        if (pattern.Length > MaxLength) return $"expected a regular expression of at most {MaxLength} characters, got {pattern.Length}.";
        try
        {
            Compile(pattern);
            return null;
        }
        catch (ArgumentException e)
        {
            return $"expected a regular expression: {e.Message}";
        }
        catch (NotSupportedException)
        {
            return "expected a regular expression without look-around, back references and atomic groups: names are matched without backtracking.";
        }
    }
}
