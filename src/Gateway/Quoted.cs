using System.Globalization;
using System.Text;

namespace Gateway;

/// <summary>Shows text of unknown origin in an error or a log line: in quotes, cut to a length, and without a byte that could start a line or a colour.</summary>
internal static class Quoted
{
    /// <summary>Characters shown before the text is cut.</summary>
    public const int MaxCharacters = 80;

    /// <summary>The text in double quotes; control characters, quotes, backslashes and what is not ASCII are escaped as in JSON.</summary>
    public static string Text(ReadOnlySpan<char> text, int maxCharacters = MaxCharacters)
    {
        var result = new StringBuilder(Math.Min(text.Length, maxCharacters) + 2).Append('"');
        foreach (var c in text[..Math.Min(text.Length, maxCharacters)])
        {
            _ = c switch
            {
                '"' => result.Append("\\\""),
                '\\' => result.Append("\\\\"),
                '\n' => result.Append("\\n"),
                '\r' => result.Append("\\r"),
                '\t' => result.Append("\\t"),
                < ' ' or > '~' => result.Append(CultureInfo.InvariantCulture, $"\\u{(int)c:x4}"),
                _ => result.Append(c),
            };
        }

        result.Append('"');
        return text.Length > maxCharacters ? result.Append(CultureInfo.InvariantCulture, $"… ({text.Length} characters)").ToString() : result.ToString();
    }
}
