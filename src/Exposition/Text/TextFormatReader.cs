using System.Buffers;
using System.Diagnostics.CodeAnalysis;
using System.Text;

namespace Gateway.Exposition;

/// <summary>
/// Reads Prometheus text 0.0.4 line by line: a cursor over the bytes of a document whose slices are valid until the next call. Judges the grammar of each
/// line; what lines mean together (types, families, duplicates) is judged by <see cref="ExpositionDocument"/>. Allocates nothing per line.
/// </summary>
/// <remarks>
/// Grammar: "Exposition formats" of the Prometheus documentation, decided in doubt by the parser behind <c>promtool check metrics</c>, the node_exporter
/// textfile collector and Pushgateway, which is stricter than the one of the scrape loop:
/// <list type="bullet">
/// <item>Every line ends in a line feed; a document that stops inside a line was cut. Only blanks may follow the last line feed.</item>
/// <item>Blanks (space, tab) may stand before the name and between tokens, but not behind the value or timestamp; a carriage return is no blank.</item>
/// <item>Words of <c># TYPE</c> in any case, as that parser has them; <c># HELP</c> and <c># TYPE</c> without a name are comments; <c># TYPE name</c> without
/// a word is a fault here, because it says nothing.</item>
/// <item>Unknown escapes, in labels and in help, are faults; label names starting with <c>__</c> too, since a server drops or overwrites them.</item>
/// <item>Comments may hold any bytes; all other lines are UTF-8 without NUL.</item>
/// <item>The timestamp is an integer in milliseconds, optionally signed.</item>
/// </list>
/// </remarks>
public ref struct TextFormatReader
{
    /// <summary>Longest word that can be a type.</summary>
    private const int MaxTypeWord = 16;

    private LineScanner _scanner;

    /// <summary>A reader that stands before the first line.</summary>
    /// <param name="content">The document; must stay unchanged while it is read.</param>
    /// <param name="limits">Bounds.</param>
    public TextFormatReader(ReadOnlySpan<byte> content, ParseLimits limits) => _scanner = new LineScanner(content, limits);

    /// <summary>Metric name of the line.</summary>
    public ReadOnlySpan<byte> Name { get; private set; }

    /// <summary>Help text of a <see cref="LineKind.Help"/> line, still escaped.</summary>
    public ReadOnlySpan<byte> EscapedHelp { get; private set; }

    /// <summary>Type of a <see cref="LineKind.Type"/> line.</summary>
    public MetricType Type { get; private set; }

    /// <summary>Value of a sample.</summary>
    public double Value { get; private set; }

    /// <summary>Unix milliseconds of a sample, or <see cref="SampleBatch.NoTimestamp"/>.</summary>
    public long TimestampMs { get; private set; }

    /// <summary>Number of labels of a sample.</summary>
    public readonly int LabelCount => _scanner.LabelCount;

    /// <summary>1-based number of the line.</summary>
    public readonly int LineNumber => _scanner.LineNumber;

    /// <summary>1-based column of <see cref="Name"/>.</summary>
    public int NameColumn { get; private set; }

    /// <summary>The cursor itself, for the labels of a line.</summary>
    [UnscopedRef]
    internal readonly ref readonly LineScanner Scanner => ref _scanner;

    /// <summary>Name of a label.</summary>
    public readonly ReadOnlySpan<byte> LabelName(int index) => _scanner.LabelName(index);

    /// <summary>Value of a label, still escaped.</summary>
    public readonly ReadOnlySpan<byte> EscapedLabelValue(int index) => _scanner.EscapedLabelValue(index);

    /// <summary>1-based column of a label.</summary>
    public readonly int LabelColumn(int index) => _scanner.LabelColumn(index);

    /// <summary>Moves to the next line that is no comment and not blank.</summary>
    /// <exception cref="ExpositionFormatException">The line breaks the grammar or a limit.</exception>
    public LineKind Read()
    {
        while (_scanner.TryNextLine())
        {
            _scanner.SkipBlanks();
            if (_scanner.IsAtEnd) continue;
            var kind = _scanner.Peek == '#' ? ReadComment() : ReadSample();
            if (!_scanner.HasLineFeed) throw _scanner.Fault(_scanner.Line.Length, "the last line does not end in a line feed; the document was cut");
            if (kind != LineKind.End) return kind;
        }

        return LineKind.End;
    }

    private LineKind ReadComment()
    {
        _scanner.At++;
        _scanner.SkipBlanks();
        var keyword = _scanner.ReadToken();
        var isHelp = keyword.SequenceEqual("HELP"u8);
        if (!isHelp && !keyword.SequenceEqual("TYPE"u8)) return LineKind.End;
        _scanner.SkipBlanks();
        if (_scanner.IsAtEnd) return LineKind.End;
        _scanner.CheckBytes();
        NameColumn = _scanner.At + 1;
        Name = _scanner.ReadMetricName();
        if (!_scanner.IsAtEnd && _scanner.Peek is not ((byte)' ' or (byte)'\t')) throw _scanner.Fault(_scanner.At, MetricNames.MetricRule);
        _scanner.SkipBlanks();
        if (isHelp) ReadHelp();
        else ReadType();
        return isHelp ? LineKind.Help : LineKind.Type;
    }

    private void ReadHelp()
    {
        EscapedHelp = _scanner.Line[_scanner.At..];
        for (var at = _scanner.At; ; at += 2)
        {
            var stop = _scanner.Line[at..].IndexOf((byte)'\\');
            if (stop < 0) return;
            at += stop;
            if (at + 1 == _scanner.Line.Length || _scanner.Line[at + 1] is not ((byte)'\\' or (byte)'n'))
                throw _scanner.Fault(at, "an unknown escape in a help text; only \\\\ and \\n are");
        }
    }

    private void ReadType()
    {
        var word = _scanner.Line[_scanner.At..];
        if (word.IsEmpty) throw _scanner.Fault(_scanner.At, "a TYPE line names a type: counter, gauge, histogram, summary or untyped");
        Span<byte> lower = stackalloc byte[MaxTypeWord];
        if (word.Length > MaxTypeWord || Ascii.ToLower(word, lower, out var length) != OperationStatus.Done || !MetricTypes.TryParseText(lower[..length], out var type))
            throw _scanner.Fault(_scanner.At, "an unknown type; the format has counter, gauge, histogram, summary and untyped");
        Type = type;
    }

    private LineKind ReadSample()
    {
        _scanner.CheckBytes();
        _scanner.CountSample();
        NameColumn = _scanner.At + 1;
        Name = _scanner.ReadMetricName();
        var nameEnd = _scanner.At;
        _scanner.SkipBlanks();
        if (_scanner.Peek == '{')
        {
            _scanner.ReadLabels(lenient: true);
            _scanner.SkipBlanks();
        }
        else if (!_scanner.IsAtEnd && _scanner.At == nameEnd)
        {
            throw _scanner.Fault(_scanner.At, MetricNames.MetricRule);
        }

        var valueStart = _scanner.At;
        if (!SampleValue.TryParse(_scanner.ReadToken(), out var value, out var fault)) throw _scanner.Fault(valueStart, fault.Reason());
        Value = value;
        TimestampMs = SampleBatch.NoTimestamp;
        if (!_scanner.IsAtEnd) ReadTimestamp();
        return LineKind.Sample;
    }

    private void ReadTimestamp()
    {
        var blank = _scanner.At;
        _scanner.SkipBlanks();
        if (_scanner.IsAtEnd) throw _scanner.Fault(blank, "white space behind the value; the line ends there or goes on with a timestamp");
        var start = _scanner.At;
        var token = _scanner.ReadToken();
        if (!Timestamps.TryParseMilliseconds(token, out var milliseconds))
            throw _scanner.Fault(start, "the timestamp is not an integer number of milliseconds within 64 bits");
        if (!_scanner.IsAtEnd) throw _scanner.Fault(_scanner.At, "something behind the timestamp; the line ends there");
        TimestampMs = milliseconds;
    }
}
