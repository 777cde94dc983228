using System.ComponentModel.DataAnnotations;
using System.Text.RegularExpressions;

namespace Gateway.Collectors.Host.Kernel;

/// <summary>
/// Regular expressions of options that choose names. A match has <see cref="MatchTimeout"/>; one that needs longer fails its collector with a message instead of
/// holding up the scrape. (The engine without backtracking would need no limit, but building its automata took 130 ms of the start and 15 MiB of memory.)
/// </summary>
internal static class NamePattern
{
    /// <summary>Ample for any sensible pattern on a name: those take microseconds.</summary>
    public static readonly TimeSpan MatchTimeout = TimeSpan.FromMilliseconds(100);

    /// <summary>Longest pattern taken; a longer one is a mistake.</summary>
    public const int MaxLength = 4096;

    /// <summary>The pattern, compiled.</summary>
    /// <param name="pattern">Value of the option.</param>
    /// <param name="wholeName">True when it has to match the whole name, false when a part of it is enough.</param>
    /// <exception cref="ArgumentException">It is no regular expression; <see cref="Check"/> tells before.</exception>
    public static Regex Compile(string pattern, bool wholeName = false) =>
        new(wholeName ? $@"\A(?:{pattern})\z" : pattern, RegexOptions.CultureInvariant | RegexOptions.ExplicitCapture, MatchTimeout);

    /// <summary>What is wrong with the pattern of an option, as a rule (<c>must be …</c>); nothing when it is right.</summary>
    /// <param name="pattern">Value of the option.</param>
    /// <param name="option">Name of the option.</param>
    public static IEnumerable<ValidationResult> Check(string? pattern, string option)
    {
        if (Fault(pattern) is { } fault) yield return new ValidationResult(fault, [option]);
    }

    private static string? Fault(string? pattern)
    {
        if (pattern is null) return "must be a regular expression; leave the key out or give an empty text";
        if (pattern.Length > MaxLength) return $"must be a regular expression of at most {MaxLength} characters, it has {pattern.Length}";
        try
        {
            // Both forms: "a)|(b" is right only within the brackets of the second, and "(?x)a #" only without them.
            _ = Compile(pattern);
            _ = Compile(pattern, wholeName: true);
            return null;
        }
        catch (ArgumentException e)
        {
            return $"must be a regular expression: {e.Message}";
        }
    }
}
