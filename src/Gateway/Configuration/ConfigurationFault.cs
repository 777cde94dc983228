namespace Gateway.Configuration;

/// <summary>One thing wrong in the configuration.</summary>
/// <param name="Key">The key in full, <c>Gateway:ScrapeInterval</c>, or the name of a file.</param>
/// <param name="Value">The value as given; null when it is not the value that is wrong, or must not be shown.</param>
/// <param name="Rule">What would be right, as the end of a sentence: <c>must be …</c>.</param>
/// <param name="Origin">Where the value was given, in brackets after it; empty when that does not matter.</param>
internal readonly record struct ConfigurationFault(string Key, string? Value, string Rule, string Origin = "")
{
    public override string ToString()
    {
        var value = Value is null ? "" : $" = {Quoted.Text(Value)}";
        var origin = Origin.Length == 0 ? "" : $" ({Origin})";
        return $"{Key}{value}{origin}: {Rule}";
    }
}

/// <summary>The configuration cannot be used; the start ends with exit code 2.</summary>
internal sealed class ConfigurationException(IReadOnlyList<ConfigurationFault> faults)
    : Exception($"The configuration has {(faults.Count == 1 ? "one fault" : $"{faults.Count} faults")}:\n  " + string.Join("\n  ", faults))
{
    public IReadOnlyList<ConfigurationFault> Faults { get; } = faults;
}
