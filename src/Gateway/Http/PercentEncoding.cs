using System.Buffers;
using System.Text;
using System.Text.Unicode;

namespace Gateway.Http;

/// <summary>Decodes percent-encoding (RFC 3986 §2.1) once, into strict UTF-8: what does not decode is refused instead of guessed.</summary>
internal static class PercentEncoding
{
    /// <summary>Decodes a segment of a path. False when an escape is not two hexadecimal digits, or the bytes are no UTF-8.</summary>
    public static bool TryDecode(ReadOnlySpan<char> raw, out string value) => TryDecode(raw, plusIsSpace: false, out value);

    /// <summary>Splits and decodes a query; <c>+</c> stands for a space there, as HTML forms and <c>curl --data-urlencode</c> write it.</summary>
    /// <param name="query">With or without the question mark; may be empty.</param>
    /// <param name="options">One pair per occurrence, in the order of the request.</param>
    public static bool TryDecodeQuery(ReadOnlySpan<char> query, out List<KeyValuePair<string, string>> options)
    {
        options = [];
        query = query.TrimStart('?');
        foreach (var range in query.Split('&'))
        {
            var option = query[range];
            if (option.IsEmpty) continue;
            var equals = option.IndexOf('=');
            if (!TryDecode(equals < 0 ? option : option[..equals], plusIsSpace: true, out var name)) return false;
            if (!TryDecode(equals < 0 ? [] : option[(equals + 1)..], plusIsSpace: true, out var value)) return false;
            options.Add(new(name, value));
        }

        return true;
    }

    private static bool TryDecode(ReadOnlySpan<char> raw, bool plusIsSpace, out string value)
    {
        if (raw.IndexOf('%') < 0 && (!plusIsSpace || raw.IndexOf('+') < 0))
        {
            value = raw.ToString();
            return true;
        }

        value = "";
        var bytes = ArrayPool<byte>.Shared.Rent(Encoding.UTF8.GetMaxByteCount(raw.Length));
        try
        {
            var length = 0;
            for (var i = 0; i < raw.Length; i++)
            {
                switch (raw[i])
                {
                    case '%':
                        if (i + 2 >= raw.Length || !char.IsAsciiHexDigit(raw[i + 1]) || !char.IsAsciiHexDigit(raw[i + 2])) return false;
                        bytes[length++] = (byte)((HexDigit(raw[i + 1]) << 4) | HexDigit(raw[i + 2]));
                        i += 2;
                        break;
                    case '+' when plusIsSpace:
                        bytes[length++] = (byte)' ';
                        break;
                    default:
                        // The web server lets only ASCII through here.
                        length += Encoding.UTF8.GetBytes(raw.Slice(i, 1), bytes.AsSpan(length));
                        break;
                }
            }

            if (!Utf8.IsValid(bytes.AsSpan(0, length))) return false;
            value = Encoding.UTF8.GetString(bytes, 0, length);
            return true;
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(bytes);
        }
    }

    private static int HexDigit(char c) => char.IsAsciiDigit(c) ? c - '0' : (c | 0x20) - 'a' + 10;
}
