namespace Gateway.Collectors.Host.Kernel;

/// <summary>Steps through the lines of a kernel file and counts them, so that a fault can say where it is. Blank lines are passed over.</summary>
/// <param name="content">The file.</param>
/// <param name="file">Its name for messages, for example <c>stat</c>.</param>
internal ref struct LineReader(ReadOnlySpan<byte> content, string file)
{
    private readonly string _file = file;
    private ReadOnlySpan<byte> _rest = content;

    /// <summary>Number of the line read last, counted from 1.</summary>
    public int Number { get; private set; }

    /// <summary>The next line without its end; false after the last one.</summary>
    public bool TryNext(out ReadOnlySpan<byte> line)
    {
        while (!_rest.IsEmpty)
        {
            var end = _rest.IndexOf((byte)'\n');
            line = end < 0 ? _rest : _rest[..end];
            _rest = end < 0 ? default : _rest[(end + 1)..];
            Number++;
            if (!line.Trim(" \t\r"u8).IsEmpty) return true;
        }

        line = default;
        return false;
    }

    /// <summary>The fault of the line read last.</summary>
    /// <param name="expected">What would be right, as the end of "expected …".</param>
    public readonly FormatException Malformed(string expected) => new($"{_file}, line {Number}: expected {expected}.");
}
