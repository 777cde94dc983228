using System.IO.Compression;
using Gateway.Buffering.Codec;
using Gateway.Exposition;

namespace Gateway.Buffering.Tests.Codec;

/// <summary>
/// Snapshots recorded as text 0.0.4 with a timestamp on each line, snapshot after snapshot, compressed with gzip: as rows and their roster.
/// </summary>
internal sealed class RecordedSnapshots
{
    private static readonly ParseLimits Limits = new() { MaxSamples = 1_000_000, MaxFamilies = 100_000 };

    private readonly Dictionary<SeriesKey, int> _ids = [];

    /// <summary>The roster, in the order of first appearance.</summary>
    public List<Series> Roster { get; } = [];

    /// <summary>One row per timestamp, in the order of the file.</summary>
    public List<SnapshotRow> Rows { get; } = [];

    /// <summary>Samples in all rows.</summary>
    public long Samples => Rows.Sum(row => (long)row.Count);

    public static RecordedSnapshots Read(string path)
    {
        using var file = new GZipStream(File.OpenRead(path), CompressionMode.Decompress);
        using var all = new MemoryStream();
        file.CopyTo(all);
        var recorded = new RecordedSnapshots();
        var content = all.GetBuffer().AsSpan(0, (int)all.Length);
        var (start, at) = (0, 0);
        ReadOnlySpan<byte> time = default;
        while (at < content.Length)
        {
            var end = content[at..].IndexOf((byte)'\n') is var length and >= 0 ? at + length + 1 : content.Length;
            var line = content[at..end].TrimEnd("\n"u8);
            var next = line.IsEmpty || line[0] == '#' ? time : line[(line.LastIndexOf((byte)' ') + 1)..];
            if (!time.IsEmpty && !next.SequenceEqual(time))
            {
                recorded.Add(content[start..at]);
                start = at;
            }

            at = end;
            time = next;
        }

        if (start < content.Length) recorded.Add(content[start..]);
        return recorded;
    }

    private void Add(ReadOnlySpan<byte> text)
    {
        var document = ExpositionDocument.Parse(text, ExpositionFormat.Text, Limits);
        var row = new SnapshotRow();
        for (var i = 0; i < document.FamilyCount; i++)
        {
            var family = document[i];
            for (var j = 0; j < family.Series.Length; j++)
            {
                if (row.Count == 0) row.Reset(Rows.Count + 1, family.TimestampOf(j));
                if (!_ids.TryGetValue(new SeriesKey(family.Series[j]), out var id))
                {
                    id = Roster.Count;
                    Roster.Add(family.Series[j]);
                    _ids.Add(new SeriesKey(family.Series[j]), id);
                }

                row.Add(id, family.Values[j]);
            }
        }

        row.Order();
        Rows.Add(row);
    }
}
