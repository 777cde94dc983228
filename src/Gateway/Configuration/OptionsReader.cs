using System.ComponentModel.DataAnnotations;
using System.Globalization;
using System.Reflection;

namespace Gateway.Configuration;

/// <summary>
/// Fills options classes from the configuration and collects every fault on the way — values that do not parse, values out of range, keys that nobody
/// reads — so that an operator sees all of them at once. (The framework's binder stops at the first value it cannot convert, passes over unknown keys, and
/// appends to lists instead of replacing them.)
/// </summary>
/// <remarks>
/// A property is a string, a whole number, a fraction, a truth value, a duration (see <see cref="Durations"/>), an enumeration or a list of strings.
/// Rules come from validation attributes and <see cref="IValidatableObject"/>. The key of a property is its name, in any case.
/// </remarks>
internal sealed class OptionsReader(IConfiguration configuration)
{
    private readonly List<ConfigurationFault> _faults = [];

    public IReadOnlyList<ConfigurationFault> Faults => _faults;

    public void Add(ConfigurationFault fault) => _faults.Add(fault);

    /// <summary>True when something is wrong with a key.</summary>
    public bool Has(string key) => _faults.Exists(fault => fault.Key.Equals(key, StringComparison.OrdinalIgnoreCase));

    /// <summary>Reads a section into a new object. Faults are collected; the object then holds defaults in their place.</summary>
    /// <param name="section">Full name of the section.</param>
    /// <param name="otherKeys">Keys of the section that someone else reads.</param>
    public T Read<T>(string section, params ReadOnlySpan<string> otherKeys)
        where T : new() => (T)Read(typeof(T), section, otherKeys);

    /// <inheritdoc cref="Read{T}"/>
    public object Read(Type type, string section, params ReadOnlySpan<string> otherKeys)
    {
        var options = Activator.CreateInstance(type) ?? throw new InvalidOperationException($"{type} cannot be created.");
        var properties = Properties(type);
        RefuseValue(section);
        foreach (var child in configuration.GetSection(section).GetChildren())
        {
            var property = Array.Find(properties, p => p.Name.Equals(child.Key, StringComparison.OrdinalIgnoreCase));
            if (property is not null) Fill(options, property, child);
            else if (!Contains(otherKeys, child.Key)) ReportUnknown(child, [.. properties.Select(p => p.Name), .. otherKeys]);
        }

        Validate(options, section);
        return options;
    }

    /// <summary>Fills a map whose keys are names that the operator chooses; each must have a single value.</summary>
    public void ReadMap(string section, IDictionary<string, string> map)
    {
        RefuseValue(section);
        foreach (var child in configuration.GetSection(section).GetChildren())
        {
            if (child.GetChildren().Any()) _faults.Add(new(child.Path, null, "must be a single value, not a section"));
            else if (child.Value is { } value) map[child.Key] = value;
        }
    }

    /// <summary>The sections <c>0</c>, <c>1</c>, … of a list, in order of their numbers; anything else below it is a fault.</summary>
    public IReadOnlyList<string> ReadIndexes(string section)
    {
        RefuseValue(section);
        List<(int Index, string Path)> found = [];
        foreach (var child in configuration.GetSection(section).GetChildren())
        {
            if (int.TryParse(child.Key, NumberStyles.None, CultureInfo.InvariantCulture, out var index)) found.Add((index, child.Path));
            else _faults.Add(new(child.Path, child.Value, "must be a number: the list is written as an array, or as 0, 1 and so on"));
        }

        return [.. found.OrderBy(entry => entry.Index).Select(entry => entry.Path)];
    }

    /// <summary>Reports the children of a section (of the root, if it is empty) that are none of the known keys.</summary>
    public void RefuseUnknown(string section, IReadOnlyCollection<string> known)
    {
        if (section.Length > 0) RefuseValue(section);
        foreach (var child in section.Length == 0 ? configuration.GetChildren() : configuration.GetSection(section).GetChildren())
        {
            if (!known.Contains(child.Key, StringComparer.OrdinalIgnoreCase)) ReportUnknown(child, known);
        }
    }

    /// <summary>Names of the options of a class, in the order of their declaration.</summary>
    public static PropertyInfo[] Properties(Type type) =>
        [.. type.GetProperties(BindingFlags.Public | BindingFlags.Instance).Where(property => property.CanWrite)];

    private void Fill(object options, PropertyInfo property, IConfigurationSection child)
    {
        if (property.PropertyType == typeof(string[]))
        {
            property.SetValue(options, LayeredList.Read(configuration, child));
            return;
        }

        if (child.Value is not { } text)
        {
            if (child.GetChildren().Any()) _faults.Add(new(child.Path, null, "must be a single value, not a section"));
            return;
        }

        if (TryConvert(text, property.PropertyType, out var value, out var rule)) property.SetValue(options, value);
        else _faults.Add(new(child.Path, text, $"must be {rule}", Origin(child.Path)));
    }

    /// <summary>A section that was given a value would be passed over with all that was meant by it.</summary>
    private void RefuseValue(string section)
    {
        if (configuration.GetSection(section).Value is { Length: > 0 } value) AddOnce(new(section, value, "must be a section with keys of its own", Origin(section)));
    }

    /// <summary>Two classes may read one section; both find the same fault.</summary>
    private void AddOnce(ConfigurationFault fault)
    {
        if (!Has(fault.Key)) _faults.Add(fault);
    }

