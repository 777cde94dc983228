using System.Text;

namespace Gateway.Exposition;

/// <summary>
/// Escapes of the two formats. Label values: backslash, double quote, line feed (both formats, and help in OpenMetrics).
/// Help in text 0.0.4: backslash and line feed only. Half a surrogate pair cannot be written as UTF-8 and becomes U+FFFD.
/// </summary>
internal static class Escaping
{
    /// <summary>Escaped label value; also help in OpenMetrics.</summary>
    public static string LabelValue(string value) => value.AsSpan().IndexOfAny('\\', '"', '\n') < 0 ? value : Escape(value, quote: true);

    /// <summary>Escaped help of text 0.0.4.</summary>
    public static string Help(string value) => value.AsSpan().IndexOfAny('\\', '\n') < 0 ? value : Escape(value, quote: false);

    /// <summary>
    /// The text as it reads back from UTF-8: every half of a surrogate pair is U+FFFD. Label values are kept so, because two values that are written alike
    /// must be found equal.
    /// </summary>
    public static string Encodable(string value) =>
        value.AsSpan().IndexOfAnyInRange('\uD800', '\uDFFF') < 0 ? value : Encoding.UTF8.GetString(Encoding.UTF8.GetBytes(value));

    private static string Escape(string value, bool quote)
    {
        var result = new StringBuilder(value.Length + 8);
        foreach (var c in value)
        {
            _ = c switch
            {
                '\\' => result.Append("\\\\"),
                '\n' => result.Append("\\n"),
                '"' when quote => result.Append("\\\""),
                _ => result.Append(c),
            };
        }

        return result.ToString();
    }
}
