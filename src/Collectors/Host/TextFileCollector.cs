using System.ComponentModel.DataAnnotations;
using Gateway.Exposition;

namespace Gateway.Collectors.Host;

/// <summary>
/// Samples that scripts leave in files: every <c>*.prom</c> of one folder, in text 0.0.4, as node_exporter's textfile collector takes them. A file is parsed
/// again only when its time or size changed. A faulty file is reported by name and line and left out; the others are served.
/// </summary>
/// <remarks>Scripts write to another name and rename: a file that is read half written is a faulty one until the next scrape.</remarks>
[Collector("textfile", Summary = "Samples that scripts leave in *.prom files of one folder", Options = typeof(TextFileOptions))]
internal sealed class TextFileCollector(TextFileOptions options) : ICollector
{
    private static readonly MetricFamily ModificationTime = MetricFamily.Gauge(
        "node_textfile_mtime_seconds", "Time at which each text file that was read was last changed, in Unix seconds.", "file");

    private static readonly MetricFamily ScrapeError = MetricFamily.Gauge(
        "node_textfile_scrape_error", "1 when a text file could not be read or is faulty, else 0.");

    private const string NoHelp = "Read from a text file, which gives no help text.";

    private readonly ParseLimits _limits = new() { MaxBytes = options.MaxFileBytes, MaxSamples = options.MaxSamplesPerFile };
    private readonly SortedDictionary<string, TextFile> _files = new(StringComparer.Ordinal);
    private readonly HashSet<string> _present = new(StringComparer.Ordinal);
    private readonly List<(MetricFamily Family, Series Series, double Value)> _samples = [];
    private readonly List<string> _mergeFaults = [];

    public ValueTask CollectAsync(MetricSink sink, CancellationToken cancellationToken)
    {
        if (options.Directory.Length == 0)
        {
            // Switched on but without a folder, as by default: nothing is wrong.
            sink.Add(ScrapeError, 0);
            return ValueTask.CompletedTask;
        }

        var folder = new DirectoryInfo(options.Directory);
        if (!folder.Exists) throw new DirectoryNotFoundException($"the folder {options.Directory} does not exist (Gateway:Collectors:textfile:Directory)");

        if (Refresh(folder, sink, cancellationToken)) Merge();
        var faulty = _mergeFaults.Count > 0;
        foreach (var fault in _mergeFaults) sink.Fault(fault);
        foreach (var (path, file) in _files)
        {
            if (file.Fault is { } fault)
            {
                faulty = true;
                sink.Fault($"{path}: {fault}");
            }
            else
            {
                sink.Add(ModificationTime, [path], (file.Modified - DateTime.UnixEpoch).TotalSeconds);
            }
        }

        foreach (var (family, series, value) in _samples) sink.Add(family, series, value);
        sink.Add(ScrapeError, faulty || sink.FaultCount > 0 ? 1 : 0);
        return ValueTask.CompletedTask;
    }

    /// <summary>Reads what is new or changed and forgets what is gone. True when the samples are others than before.</summary>
    private bool Refresh(DirectoryInfo folder, MetricSink sink, CancellationToken cancellationToken)
    {
        var changed = false;
        _present.Clear();
        foreach (var info in folder.EnumerateFiles("*.prom"))
        {
            cancellationToken.ThrowIfCancellationRequested();
            if (_present.Count >= options.MaxFiles)
            {
                sink.Fault($"{options.Directory}: holds more than {options.MaxFiles} files; the rest is left out (Gateway:Collectors:textfile:MaxFiles)");
                break;
            }

            _present.Add(info.FullName);
            var (modified, length, fault) = Look(info);
            if (_files.TryGetValue(info.FullName, out var known) && known.IsSame(modified, length, fault)) continue;
            _files[info.FullName] = fault is null ? Read(info.FullName, modified, length) : new TextFile(modified, length, null, fault);
            changed = true;
        }

        if (_present.Count == _files.Count) return changed;
        foreach (var gone in _files.Keys.Where(path => !_present.Contains(path)).ToList()) _files.Remove(gone);
        return true;
    }

    /// <summary>Time and size of a file. Those of a link say nothing: what it leads to changes without it, and may be a pipe, which has no size.</summary>
    private static (DateTime Modified, long Length, string? Fault) Look(FileInfo info)
    {
        try
        {
            var file = info.LinkTarget is null ? info : info.ResolveLinkTarget(returnFinalTarget: true) as FileInfo ?? info;
            return (file.LastWriteTimeUtc, file.Length, null);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return (DateTime.UnixEpoch, 0, e.Message);
        }
    }

