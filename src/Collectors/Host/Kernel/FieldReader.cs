namespace Gateway.Collectors.Host.Kernel;

/// <summary>Steps through the fields of a kernel file line: runs of bytes between blanks and tabs.</summary>
internal ref struct FieldReader(ReadOnlySpan<byte> line)
{
    private ReadOnlySpan<byte> _rest = line;

    /// <summary>The next field; empty when there is none.</summary>
    public ReadOnlySpan<byte> Next()
    {
        _rest = _rest.TrimStart(" \t"u8);
        var end = _rest.IndexOfAny(" \t\n"u8);
        var field = end < 0 ? _rest : _rest[..end];
        _rest = _rest[field.Length..];
        return field;
    }

    /// <summary>The next field as a number.</summary>
    /// <exception cref="FormatException">There is none, or it is not an unsigned integer; the message names <paramref name="what"/>.</exception>
    public ulong NextUInt64(string what)
    {
        var field = Next();
        return System.Buffers.Text.Utf8Parser.TryParse(field, out ulong value, out var used) && used == field.Length
            ? value
            : throw new FormatException($"{what}: expected an unsigned integer.");
    }
}
