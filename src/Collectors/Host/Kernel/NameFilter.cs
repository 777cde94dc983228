using System.Text.RegularExpressions;

namespace Gateway.Collectors.Host.Kernel;

/// <summary>
/// Decides by two regular expressions (see <see cref="NamePattern"/>) which names a collector takes, and remembers the answer per name. Not thread-safe.
/// </summary>
/// <param name="include">What to take; empty takes everything.</param>
/// <param name="exclude">What to leave out of that; empty leaves out nothing.</param>
/// <param name="wholeName">True when an expression has to match the whole name, false when a part of it is enough.</param>
/// <exception cref="ArgumentException">An expression does not parse; <see cref="NamePattern.Check"/> tells before.</exception>
internal sealed class NameFilter(string include, string exclude, bool wholeName = false)
{
    /// <summary>Names remembered; above this number the memory starts again.</summary>
    private const int MaxNames = 4096;

    private readonly Regex? _include = include.Length == 0 ? null : NamePattern.Compile(include, wholeName);
    private readonly Regex? _exclude = exclude.Length == 0 ? null : NamePattern.Compile(exclude, wholeName);
    private readonly Dictionary<string, bool> _known = new(StringComparer.Ordinal);

    /// <summary>True when the name is included and not excluded.</summary>
    public bool Takes(string name)
    {
        if (_known.TryGetValue(name, out var takes)) return takes;
        if (_known.Count >= MaxNames) _known.Clear();
        return _known[name] = (_include is null || _include.IsMatch(name)) && (_exclude is null || !_exclude.IsMatch(name));
    }
}
