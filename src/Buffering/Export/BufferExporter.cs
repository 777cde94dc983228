using System.IO.Pipelines;
using Gateway.Exposition;

namespace Gateway.Buffering.Export;

/// <summary>
/// Writes what a buffer holds, page after page, oldest first, with flat memory: one page and what the order of the series needs (see <see cref="SeriesOrder"/>).
/// Reads only; the readers of the buffer and what they still have to get stay as they are.
/// </summary>
public static class BufferExporter
{
    /// <summary>Samples read at once; what a page of the scrape has at most.</summary>
    public const int PageSamples = 250_000;

    /// <summary>Bytes gathered before they are handed on.</summary>
    private const int FlushBytes = 64 << 10;

    /// <summary>Writes to a stream and leaves it open.</summary>
    /// <inheritdoc cref="ExportAsync(ISnapshotBuffer, ExportQuery, PipeWriter, CancellationToken)"/>
    public static async Task<ExportResult> ExportAsync(ISnapshotBuffer buffer, ExportQuery query, Stream output, CancellationToken cancellationToken)
    {
        var writer = PipeWriter.Create(output, new StreamPipeWriterOptions(leaveOpen: true));
        var result = await ExportAsync(buffer, query, writer, cancellationToken);
        await writer.CompleteAsync();
        return result;
    }

    /// <summary>Writes to a pipe, flushed to the end and not completed. After an exception what was written is no export: the caller must not let it look like one.</summary>
    /// <param name="buffer">The buffer, started.</param>
    /// <param name="query">What to write; snapshots that come while it runs are not in it.</param>
    /// <param name="output">Where to.</param>
    /// <param name="cancellationToken">Ends it.</param>
    /// <exception cref="ExportException">It cannot be made as asked for.</exception>
    /// <exception cref="IOException">Nobody reads what is written.</exception>
    public static async Task<ExportResult> ExportAsync(ISnapshotBuffer buffer, ExportQuery query, PipeWriter output, CancellationToken cancellationToken)
    {
        using var jsonLines = query.Format == ExportFormat.JsonLines ? new JsonLinesExportWriter() : null;
        IExportWriter writer = jsonLines is not null
            ? jsonLines
            : new ExpositionExportWriter(query.Format == ExportFormat.OpenMetrics ? ExpositionFormat.OpenMetrics : ExpositionFormat.Text);
        using var run = new Run(buffer, query, writer, output);
        if (query.Kind is null or SnapshotKind.Metrics) await run.ExportAsync(SnapshotKind.Metrics, cancellationToken);
        if (query.Kind is null or SnapshotKind.Pushes) await run.ExportAsync(SnapshotKind.Pushes, cancellationToken);
        return await run.EndAsync(cancellationToken);
    }

    /// <summary>One export.</summary>
    private sealed class Run(ISnapshotBuffer buffer, ExportQuery query, IExportWriter writer, PipeWriter output) : IDisposable
    {
        private readonly SnapshotPage _page = new();
        private readonly SampleColumns _columns = new();
        private readonly SeriesOrder? _order = writer.NeedsOrder ? new SeriesOrder() : null;
        private readonly AddedLabels _labels = new(query.Labels, query.HonorLabels);
        private long _snapshots;
        private long _missing;
        private long _samples;
        private long _unwritable;
        private long _leftOut;
        private long _oldestMs = long.MaxValue;
        private long _newestMs = long.MinValue;

        public void Dispose()
        {
            _page.Dispose();
            _columns.Dispose();
        }

        public async Task ExportAsync(SnapshotKind kind, CancellationToken cancellationToken)
        {
            // A snapshot of pushes has the time of its oldest sample, so a sample of the time asked for may be in one from before.
            var found = buffer.Find(kind, kind == SnapshotKind.Metrics ? query.SinceMs : long.MinValue, query.UntilMs);
            if (_order is not null && kind == SnapshotKind.Pushes)
            {
                await ReadAsync(kind, found, Plan, cancellationToken);
                _order.EndPlan();
            }

            var expected = buffer.Measure(kind, found).Snapshots;
            var read = await ReadAsync(kind, found, page: null, cancellationToken);
            _snapshots += read;
            _missing += Math.Max(0, expected - read);
        }

