using System.Text;

namespace Gateway.Exposition;

/// <summary>
/// Puts the lines of a document together: which family owns which sample name, whether the lines of a family stand together, whether a series came before.
/// Shared by both formats; their own rules are in <see cref="TextDocumentParser"/> and <see cref="OpenMetricsDocumentParser"/>. One document, one thread.
/// </summary>
internal sealed class DocumentBuilder(ParseLimits limits)
{
    private const string Split = "the lines of a family stand together; this family was left for another one before";

    private readonly Dictionary<string, FamilyEntry> _owners = new(StringComparer.Ordinal);
    private readonly HashSet<string> _strings = new(StringComparer.Ordinal);
    private readonly List<(Series Series, double Value, long TimestampMs)> _rows = [];
    private readonly HashSet<Series> _seen = new(SameFamilyAndSample.Instance);
    private readonly SampleBatch _batch = new();
    private FamilyEntry? _current;
    private string[] _lastNames = [];
    private char[] _characters = new char[256];
    private byte[] _bytes = new byte[256];
    private int _families;

    /// <summary>The family that owns a name, as its own or as the name of one of its samples; null when none does.</summary>
    public FamilyEntry? OwnerOf(ReadOnlySpan<byte> name) =>
        _owners.GetAlternateLookup<ReadOnlySpan<char>>().TryGetValue(Decode(name), out var entry) ? entry : null;

    /// <summary>A new family.</summary>
    /// <exception cref="ExpositionFormatException">The document has too many.</exception>
    public FamilyEntry AddFamily(ReadOnlySpan<byte> name, int line, int column)
    {
        if (++_families > limits.MaxFamilies) throw new ExpositionFormatException(line, column, $"the document holds more than {limits.MaxFamilies} families");
        var entry = new FamilyEntry(Encoding.ASCII.GetString(name));
        _owners.Add(entry.Name, entry);
        return entry;
    }

    /// <summary>Gives the names of further samples to a family.</summary>
    /// <exception cref="ExpositionFormatException">One belongs to another family.</exception>
    public void Reserve(FamilyEntry entry, ReadOnlySpan<string> suffixes, int line, int column)
    {
        foreach (var suffix in suffixes)
        {
            if (_owners.TryAdd(entry.Name + suffix, entry)) continue;
            var reason = $"the samples of this type have suffix {suffix}, but the name with it is another family of this document";
            throw new ExpositionFormatException(line, column, reason);
        }
    }

    /// <summary>Makes a family the current one, which ends the one before.</summary>
    /// <param name="entry">The family.</param>
    /// <param name="line">Line of the fault if there is one.</param>
    /// <param name="column">Its column.</param>
    /// <param name="strict">
    /// True for OpenMetrics: a family that had only metadata so far is ended as well. False for text: families without any metadata may come back.
    /// </param>
    /// <exception cref="ExpositionFormatException">The family was left before.</exception>
    public void Enter(FamilyEntry entry, int line, int column, bool strict = false)
    {
        if (ReferenceEquals(entry, _current)) return;
        if (entry.IsClosed && (strict || entry.IsDeclared)) throw new ExpositionFormatException(line, column, Split);
        Close();
        if (strict) _current?.IsClosed = true;
        _current = entry;
    }

    /// <summary>Sets the help of a family that was not left yet.</summary>
    /// <exception cref="ExpositionFormatException">It has one, or was left before.</exception>
    public void SetHelp(FamilyEntry entry, ReadOnlySpan<byte> escaped, int line, int column)
    {
        if (entry.Help is not null) throw new ExpositionFormatException(line, column, "a second HELP line for the family");
        if (entry.IsClosed) throw new ExpositionFormatException(line, column, Split);
        entry.Help = Encoding.UTF8.GetString(Unescape(escaped));
        if (entry.Family is null) return;
        // Help behind the samples: rare, so they are simply built anew.
        entry.Family = entry.Family.WithHelp(entry.Help);
        for (var i = 0; i < _rows.Count; i++)
        {
            _rows[i] = _rows[i] with { Series = _rows[i].Series.Copy(entry.Family) };
            _seen.Add(_rows[i].Series);
        }
    }

