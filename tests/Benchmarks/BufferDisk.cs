using System.Diagnostics;
using System.Globalization;
using Gateway.Buffering;
using Gateway.Buffering.Stores;
using Gateway.Buffering.Tests.Codec;
using Microsoft.Extensions.Logging.Abstractions;

namespace Gateway.Benchmarks;

/// <summary>
/// Bytes per sample on the disk, all in: recorded snapshots go through the buffer as the service uses it, older ones are fused, the buffer is closed, and the files
/// are measured: values, times, roster, index, readers and the pages of the database.
/// </summary>
internal static class BufferDisk
{
    public static async Task PrintAsync(string file, TextWriter output)
    {
        var recorded = RecordedSnapshots.Read(file);
        var folder = Directory.CreateTempSubdirectory("gateway-bench-").FullName;
        try
        {
            var options = new BufferOptions { Directory = folder };
            long blocks;
            TimeSpan elapsed;
            await using (var buffer = new SnapshotBuffer(BufferStores.Create(options, TimeProvider.System), options, TimeProvider.System, NullLogger<SnapshotBuffer>.Instance))
            {
                await buffer.StartAsync(default);
                await buffer.SaveReaderAsync(new BufferReader(BufferReader.ScrapePrefix + "default", SnapshotKind.Metrics, SequenceRanges.All, 0), default);
                elapsed = await FillAsync(buffer, recorded);
                blocks = await FusedAsync(buffer);
            }

            long bytes = Directory.EnumerateFiles(folder).Sum(path => new FileInfo(path).Length);
            await output.WriteLineAsync(string.Create(
                CultureInfo.InvariantCulture,
                $"{Path.GetFileName(file)}: {recorded.Rows.Count} snapshots, {recorded.Samples} samples, {bytes} bytes on disk, {blocks} blocks: {bytes / (double)recorded.Samples:F3} bytes/sample all in ({elapsed.TotalSeconds:F1} s to append)"));
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    private static async Task<TimeSpan> FillAsync(SnapshotBuffer buffer, RecordedSnapshots recorded)
    {
        var draft = new SnapshotDraft();
        var start = Stopwatch.GetTimestamp();
        foreach (var row in recorded.Rows)
        {
            draft.Reset(SnapshotKind.Metrics, row.TimeMs);
            for (var i = 0; i < row.Count; i++)
            {
                var series = recorded.Roster[row.Ids[i]];
                draft.Add(series.Family, series, row.Values[i]);
            }

            await buffer.AppendAsync(draft, default);
        }

        return Stopwatch.GetElapsedTime(start);
    }

    /// <summary>Waits until nothing is left to fuse and the space has been given back: longer than the ten seconds between two looks of the buffer at itself.</summary>
    private static async Task<long> FusedAsync(SnapshotBuffer buffer)
    {
        for (var (last, waits) = ((-1L, -1L), 0); waits < 25;)
        {
            var now = (buffer.Figures.FusedBlocks, buffer.Figures.DiskBytes);
            waits = last == now ? waits + 1 : 0;
            last = now;
            await Task.Delay(TimeSpan.FromMilliseconds(500), TimeProvider.System);
        }

        return buffer.Figures.FusedBlocks;
    }
}