    private static bool TryConvert(string text, Type type, out object? value, out string rule)
    {
        type = Nullable.GetUnderlyingType(type) ?? type;
        (var done, value, rule) = type switch
        {
            _ when type == typeof(string) => (true, text, ""),
            _ when type == typeof(bool) => (bool.TryParse(text, out var v), v, "true or false"),
            _ when type == typeof(int) => (int.TryParse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var v), v, "a whole number"),
            _ when type == typeof(long) => (long.TryParse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var v), v, "a whole number"),
            _ when type == typeof(double) => (double.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out var v), v, "a number"),
            _ when type == typeof(TimeSpan) => (Durations.TryParse(text, out var v), v, Durations.Rule),
            _ when type.IsEnum => (TryEnum(type, text, out var v), v, "one of " + string.Join(", ", Enum.GetNames(type).Select(name => name.ToLowerInvariant()))),
            _ => throw new InvalidOperationException($"No option may have the type {type}."),
        };
        return done;
    }

    private static bool TryEnum(Type type, string text, out object? value) =>
        Enum.TryParse(type, text, ignoreCase: true, out value) && Array.Exists(Enum.GetNames(type), name => name.Equals(text, StringComparison.OrdinalIgnoreCase));

    private void Validate(object options, string section)
    {
        foreach (var property in Properties(options.GetType()))
        {
            var key = $"{section}:{property.Name}";
            if (Has(key)) continue;
            foreach (var rule in property.GetCustomAttributes<ValidationAttribute>())
            {
                var value = property.GetValue(options);
                if (!rule.IsValid(value)) _faults.Add(new(key, Show(value), Describe(rule), Origin(key)));
            }
        }

        if (options is not IValidatableObject validatable) return;
        foreach (var result in validatable.Validate(new ValidationContext(options)))
        {
            var name = result.MemberNames.FirstOrDefault();
            var key = name is null ? section : $"{section}:{name}";
            if (Has(key)) continue;
            var value = name is null ? null : Show(options.GetType().GetProperty(name)?.GetValue(options));
            _faults.Add(new(key, value, result.ErrorMessage ?? "is not valid", Origin(key)));
        }
    }

    private static string Describe(ValidationAttribute rule) => rule switch
    {
        { ErrorMessage: { } message } => message,
        RangeAttribute range when range.OperandType == typeof(TimeSpan) =>
            $"must be between {Limit(range.Minimum)} and {Limit(range.Maximum)}",
        RangeAttribute range => string.Create(CultureInfo.InvariantCulture, $"must be between {range.Minimum} and {range.Maximum}"),
        RequiredAttribute => "must not be empty",
        _ => rule.FormatErrorMessage("The value"),
    };

    private static string Limit(object limit) => limit switch
    {
        TimeSpan duration => Durations.Format(duration),
        string text when TimeSpan.TryParse(text, CultureInfo.InvariantCulture, out var duration) => Durations.Format(duration),
        _ => limit.ToString() ?? "",
    };

    private static string? Show(object? value) => value switch
    {
        null => null,
        TimeSpan duration => Durations.Format(duration),
        string[] list => string.Join(", ", list),
        IFormattable formattable => formattable.ToString(null, CultureInfo.InvariantCulture),
        _ => value.ToString(),
    };

    private void ReportUnknown(IConfigurationSection child, IEnumerable<string> known)
    {
        var parent = child.Path[..^child.Key.Length];
        var nearest = Nearest(child.Key, known);
        AddOnce(new(
            child.Path,
            child.Value,
            nearest is null
                ? $"is not a known key; known here: {string.Join(", ", known.Order(StringComparer.OrdinalIgnoreCase))}"
                : $"is not a known key; did you mean {parent}{nearest}?",
            Origin(child.Path)));
    }

    private static string? Nearest(string key, IEnumerable<string> known)
    {
        const int MostEdits = 3;
        var best = known.MinBy(name => Distance(key, name));
        return best is not null && Distance(key, best) <= Math.Min(MostEdits, key.Length / 2) ? best : null;
    }

    /// <summary>Levenshtein distance, upper and lower case alike.</summary>
    private static int Distance(string a, string b)
    {
        var row = new int[b.Length + 1];
        for (var j = 0; j <= b.Length; j++) row[j] = j;
        for (var i = 1; i <= a.Length; i++)
        {
            var diagonal = row[0];
            row[0] = i;
            for (var j = 1; j <= b.Length; j++)
            {
                var cost = char.ToLowerInvariant(a[i - 1]) == char.ToLowerInvariant(b[j - 1]) ? 0 : 1;
                (diagonal, row[j]) = (row[j], Math.Min(Math.Min(row[j] + 1, row[j - 1] + 1), diagonal + cost));
            }
        }

        return row[^1];
    }

    private static bool Contains(ReadOnlySpan<string> keys, string key)
    {
        foreach (var candidate in keys)
        {
            if (candidate.Equals(key, StringComparison.OrdinalIgnoreCase)) return true;
        }

        return false;
    }

    /// <summary>Which layer the effective value of a key comes from.</summary>
    public string Origin(string key)
    {
        if (configuration is not IConfigurationRoot root) return "";
        foreach (var provider in root.Providers.Reverse())
        {
            if (provider.TryGet(key, out _) || provider.GetChildKeys([], key).Any()) return ConfigurationLayers.NameOf(provider);
        }

        return "";
    }
}
