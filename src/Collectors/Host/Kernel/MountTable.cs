namespace Gateway.Collectors.Host.Kernel;

/// <summary>
/// Steps through a table of mounts (<c>/proc/*/mounts</c>, in the form of fstab(5)): device, mount point, type, options, two numbers. The kernel writes
/// blank, tab, line feed, backslash and hash as a backslash with three octal digits.
/// </summary>
internal ref struct MountTable(ReadOnlySpan<byte> content)
{
    private const int Columns = 4;

    private ReadOnlySpan<byte> _rest = content;
    private int _line;

    /// <summary>The next mount; false at the end.</summary>
    /// <exception cref="FormatException">A line has fewer than four columns; carries its number.</exception>
    public bool TryRead(out MountEntry entry)
    {
        while (!_rest.IsEmpty)
        {
            var end = _rest.IndexOf((byte)'\n');
            var fields = new FieldReader(end < 0 ? _rest : _rest[..end]);
            _rest = end < 0 ? default : _rest[(end + 1)..];
            _line++;
            var device = fields.Next();
            if (device.IsEmpty) continue;
            var mountPoint = fields.Next();
            var type = fields.Next();
            var options = fields.Next();
            if (options.IsEmpty) throw new FormatException($"mounts line {_line}: expected at least {Columns} columns.");
            entry = new MountEntry(device, mountPoint, type, options);
            return true;
        }

        entry = default;
        return false;
    }

    /// <summary>Resolves the octal escapes; gives the part of the buffer that was filled.</summary>
    /// <param name="escaped">Text of a column.</param>
    /// <param name="buffer">At least as long as the text.</param>
    public static ReadOnlySpan<byte> Unescape(ReadOnlySpan<byte> escaped, Span<byte> buffer)
    {
        var length = 0;
        while (!escaped.IsEmpty)
        {
            if (escaped.Length >= 4 && escaped[0] == (byte)'\\' && IsOctal(escaped[1], '3') && IsOctal(escaped[2], '7') && IsOctal(escaped[3], '7'))
            {
                buffer[length++] = (byte)(((escaped[1] - '0') << 6) | ((escaped[2] - '0') << 3) | (escaped[3] - '0'));
                escaped = escaped[4..];
                continue;
            }

            buffer[length++] = escaped[0];
            escaped = escaped[1..];
        }

        return buffer[..length];

        static bool IsOctal(byte digit, char last) => digit >= '0' && digit <= last;
    }

    /// <summary>True when <c>ro</c> is among the options.</summary>
    public static bool IsReadOnly(ReadOnlySpan<byte> options)
    {
        foreach (var range in options.Split((byte)','))
        {
            if (options[range].SequenceEqual("ro"u8)) return true;
        }

        return false;
    }
}

/// <summary>One mount; the texts are slices of the table, escapes included.</summary>
internal readonly ref struct MountEntry(ReadOnlySpan<byte> device, ReadOnlySpan<byte> mountPoint, ReadOnlySpan<byte> type, ReadOnlySpan<byte> options)
{
    public ReadOnlySpan<byte> Device { get; } = device;

    public ReadOnlySpan<byte> MountPoint { get; } = mountPoint;

    public ReadOnlySpan<byte> Type { get; } = type;

    /// <summary>Separated by commas.</summary>
    public ReadOnlySpan<byte> Options { get; } = options;
}
