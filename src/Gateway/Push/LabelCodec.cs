using System.Text;

namespace Gateway.Push;

/// <summary>
/// Labels of a series as one byte string, the column <c>series.labels</c>: name and value in UTF-8, each followed by the byte 0xFF, which no UTF-8 contains; so two
/// label sets never share an encoding.
/// </summary>
internal static class LabelCodec
{
    private const byte End = 0xFF;

    /// <summary>Throws at half a surrogate pair and at bytes that are no UTF-8.</summary>
    private static readonly UTF8Encoding Strict = new(encoderShouldEmitUTF8Identifier: false, throwOnInvalidBytes: true);

    /// <exception cref="EncoderFallbackException">A string holds half a surrogate pair.</exception>
    public static byte[] Encode(string[] names, string[] values)
    {
        var size = 0;
        for (var i = 0; i < names.Length; i++) size += Strict.GetByteCount(names[i]) + Strict.GetByteCount(values[i]) + 2;
        var bytes = new byte[size];
        var at = 0;
        for (var i = 0; i < names.Length; i++)
        {
            at += Strict.GetBytes(names[i], bytes.AsSpan(at));
            bytes[at++] = End;
            at += Strict.GetBytes(values[i], bytes.AsSpan(at));
            bytes[at++] = End;
        }

        return bytes;
    }

    /// <summary>False for bytes that <see cref="Encode"/> never gives.</summary>
    public static bool TryDecode(ReadOnlySpan<byte> bytes, out string[] names, out string[] values)
    {
        (names, values) = ([], []);
        var ends = bytes.Count(End);
        if ((ends & 1) != 0 || (!bytes.IsEmpty && bytes[^1] != End)) return false;
        var (foundNames, foundValues) = (new string[ends / 2], new string[ends / 2]);
        try
        {
            for (var i = 0; i < ends; i++)
            {
                var length = bytes.IndexOf(End);
                var text = Strict.GetString(bytes[..length]);
                if ((i & 1) == 0) foundNames[i / 2] = text;
                else foundValues[i / 2] = text;
                bytes = bytes[(length + 1)..];
            }
        }
        catch (DecoderFallbackException)
        {
            return false;
        }

        (names, values) = (foundNames, foundValues);
        return true;
    }
}