        public async Task<ExportResult> EndAsync(CancellationToken cancellationToken)
        {
            foreach (var series in _order?.Waiting.ToList() ?? [])
            {
                _order?.AdmitRest(series, _columns);
                await WriteColumnsAsync(series, cancellationToken);
            }

            writer.WriteEnd(output);
            await FlushAsync(cancellationToken);
            return new ExportResult
            {
                Snapshots = _snapshots,
                Samples = _samples,
                OldestMs = _samples == 0 ? null : _oldestMs,
                NewestMs = _samples == 0 ? null : _newestMs,
                MissingSnapshots = _missing,
                LeftOut = _leftOut + (_order?.LeftOut ?? 0),
                Unwritable = _unwritable,
            };
        }

        /// <summary>Reads page after page and writes each, or hands it to <paramref name="page"/> instead. Returns the snapshots read.</summary>
        private async Task<long> ReadAsync(SnapshotKind kind, SequenceRanges remaining, Action? page, CancellationToken cancellationToken)
        {
            var read = 0L;
            while (!remaining.IsEmpty)
            {
                _page.Clear();
                await buffer.ReadAsync(new PageQuery(kind, remaining, PageSamples), _page, cancellationToken);
                _page.Complete();
                read += _page.SnapshotCount;
                if (page is not null) page();
                else await WritePageAsync(cancellationToken);
                var rest = remaining.Except(_page.Covered);
                if (rest.Equals(remaining)) break;
                remaining = rest;
            }

            return read;
        }

        private void Plan()
        {
            for (var i = 0; i < _page.Series.Length; i++)
            {
                var (start, length) = Window(i);
                if (length > 0) _order?.Plan(_page.Series[i], _page.TimesOf(i).Slice(start, length), _page.ValuesOf(i).Slice(start, length));
            }
        }

        private async Task WritePageAsync(CancellationToken cancellationToken)
        {
            _leftOut += _page.DuplicateCount;
            for (var f = 0; f < _page.Families.Length; f++)
            {
                var (first, count) = (_page.Families[f].FirstSeries, _page.Families[f].SeriesCount);
                var headed = false;
                for (var i = first; i < first + count; i++)
                {
                    Admit(i);
                    if (_columns.Count == 0) continue;
                    if (!headed) writer.WriteFamily(output, _page.Families[f].Family);
                    headed = true;
                    await WriteColumnsAsync(_page.Series[i], cancellationToken);
                }
            }
        }

        /// <summary>Puts the samples of a series that are to be written into the columns.</summary>
        private void Admit(int series)
        {
            _columns.Clear();
            var (start, length) = Window(series);
            if (length == 0) return;
            var times = _page.TimesOf(series).Slice(start, length);
            var values = _page.ValuesOf(series).Slice(start, length);
            if (_order is null) _columns.AddRange(times, values);
            else _order.Admit(_page.Series[series], times, values, _columns);
        }

        /// <summary>The samples of a series that are of the time asked for.</summary>
        private (int Start, int Length) Window(int series)
        {
            var times = _page.TimesOf(series);
            var start = FirstAtOrAfter(times, query.SinceMs);
            var end = query.UntilMs == long.MaxValue ? times.Length : FirstAtOrAfter(times, query.UntilMs + 1);
            return (start, Math.Max(0, end - start));
        }

        private async Task WriteColumnsAsync(Series series, CancellationToken cancellationToken)
        {
            if (_columns.Count == 0) return;
            var labelled = _labels.To(series);
            var written = 0;
            for (var at = 0; at < _columns.Count; at += writer.ChunkSamples)
            {
                var count = Math.Min(writer.ChunkSamples, _columns.Count - at);
                written += writer.WriteSamples(output, labelled, _columns.Values.Slice(at, count), _columns.Times.Slice(at, count));
                if (output.UnflushedBytes >= FlushBytes) await FlushAsync(cancellationToken);
            }

            _samples += written;
            _unwritable += _columns.Count - written;
            if (written == 0) return;
            _oldestMs = Math.Min(_oldestMs, _columns.Times[0]);
            _newestMs = Math.Max(_newestMs, _columns.Times[^1]);
        }

        private async Task FlushAsync(CancellationToken cancellationToken)
        {
            var flushed = await output.FlushAsync(cancellationToken);
            if (flushed.IsCanceled) throw new OperationCanceledException("The flush of an export was cancelled.");
            if (flushed.IsCompleted) throw new IOException("Nobody reads the export any more.");
        }

        private static int FirstAtOrAfter(ReadOnlySpan<long> times, long timeMs)
        {
            var at = times.BinarySearch(timeMs);
            return at < 0 ? ~at : at;
        }
    }
}
