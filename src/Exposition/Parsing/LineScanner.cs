using System.Buffers;
using System.Runtime.CompilerServices;
using System.Text;
using System.Text.Unicode;

namespace Gateway.Exposition;

/// <summary>
/// The part of the grammar that both formats share: lines, names, label sets and escapes, as a cursor over the bytes of a document. Slices out, nothing is
/// allocated; every fault names its line and byte. Where the formats differ (white space, trailing comma, unknown escapes), the caller says which it wants.
/// </summary>
internal ref struct LineScanner(ReadOnlySpan<byte> content, ParseLimits limits)
{
    private static readonly SearchValues<byte> MetricCharacters =
        SearchValues.Create("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz_0123456789:"u8);

    private static readonly SearchValues<byte> LabelCharacters =
        SearchValues.Create("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz_0123456789"u8);

    private readonly ReadOnlySpan<byte> _content = content;
    private int _next;
    private int _samples;
    private LabelSlots _labels;

    /// <summary>The current line without its line feed.</summary>
    public ReadOnlySpan<byte> Line { get; private set; }

    /// <summary>1-based number of the current line.</summary>
    public int LineNumber { get; private set; }

    /// <summary>Next byte of the line to look at.</summary>
    public int At { get; set; }

    /// <summary>False only for a last line that ends with the document.</summary>
    public bool HasLineFeed { get; private set; }

    /// <summary>Labels of the current line.</summary>
    public int LabelCount { get; private set; }

    /// <summary>True at the end of the line.</summary>
    public readonly bool IsAtEnd => At >= Line.Length;

    /// <summary>True behind the last line.</summary>
    public readonly bool IsLastLine => _next >= _content.Length;

    /// <summary>The next byte, or 0 at the end of the line.</summary>
    public readonly byte Peek => At < Line.Length ? Line[At] : (byte)0;

    /// <summary>Moves to the next line; false at the end.</summary>
    /// <exception cref="ExpositionFormatException">The document or the line is too long.</exception>
    public bool TryNextLine()
    {
        if (LineNumber == 0 && _content.Length > limits.MaxBytes)
            throw new ExpositionFormatException(1, 1, $"the document is longer than {limits.MaxBytes} bytes");
        if (_next >= _content.Length) return false;
        var rest = _content[_next..];
        var end = rest.IndexOf((byte)'\n');
        HasLineFeed = end >= 0;
        Line = HasLineFeed ? rest[..end] : rest;
        _next += Line.Length + (HasLineFeed ? 1 : 0);
        LineNumber++;
        At = 0;
        LabelCount = 0;
        if (Line.Length > limits.MaxLineBytes) throw Fault(limits.MaxLineBytes, $"the line is longer than {limits.MaxLineBytes} bytes");
        return true;
    }

    /// <summary>A fault at a 0-based byte of the current line.</summary>
    public readonly ExpositionFormatException Fault(int at, string reason) => new(LineNumber, at + 1, reason);

    /// <summary>Counts the sample of this line.</summary>
    /// <exception cref="ExpositionFormatException">One too many.</exception>
    public void CountSample()
    {
        if (++_samples > limits.MaxSamples) throw Fault(0, $"the document holds more than {limits.MaxSamples} samples");
    }

    /// <summary>Makes sure that the line is UTF-8 without NUL, which some readers take for the end of the document.</summary>
    /// <exception cref="ExpositionFormatException">It is not; the column is the first wrong byte.</exception>
    public readonly void CheckBytes()
    {
        var nul = Line.IndexOf((byte)0);
        if (nul < 0 && Utf8.IsValid(Line)) return;
        for (var at = 0; at < Line.Length;)
        {
            if (Line[at] == 0) throw Fault(at, "a NUL byte; text holds none");
            if (Rune.DecodeFromUtf8(Line[at..], out _, out var length) != OperationStatus.Done) throw Fault(at, "not UTF-8");
            at += length;
        }
    }

    /// <summary>Skips spaces and tabs.</summary>
    public void SkipBlanks()
    {
        while (At < Line.Length && Line[At] is (byte)' ' or (byte)'\t') At++;
    }

    /// <summary>Everything up to the next space or tab.</summary>
    public ReadOnlySpan<byte> ReadToken()
    {
        var rest = Line[At..];
        var end = rest.IndexOfAny((byte)' ', (byte)'\t');
        if (end < 0) end = rest.Length;
        At += end;
        return rest[..end];
    }

    /// <summary>A metric name.</summary>
    /// <exception cref="ExpositionFormatException">There is none.</exception>
    public ReadOnlySpan<byte> ReadMetricName()
    {
        var name = Take(MetricCharacters);
        if (name.IsEmpty || name[0] <= '9') ThrowMetricName(At - name.Length, name);
        return name;
    }

    /// <summary>A label set with its braces; the cursor stands on the opening one.</summary>
    /// <param name="lenient">Text 0.0.4: white space between tokens, a comma behind the last label, known escapes only. Otherwise OpenMetrics.</param>
    /// <exception cref="ExpositionFormatException">The set is malformed, names a label twice or has too many.</exception>
    public void ReadLabels(bool lenient)
    {
        At++;
        LabelCount = 0;
        if (lenient) SkipBlanks();
        if (Peek == '}')
        {
            At++;
            return;
        }

        while (true)
        {
            ReadLabel(lenient);
            if (lenient) SkipBlanks();
            var separator = Peek;
            if (separator is not ((byte)',' or (byte)'}')) throw Fault(At, "a label value is followed by ',' or '}'");
            At++;
            if (separator == '}') return;
            if (!lenient) continue;
            SkipBlanks();
            if (Peek != '}') continue;
            At++;
            return;
        }
    }

    /// <summary>Name of a label.</summary>
    public readonly ReadOnlySpan<byte> LabelName(int index) => Line.Slice(_labels[index].NameStart, _labels[index].NameLength);

    /// <summary>Value of a label as it stands in the line, with its escapes.</summary>
    public readonly ReadOnlySpan<byte> EscapedLabelValue(int index) => Line.Slice(_labels[index].ValueStart, _labels[index].ValueLength);

    /// <summary>1-based column of a label.</summary>
    public readonly int LabelColumn(int index) => _labels[index].NameStart + 1;

    private void ReadLabel(bool lenient)
    {
        if (LabelCount == limits.MaxLabels) throw Fault(At, $"the sample has more than {limits.MaxLabels} labels");
        var nameStart = At;
        var name = Take(LabelCharacters);
        if (name.IsEmpty || char.IsAsciiDigit((char)name[0])) throw Fault(nameStart, "a label name is missing: a letter or '_', then letters, digits and '_'");
        if (name.StartsWith("__"u8)) throw Fault(nameStart, "label names that start with '__' are reserved for the server");
        CheckDistinct(name, nameStart);
        if (lenient) SkipBlanks();
        if (Peek != '=') throw Fault(At, "a label name is followed by '='");
        At++;
        if (lenient) SkipBlanks();
        if (Peek != '"') throw Fault(At, "a label value starts with a double quote");
        var valueStart = ++At;
        SkipLabelValue(lenient);
        _labels[LabelCount++] = new LabelSlot(nameStart, name.Length, valueStart, At - valueStart);
        At++;
    }

    private readonly void CheckDistinct(ReadOnlySpan<byte> name, int nameStart)
    {
        for (var i = 0; i < LabelCount; i++)
        {
            if (LabelName(i).SequenceEqual(name)) throw Fault(nameStart, "the sample names a label twice");
        }
    }

    /// <summary>Moves to the closing quote.</summary>
    private void SkipLabelValue(bool lenient)
    {
        while (true)
        {
            var stop = Line[At..].IndexOfAny((byte)'"', (byte)'\\');
            if (stop < 0) throw Fault(Line.Length, "a label value ends with a double quote on the same line; a line feed in it is written \\n");
            At += stop;
            if (Line[At] == '"') return;
            var escaped = At + 1 < Line.Length ? Line[At + 1] : (byte)0;
            if (lenient && escaped is not ((byte)'\\' or (byte)'"' or (byte)'n'))
                throw Fault(At, "an unknown escape in a label value; only \\\\, \\\" and \\n are");
            At = Math.Min(At + 2, Line.Length);
        }
    }

    private ReadOnlySpan<byte> Take(SearchValues<byte> characters)
    {
        var rest = Line[At..];
        var end = rest.IndexOfAnyExcept(characters);
        if (end < 0) end = rest.Length;
        At += end;
        return rest[..end];
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private readonly void ThrowMetricName(int at, ReadOnlySpan<byte> name) =>
        throw Fault(at, name.IsEmpty ? "a metric name is missing" : MetricNames.MetricRule);
}
