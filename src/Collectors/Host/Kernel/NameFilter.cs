using System.ComponentModel.DataAnnotations;
using System.Text.RegularExpressions;

namespace Gateway.Collectors.Host.Kernel;

/// <summary>
/// Decides by two regular expressions which names a collector takes, and remembers the answer per name. The expressions run in time linear to the name
/// (no lookarounds and back references, as in RE2). Not thread-safe.
/// </summary>
/// <param name="include">What to take; empty takes everything.</param>
/// <param name="exclude">What to leave out of that; empty leaves out nothing.</param>
/// <param name="wholeName">True when an expression has to match the whole name, false when a part of it is enough.</param>
/// <exception cref="ArgumentException">An expression does not parse; <see cref="Check"/> tells before.</exception>
/// <exception cref="NotSupportedException">An expression uses lookarounds or back references.</exception>
internal sealed class NameFilter(string include, string exclude, bool wholeName = false)
{
    /// <summary>Names remembered; above this number the memory starts again.</summary>
    private const int MaxNames = 4096;

    private readonly Regex? _include = include.Length == 0 ? null : Build(include, wholeName);
    private readonly Regex? _exclude = exclude.Length == 0 ? null : Build(exclude, wholeName);
    private readonly Dictionary<string, bool> _known = new(StringComparer.Ordinal);

    /// <summary>True when the name is included and not excluded.</summary>
    public bool Takes(string name)
    {
        if (_known.TryGetValue(name, out var takes)) return takes;
        if (_known.Count >= MaxNames) _known.Clear();
        return _known[name] = (_include is null || _include.IsMatch(name)) && (_exclude is null || !_exclude.IsMatch(name));
    }

    /// <summary>Nothing for a usable expression, otherwise what is wrong with it.</summary>
    /// <param name="pattern">Value of the option.</param>
    /// <param name="option">Name of the option.</param>
    public static IEnumerable<ValidationResult> Check(string? pattern, string option)
    {
        var fault = Fault(pattern);
        if (fault is not null) yield return new ValidationResult($"{option} is not a usable regular expression: {fault}", [option]);
    }

    private static string? Fault(string? pattern)
    {
        if (pattern is null) return "it is null; leave the key out or give an empty text.";
        try
        {
            _ = Build(pattern, wholeName: true);
            return null;
        }
        catch (NotSupportedException)
        {
            return "lookarounds, back references and very large repetitions are not supported.";
        }
        catch (ArgumentException e)
        {
            return e.Message;
        }
    }

    private static Regex Build(string pattern, bool wholeName) =>
        new(wholeName ? $@"\A(?:{pattern})\z" : pattern, RegexOptions.NonBacktracking | RegexOptions.CultureInvariant);
}
