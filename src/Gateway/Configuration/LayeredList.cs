namespace Gateway.Configuration;

/// <summary>
/// Reads a list: an array in a file (<c>Key:0</c>, <c>Key:1</c>) or one text with commas. The highest layer that has it gives all of it. (The framework merges
/// arrays entry by entry: a shorter list in a higher layer would keep the tail of the one below, and a text below would win over an array above.)
/// </summary>
internal static class LayeredList
{
    /// <summary>The entries; empty when the list is.</summary>
    /// <param name="configuration">All layers.</param>
    /// <param name="section">The list in it.</param>
    public static string[] Read(IConfiguration configuration, IConfigurationSection section)
    {
        if (configuration is not IConfigurationRoot root) return section.Value is { } text ? Split(text) : [.. section.GetChildren().Select(child => child.Value ?? "")];
        foreach (var provider in root.Providers.Reverse())
        {
            if (provider.TryGet(section.Path, out var value) && value is not null) return Split(value);
            var keys = provider.GetChildKeys([], section.Path).Distinct(StringComparer.OrdinalIgnoreCase).Order(ConfigurationKeyComparer.Instance).ToList();
            if (keys.Count > 0) return [.. keys.Select(key => provider.TryGet(ConfigurationPath.Combine(section.Path, key), out var entry) ? entry ?? "" : "")];
        }

        return [];
    }

    private static string[] Split(string text) => text.Split(',', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries);
}