    /// <summary>Adds a sample of the current line to the current family.</summary>
    /// <param name="scanner">Stands on the line; gives the labels.</param>
    /// <param name="role">Its part in the family.</param>
    /// <param name="boundLabel">Number of the label that holds the bound, -1 when none does.</param>
    /// <param name="bound">The bound.</param>
    /// <param name="value">The value.</param>
    /// <param name="timestampMs">Unix milliseconds or none.</param>
    /// <param name="column">Where the sample starts.</param>
    /// <exception cref="ExpositionFormatException">The series came before.</exception>
    public void AddSample(in LineScanner scanner, SampleRole role, int boundLabel, double bound, double value, long timestampMs, int column)
    {
        var names = Names(scanner, boundLabel);
        var values = names.Length == 0 ? [] : new string[names.Length];
        for (int i = 0, to = 0; i < scanner.LabelCount; i++)
        {
            if (i != boundLabel) values[to++] = Intern(Unescape(scanner.EscapedLabelValue(i)));
        }

        var family = _current!.Family!; // the parsers enter a family and build it before its first sample
        var series = Series.Create(family, names, values, role, bound);
        if (!_seen.Add(series)) throw new ExpositionFormatException(scanner.LineNumber, column, "the series has a sample in this document already");
        _rows.Add((series, value, timestampMs));
    }

    /// <summary>Ends the document and returns its samples, which nobody changes any more.</summary>
    public SampleBatch Finish()
    {
        Close();
        _batch.Freeze();
        return _batch;
    }

    private void Close()
    {
        if (_current is null) return;
        _current.IsClosed = _current.Family is not null || _current.IsClosed;
        foreach (var (series, value, timestampMs) in _rows) _batch.Add(series.Family, series, value, timestampMs);
        _rows.Clear();
    }

    /// <summary>The label names of the line; the array of the line before when they are the same, as they mostly are.</summary>
    private string[] Names(in LineScanner scanner, int boundLabel)
    {
        var count = scanner.LabelCount - (boundLabel >= 0 ? 1 : 0);
        if (count == 0) return [];
        if (HasLastNames(scanner, boundLabel, count)) return _lastNames;
        var names = new string[count];
        for (int i = 0, to = 0; i < scanner.LabelCount; i++)
        {
            if (i != boundLabel) names[to++] = Intern(scanner.LabelName(i));
        }

        return _lastNames = names;
    }

    private bool HasLastNames(in LineScanner scanner, int boundLabel, int count)
    {
        if (_lastNames.Length != count) return false;
        for (int i = 0, to = 0; i < scanner.LabelCount; i++)
        {
            if (i != boundLabel && !Ascii.Equals(scanner.LabelName(i), _lastNames[to++])) return false;
        }

        return true;
    }

    /// <summary>The same string for the same text: label values repeat from series to series.</summary>
    private string Intern(ReadOnlySpan<byte> utf8)
    {
        if (utf8.IsEmpty) return "";
        var text = Decode(utf8);
        var lookup = _strings.GetAlternateLookup<ReadOnlySpan<char>>();
        if (lookup.TryGetValue(text, out var known)) return known;
        var added = text.ToString();
        _strings.Add(added);
        return added;
    }

    private ReadOnlySpan<char> Decode(ReadOnlySpan<byte> utf8)
    {
        if (_characters.Length < utf8.Length) _characters = new char[Math.Max(utf8.Length, _characters.Length * 2)];
        return _characters.AsSpan(0, Encoding.UTF8.GetChars(utf8, _characters));
    }

    private ReadOnlySpan<byte> Unescape(ReadOnlySpan<byte> escaped)
    {
        if (!escaped.Contains((byte)'\\')) return escaped;
        if (_bytes.Length < escaped.Length) _bytes = new byte[Math.Max(escaped.Length, _bytes.Length * 2)];
        return _bytes.AsSpan(0, Unescaping.Write(escaped, _bytes));
    }

    /// <summary>The same sample of the same family object; a document has one object per family.</summary>
    private sealed class SameFamilyAndSample : IEqualityComparer<Series>
    {
        public static readonly SameFamilyAndSample Instance = new();

        public bool Equals(Series? x, Series? y) => ReferenceEquals(x?.Family, y?.Family) && SeriesIdentity.Sample.Equals(x, y);

        public int GetHashCode(Series series) =>
            HashCode.Combine(System.Runtime.CompilerServices.RuntimeHelpers.GetHashCode(series.Family), SeriesIdentity.Sample.GetHashCode(series));
    }
}
