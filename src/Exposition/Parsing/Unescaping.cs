namespace Gateway.Exposition;

/// <summary>
/// Takes the escapes of the two formats back: <c>\\</c>, <c>\n</c> and <c>\"</c>. A backslash before anything else stands for itself (OpenMetrics only).
/// </summary>
internal static class Unescaping
{
    /// <summary>Writes the plain bytes; <paramref name="target"/> is at least as long as the text. Returns how many.</summary>
    public static int Write(ReadOnlySpan<byte> escaped, Span<byte> target)
    {
        var written = 0;
        while (true)
        {
            var stop = escaped.IndexOf((byte)'\\');
            if (stop < 0 || stop == escaped.Length - 1)
            {
                escaped.CopyTo(target[written..]);
                return written + escaped.Length;
            }

            escaped[..stop].CopyTo(target[written..]);
            written += stop;
            var next = escaped[stop + 1];
            if (next is not ((byte)'\\' or (byte)'n' or (byte)'"')) target[written++] = (byte)'\\';
            target[written++] = next == 'n' ? (byte)'\n' : next;
            escaped = escaped[(stop + 2)..];
        }
    }
}
