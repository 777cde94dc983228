using System.Globalization;
using System.Text;

namespace Gateway.Push;

/// <summary>Text from outside, made fit for a message: in quotes, printable ASCII only, short.</summary>
internal static class Quoted
{
    /// <summary>Characters of the original that are shown; the rest becomes three dots.</summary>
    public const int MaxCharacters = 80;

    /// <summary>The text in single quotes; quotes, backslashes, control and non-ASCII characters are escaped as <c>\u{hex}</c> (quote and backslash as themselves).</summary>
    public static string Text(ReadOnlySpan<char> text)
    {
        var shown = text.Length > MaxCharacters ? text[..MaxCharacters] : text;
        var result = new StringBuilder(shown.Length + 8).Append('\'');
        foreach (var c in shown)
        {
            if (c is '\'' or '\\') result.Append('\\').Append(c);
            else if (c is >= ' ' and <= '~') result.Append(c);
            else result.Append(CultureInfo.InvariantCulture, $"\\u{{{(int)c:x}}}");
        }

        if (shown.Length < text.Length) result.Append("...");
        return result.Append('\'').ToString();
    }
}
