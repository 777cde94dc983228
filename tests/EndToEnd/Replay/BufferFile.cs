using Gateway.Buffering;
using Gateway.Buffering.Stores;
using Gateway.EndToEnd.Parts;
using Gateway.TestKit;
using Microsoft.Extensions.Logging.Abstractions;

namespace Gateway.EndToEnd.Replay;

/// <summary>The buffer of a service that does not run, filled before its start or looked at after its end.</summary>
internal static class BufferFile
{
    /// <summary>Opens the buffer of the service whose state lies in the folder of a test.</summary>
    public static async Task<SnapshotBuffer> OpenAsync(TempFolder folder)
    {
        var options = new BufferOptions { Directory = folder["state"] };
        var buffer = new SnapshotBuffer(BufferStores.Create(options, TimeProvider.System), options, TimeProvider.System, NullLogger<SnapshotBuffer>.Instance);
        await buffer.StartAsync(CancellationToken.None);
        return buffer;
    }

    /// <summary>What the collectors gave of the snapshots on the shelf, only series whose name begins so.</summary>
    public static async Task<StoredSamples> ShelfAsync(TempFolder folder, string prefix)
    {
        await using var buffer = await OpenAsync(folder);
        using var shelf = new Shelf(buffer);
        using var page = new SnapshotPage();
        await buffer.ReadAsync(new PageQuery(SnapshotKind.Metrics, shelf.Ranges(SnapshotKind.Metrics), int.MaxValue), page, CancellationToken.None);
        page.Complete();
        var stored = new StoredSamples();
        for (var i = 0; i < page.Series.Length; i++)
        {
            var series = page.Series[i];
            if (!series.SampleName.StartsWith(prefix, StringComparison.Ordinal)) continue;
            var labels = series.LabelNames.Zip(series.LabelValues, (name, value) => $"{name}={value}").Order(StringComparer.Ordinal);
            var samples = stored.Of(new SeriesName(series.SampleName, string.Join(SeriesName.Separator, labels)));
            for (var at = 0; at < page.TimesOf(i).Length; at++) samples.Add(new Sample(page.TimesOf(i)[at], page.ValuesOf(i)[at]));
        }

        return stored;
    }
}