    private TextFile Read(string path, DateTime modified, long length)
    {
        try
        {
            // Pipes and devices say length zero and would block on opening; an empty file has nothing to read either.
            if (length == 0) return new TextFile(modified, length, null, null);
            if (length > options.MaxFileBytes)
                return new TextFile(modified, length, null, $"is larger than {options.MaxFileBytes} bytes (Gateway:Collectors:textfile:MaxFileBytes)");
            var document = ExpositionDocument.Parse(File.ReadAllBytes(path), ExpositionFormat.Text, _limits);
            return FirstTimestamp(document) is { } series
                ? new TextFile(modified, length, null, $"{series} carries a timestamp; a file says how things are, so leave it out")
                : new TextFile(modified, length, document, null);
        }
        catch (Exception e) when (e is ExpositionFormatException or IOException or UnauthorizedAccessException)
        {
            return new TextFile(modified, length, null, e.Message);
        }
    }

    /// <summary>A sample with a timestamp would grow old while its file rests, and an old one can make Prometheus refuse the whole scrape.</summary>
    private static Series? FirstTimestamp(ExpositionDocument document)
    {
        for (var i = 0; i < document.FamilyCount; i++)
        {
            var samples = document[i];
            if (!samples.Timestamps.IsEmpty) return samples.Series[0];
        }

        return null;
    }

    /// <summary>Settles families that several files have; the file whose name comes first wins.</summary>
    private void Merge()
    {
        _samples.Clear();
        _mergeFaults.Clear();
        var merger = new BatchMerger();
        foreach (var (path, file) in _files)
        {
            if (file.Document is { } document) merger.Add(path, document.Samples);
        }

        for (var family = 0; family < merger.FamilyCount; family++)
        {
            var header = merger.Family(family);
            if (header.Help.Length == 0) header = header.WithHelp(NoHelp);
            for (var part = 0; part < merger.PartCount(family); part++)
            {
                var samples = merger.Part(family, part);
                for (var i = 0; i < samples.Series.Length; i++)
                    _samples.Add((header, samples.Series[i], samples.Values[i]));
            }
        }

        foreach (var fault in merger.Faults) _mergeFaults.Add($"{fault.Source}: {Describe(fault)}");
    }

    private static string Describe(MergeFault fault) => fault.Reason switch
    {
        MergeFaultReason.TypeConflict => $"{fault.Family} has another type in an earlier file; {fault.Samples} sample(s) left out",
        MergeFaultReason.NameConflict => $"{fault.Family} has a sample name of another family in an earlier file; {fault.Samples} sample(s) left out",
        _ => $"{fault.Family} has series that an earlier file has; {fault.Samples} sample(s) left out",
    };

    /// <summary>A file as it was read last.</summary>
    private sealed record TextFile(DateTime Modified, long Length, ExpositionDocument? Document, string? Fault)
    {
        /// <summary>False when it changed. A file that could not be looked at is the same as long as it cannot for the same reason.</summary>
        public bool IsSame(DateTime modified, long length, string? fault) =>
            modified == Modified && length == Length && (fault is null || string.Equals(fault, Fault, StringComparison.Ordinal));
    }
}

/// <summary>Options of the textfile collector; section <c>Gateway:Collectors:textfile</c>.</summary>
internal sealed class TextFileOptions
{
    /// <summary>Folder whose <c>*.prom</c> files are served. Empty (the default) is none.</summary>
    public string Directory { get; set; } = "";

    /// <summary>Files read; the rest of the folder is left out and reported. 1 to 10,000, default 500.</summary>
    [Range(1, 10_000)]
    public int MaxFiles { get; set; } = 500;

    /// <summary>Largest file in bytes; a larger one is left out and reported. 1,024 to 1,073,741,824, default 16,777,216.</summary>
    [Range(1 << 10, 1 << 30)]
    public int MaxFileBytes { get; set; } = 16 << 20;

    /// <summary>Samples per file; a file with more is left out and reported. 1 to 10,000,000, default 100,000.</summary>
    [Range(1, 10_000_000)]
    public int MaxSamplesPerFile { get; set; } = 100_000;
}
