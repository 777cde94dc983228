using System.Diagnostics.CodeAnalysis;

namespace Gateway.Exposition;

/// <summary>
/// Reads OpenMetrics 1.0.0 text line by line: a cursor over the bytes of a document whose slices are valid until the next call. Judges the grammar of each
/// line; what lines mean together (types, suffixes, units, families) is judged by <see cref="ExpositionDocument"/>. Allocates nothing per line.
/// </summary>
/// <remarks>
/// Grammar: the ABNF of the OpenMetrics 1.0.0 specification: exactly one space between tokens, no blank lines, no comments but TYPE, UNIT, HELP and EOF,
/// <c># EOF</c> at the end and nothing behind it. Decisions where the specification and Prometheus differ or say nothing:
/// <list type="bullet">
/// <item>The line feed behind <c># EOF</c> may be missing (specification and Prometheus).</item>
/// <item>No comma behind the last label (both; only writers of text 0.0.4 do that).</item>
/// <item>A backslash before any other character than backslash, quote and n stands for itself (specification; Prometheus agrees).</item>
/// <item><c># HELP name</c> needs the space behind the name, the text may be empty (both).</item>
/// <item>NUL is refused although the specification allows it: some readers take it for the end of the document.</item>
/// <item>An exemplar is read, checked and counted by the caller; its content is not kept, because neither the buffer nor text 0.0.4 can carry it.</item>
/// </list>
/// </remarks>
public ref struct OpenMetricsReader
{
    /// <summary>Characters of the labels of an exemplar, names and values together, that the specification allows.</summary>
    private const int MaxExemplarCharacters = 128;

    private const string UnknownType =
        "an unknown type; the format has counter, gauge, histogram, gaugehistogram, summary, info, stateset and unknown";

    private const string OneSpace = "tokens are separated by exactly one space";

    private LineScanner _scanner;

    /// <summary>A reader that stands before the first line.</summary>
    /// <param name="content">The document; must stay unchanged while it is read.</param>
    /// <param name="limits">Bounds.</param>
    public OpenMetricsReader(ReadOnlySpan<byte> content, ParseLimits limits) => _scanner = new LineScanner(content, limits);

    /// <summary>Name of the family in a metadata line, of the sample with its suffix in a sample line.</summary>
    public ReadOnlySpan<byte> Name { get; private set; }

    /// <summary>Help text of a <see cref="LineKind.Help"/> line, still escaped; unit of a <see cref="LineKind.Unit"/> line, may be empty.</summary>
    public ReadOnlySpan<byte> Text { get; private set; }

    /// <summary>Type of a <see cref="LineKind.Type"/> line.</summary>
    public MetricType Type { get; private set; }

    /// <summary>Value of a sample.</summary>
    public double Value { get; private set; }

    /// <summary>Unix milliseconds of a sample, or <see cref="SampleBatch.NoTimestamp"/>.</summary>
    public long TimestampMs { get; private set; }

    /// <summary>1-based column of the exemplar of a sample, 0 when it has none.</summary>
    public int ExemplarColumn { get; private set; }

    /// <summary>Number of labels of a sample.</summary>
    public readonly int LabelCount => _scanner.LabelCount;

    /// <summary>1-based number of the line.</summary>
    public readonly int LineNumber => _scanner.LineNumber;

    /// <summary>1-based column of <see cref="Name"/>.</summary>
    public int NameColumn { get; private set; }

    /// <summary>1-based column of <see cref="Text"/>, the type word or the value.</summary>
    public int ValueColumn { get; private set; }

    /// <summary>The cursor itself, for the labels of a line.</summary>
    [UnscopedRef]
    internal readonly ref readonly LineScanner Scanner => ref _scanner;

    /// <summary>Name of a label.</summary>
    public readonly ReadOnlySpan<byte> LabelName(int index) => _scanner.LabelName(index);

    /// <summary>Value of a label, still escaped.</summary>
    public readonly ReadOnlySpan<byte> EscapedLabelValue(int index) => _scanner.EscapedLabelValue(index);

    /// <summary>1-based column of a label.</summary>
    public readonly int LabelColumn(int index) => _scanner.LabelColumn(index);

    /// <summary>Moves to the next line; <see cref="LineKind.End"/> at <c># EOF</c>, once that has proved to be the end.</summary>
    /// <exception cref="ExpositionFormatException">The line breaks the grammar or a limit, or <c># EOF</c> is missing.</exception>
    public LineKind Read()
    {
        if (!_scanner.TryNextLine())
            throw new ExpositionFormatException(_scanner.LineNumber + 1, 1, "the document does not end with '# EOF'");
        if (_scanner.Line.IsEmpty) throw _scanner.Fault(0, "a blank line; the format has none");
        _scanner.CheckBytes();
        if (_scanner.Peek == '#') return ReadDescriptor();
        ReadSample();
        RequireLineFeed();
        return LineKind.Sample;
    }

    private LineKind ReadDescriptor()
    {
        var line = _scanner.Line;
        if (line.SequenceEqual("# EOF"u8))
        {
            if (!_scanner.IsLastLine) throw new ExpositionFormatException(_scanner.LineNumber + 1, 1, "something behind '# EOF'; the document ends there");
            return LineKind.End;
        }

        var kind = line switch
        {
            _ when line.StartsWith("# HELP "u8) => LineKind.Help,
            _ when line.StartsWith("# TYPE "u8) => LineKind.Type,
            _ when line.StartsWith("# UNIT "u8) => LineKind.Unit,
            _ => throw _scanner.Fault(0, "a line starting with '#' is '# TYPE', '# UNIT', '# HELP' with one space behind, or '# EOF'"),
        };
        _scanner.At = "# HELP ".Length;
        NameColumn = _scanner.At + 1;
        Name = _scanner.ReadMetricName();
        ExpectSpace();
        ValueColumn = _scanner.At + 1;
        Text = line[_scanner.At..];
        if (kind == LineKind.Type)
        {
            if (!MetricTypes.TryParseOpenMetrics(Text, out var type)) throw _scanner.Fault(_scanner.At, UnknownType);
            Type = type;
        }
        else if (kind == LineKind.Unit && !Text.IsEmpty)
        {
            _ = _scanner.ReadMetricName();
            if (!_scanner.IsAtEnd) throw _scanner.Fault(_scanner.At, "a unit is one word of letters, digits, '_' and ':'");
        }

        RequireLineFeed();
        return kind;
    }

    private void ReadSample()
    {
        _scanner.CountSample();
        NameColumn = 1;
        Name = _scanner.ReadMetricName();
        if (_scanner.Peek == '{') _scanner.ReadLabels(lenient: false);
        ExpectSpace();
        ValueColumn = _scanner.At + 1;
        Value = ReadNumber();
        TimestampMs = SampleBatch.NoTimestamp;
        ExemplarColumn = 0;
        if (_scanner.IsAtEnd) return;
        ExpectSpace();
        if (_scanner.Peek != '#')
        {
            TimestampMs = ReadTimestamp();
            if (_scanner.IsAtEnd) return;
            ExpectSpace();
        }

        ReadExemplar();
    }

    private void ReadExemplar()
    {
        ExemplarColumn = _scanner.At + 1;
        if (_scanner.Peek != '#') throw _scanner.Fault(_scanner.At, "something behind the timestamp; only an exemplar, '# {', may follow");
        _scanner.At++;
        ExpectSpace();
        if (_scanner.Peek != '{') throw _scanner.Fault(_scanner.At, "an exemplar starts with its labels in braces");
        // The labels of the sample stay where they are: those of the exemplar are read by a copy of the cursor.
        var exemplar = _scanner;
        exemplar.ReadLabels(lenient: false);
        var characters = 0;
        for (var i = 0; i < exemplar.LabelCount; i++) characters += exemplar.LabelName(i).Length + Characters(exemplar.EscapedLabelValue(i));
        if (characters > MaxExemplarCharacters)
            throw _scanner.Fault(_scanner.At, $"the labels of an exemplar hold at most {MaxExemplarCharacters} characters");
        _scanner.At = exemplar.At;
        ExpectSpace();
        _ = ReadNumber();
        if (_scanner.IsAtEnd) return;
        ExpectSpace();
        _ = ReadTimestamp();
        if (!_scanner.IsAtEnd) throw _scanner.Fault(_scanner.At, "something behind the exemplar; the line ends there");
    }

    /// <summary>Characters of an escaped value: every byte that does not continue one, an escape counting as one.</summary>
    private static int Characters(ReadOnlySpan<byte> escaped)
    {
        var count = 0;
        for (var i = 0; i < escaped.Length; i++)
        {
            if ((escaped[i] & 0xC0) != 0x80) count++;
            if (escaped[i] == '\\' && i + 1 < escaped.Length && escaped[i + 1] is (byte)'\\' or (byte)'n' or (byte)'"') i++;
        }

        return count;
    }

    private double ReadNumber()
    {
        var start = _scanner.At;
        var token = _scanner.ReadToken();
        if (token.IsEmpty && !_scanner.IsAtEnd) throw _scanner.Fault(start, OneSpace);
        if (!SampleValue.TryParse(token, out var value, out var fault)) throw _scanner.Fault(start, fault.Reason());
        return value;
    }

    private long ReadTimestamp()
    {
        var start = _scanner.At;
        var token = _scanner.ReadToken();
        if (token.IsEmpty && !_scanner.IsAtEnd) throw _scanner.Fault(start, OneSpace);
        if (token.IsEmpty) throw _scanner.Fault(start - 1, "a space at the end of the line");
        if (!Timestamps.TryParseSeconds(token, out var milliseconds))
            throw _scanner.Fault(start, "the timestamp is not a decimal number of seconds whose milliseconds fit into 64 bits");
        return milliseconds;
    }

    private void ExpectSpace()
    {
        if (_scanner.Peek != ' ') throw _scanner.Fault(_scanner.At, OneSpace);
        _scanner.At++;
    }

    private readonly void RequireLineFeed()
    {
        if (!_scanner.HasLineFeed) throw _scanner.Fault(_scanner.Line.Length, "the document does not end with '# EOF'");
    }
}
