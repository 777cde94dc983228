namespace Gateway.Push;

/// <summary>
/// Reads a duration in either of two spellings: Go (<c>1h30m</c>, <c>90s</c>, <c>1.5h</c>; units h, m, s, ms, us, µs, ns; https://pkg.go.dev/time#ParseDuration)
/// or ISO 8601 with weeks, days and times (<c>PT1H30M</c>, <c>P1DT12H</c>). Years and months have no fixed length and are refused. A sign is refused: a duration of
/// the future is meant.
/// </summary>
internal static class PushDuration
{
    public const string Rule = "a duration is written like 90s, 1h30m or 1.5h, or in ISO 8601 like PT1H30M or P7D, at least 1 ms and at most 3650 days";

    /// <summary>Longest duration taken: ten years, beyond which "never" is meant.</summary>
    public static readonly TimeSpan Longest = TimeSpan.FromDays(3650);

    /// <summary>Shortest duration taken; anything finer is cut off.</summary>
    public static readonly TimeSpan Shortest = TimeSpan.FromMilliseconds(1);

    /// <summary>Digits of one number; more cannot matter within <see cref="Longest"/> and would not fit.</summary>
    private const int MaxDigits = 18;

    private static readonly (char Designator, decimal Milliseconds)[] IsoDateUnits = [('W', 604_800_000), ('D', 86_400_000)];
    private static readonly (char Designator, decimal Milliseconds)[] IsoTimeUnits = [('H', 3_600_000), ('M', 60_000), ('S', 1000)];

    /// <summary>The duration in whole milliseconds; false when the text is none, or outside <see cref="Shortest"/> and <see cref="Longest"/>.</summary>
    public static bool TryParse(ReadOnlySpan<char> text, out TimeSpan duration)
    {
        duration = default;
        var (known, milliseconds) = text is ['P', ..] ? ReadIso(text[1..]) : ReadGo(text);
        if (!known || milliseconds < (decimal)Shortest.TotalMilliseconds || milliseconds > (decimal)Longest.TotalMilliseconds) return false;
        duration = TimeSpan.FromMilliseconds((long)milliseconds);
        return true;
    }

    private static (bool Known, decimal Milliseconds) ReadGo(ReadOnlySpan<char> text)
    {
        if (text.IsEmpty) return (false, 0);
        var total = 0m;
        while (!text.IsEmpty)
        {
            if (!TryReadNumber(ref text, pointOnly: true, out var number, out _)) return (false, 0);
            var length = text.IndexOfAnyInRange('0', '9');
            var point = text.IndexOf('.');
            if (length < 0 || (point >= 0 && point < length)) length = point >= 0 ? point : text.Length;
            var unit = text[..length] switch
            {
                "h" => 3_600_000m,
                "m" => 60_000m,
                "s" => 1000m,
                "ms" => 1m,
                "us" or "µs" or "μs" => 0.001m, // micro sign and Greek letter
                "ns" => 0.000_001m,
                _ => 0m,
            };
            if (unit == 0 || !TryAdd(ref total, number, unit)) return (false, 0);
            text = text[length..];
        }

        return (true, total);
    }

    private static (bool Known, decimal Milliseconds) ReadIso(ReadOnlySpan<char> text)
    {
        var split = text.IndexOf('T');
        var date = split < 0 ? text : text[..split];
        var time = split < 0 ? [] : text[(split + 1)..];
        if ((split >= 0 && time.IsEmpty) || text.IsEmpty) return (false, 0);
        var total = 0m;
        return ReadIsoPart(date, IsoDateUnits, fractionAllowed: split < 0, ref total) && ReadIsoPart(time, IsoTimeUnits, fractionAllowed: true, ref total)
            ? (true, total)
            : (false, 0);
    }

    /// <summary>Numbers with designators in their fixed order, each at most once; a fraction only in the last one.</summary>
    private static bool ReadIsoPart(
        ReadOnlySpan<char> text, ReadOnlySpan<(char Designator, decimal Milliseconds)> units, bool fractionAllowed, ref decimal total)
    {
        while (!text.IsEmpty)
        {
            if (!TryReadNumber(ref text, pointOnly: false, out var number, out var fraction) || text.IsEmpty) return false;
            var at = 0;
            while (at < units.Length && units[at].Designator != text[0]) at++;
            if (at == units.Length || !TryAdd(ref total, number, units[at].Milliseconds)) return false;
            text = text[1..];
            if (fraction && !(fractionAllowed && text.IsEmpty)) return false;
            units = units[(at + 1)..];
        }

        return true;
    }

    /// <summary>Digits with an optional fraction; a digit must stand before or behind the point. ISO 8601 also takes a comma.</summary>
    private static bool TryReadNumber(ref ReadOnlySpan<char> text, bool pointOnly, out decimal number, out bool fraction)
    {
        number = 0;
        fraction = false;
        var digits = 0;
        var scale = 1m;
        var at = 0;
        for (; at < text.Length; at++)
        {
            var c = text[at];
            if (!fraction && (c == '.' || (c == ',' && !pointOnly)))
            {
                fraction = true;
                continue;
            }

            if (!char.IsAsciiDigit(c)) break;
            if (++digits > MaxDigits) return false;
            number = number * 10 + (c - '0');
            if (fraction) scale *= 10;
        }

        text = text[at..];
        number /= scale;
        return digits > 0;
    }

    private static bool TryAdd(ref decimal total, decimal number, decimal unit)
    {
        // At most 10^18 × 604,800,000 and a few of them: far below the range of a decimal, so the sum is exact and only then compared.
        total += number * unit;
        return total <= (decimal)Longest.TotalMilliseconds;
    }
}
