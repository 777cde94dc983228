using System.IO.Compression;
using System.IO.Pipelines;
using Gateway.Buffering;
using Gateway.Exposition;
using Microsoft.Net.Http.Headers;

namespace Gateway.Http;

/// <summary>
/// Streams an exposition as the answer to a request: format from <c>Accept</c>, gzip from <c>Accept-Encoding</c>, in pieces so that memory stays flat
/// however many samples there are and a slow client slows only itself.
/// </summary>
internal static class ExpositionBody
{
    /// <summary>Bytes rendered between two flushes.</summary>
    private const int FlushBytes = 64 << 10;

    /// <summary>Writes live samples; returns the bytes of the exposition before compression.</summary>
    /// <exception cref="OperationCanceledException">The client went away before it had everything.</exception>
    public static Task<long> WriteAsync(HttpContext context, BatchMerger exposition, CancellationToken cancellationToken) =>
        WriteAsync(context, (output, format) => WriteAsync(output, format, exposition, cancellationToken), cancellationToken);

    /// <summary>Writes a page of snapshots, each sample with its time; returns the bytes of the exposition before compression.</summary>
    /// <exception cref="OperationCanceledException">The client went away before it had everything.</exception>
    public static Task<long> WriteAsync(HttpContext context, SnapshotPage page, CancellationToken cancellationToken) =>
        WriteAsync(context, (output, format) => WriteAsync(output, format, page, cancellationToken), cancellationToken);

    private static async Task<long> WriteAsync(HttpContext context, Func<PipeWriter, ExpositionFormat, Task<long>> write, CancellationToken cancellationToken)
    {
        var format = Negotiation.Choose(context.Request.Headers.Accept.ToString());
        var response = context.Response;
        response.ContentType = format.ContentType();
        response.Headers.Vary = "Accept, Accept-Encoding";
        var gzip = AcceptsGzip(context.Request);
        if (gzip) response.Headers.ContentEncoding = "gzip";
        // From here on a fault cuts the answer; before the head is settled it would be answered 500 under these headers, with what was rendered so far.
        await response.StartAsync(cancellationToken);
        if (!gzip) return await write(response.BodyWriter, format);
        var written = await WriteGzipAsync(response.BodyWriter, output => write(output, format));
        await FlushAsync(response.BodyWriter, cancellationToken);
        return written;
    }

    /// <summary>Flushes. A connection that breaks does not make the framework's flush throw: it reports that nobody reads any more.</summary>
    private static async ValueTask FlushAsync(PipeWriter output, CancellationToken cancellationToken)
    {
        if ((await output.FlushAsync(cancellationToken)).IsCompleted) throw new OperationCanceledException("The client went away.");
    }

    private static async Task<long> WriteGzipAsync(PipeWriter output, Func<PipeWriter, Task<long>> write)
    {
        await using var gzip = new GZipStream(output.AsStream(leaveOpen: true), CompressionLevel.Fastest);
        var writer = PipeWriter.Create(gzip, new StreamPipeWriterOptions(minimumBufferSize: FlushBytes, leaveOpen: true));
        var written = await write(writer);
        await writer.CompleteAsync();
        return written;
    }

    private static async Task<long> WriteAsync(PipeWriter output, ExpositionFormat format, BatchMerger exposition, CancellationToken cancellationToken)
    {
        var writer = new ExpositionWriter(format);
        var total = 0L;
        var pending = 0;
        for (var family = 0; family < exposition.FamilyCount; family++)
        {
            pending += writer.WriteHeader(output, exposition.Family(family));
            for (var part = 0; part < exposition.PartCount(family); part++)
            {
                var next = 0;
                while (next < exposition.Part(family, part).Series.Length)
                {
                    next = writer.WriteSamples(output, exposition.Part(family, part), next, Math.Max(0, FlushBytes - pending), out var written);
                    pending += written;
                    if (pending < FlushBytes) continue;
                    total += pending;
                    pending = 0;
                    await FlushAsync(output, cancellationToken);
                }
            }
        }

        pending += writer.WriteEnd(output);
        await FlushAsync(output, cancellationToken);
        return total + pending;
    }

    private static async Task<long> WriteAsync(PipeWriter output, ExpositionFormat format, SnapshotPage page, CancellationToken cancellationToken)
    {
        var writer = new ExpositionWriter(format);
        var total = 0L;
        var pending = 0;
        for (var family = 0; family < page.Families.Length; family++)
        {
            pending += writer.WriteHeader(output, page.Families[family].Family);
            var end = page.Families[family].FirstSeries + page.Families[family].SeriesCount;
            for (var series = page.Families[family].FirstSeries; series < end; series++)
            {
                var next = 0;
                while (next < page.TimesOf(series).Length)
                {
                    next = writer.WriteSeries(
                        output, page.Series[series], page.TimesOf(series), page.ValuesOf(series), next, Math.Max(0, FlushBytes - pending), out var written);
                    pending += written;
                    if (pending < FlushBytes) continue;
                    total += pending;
                    pending = 0;
                    await FlushAsync(output, cancellationToken);
                }
            }
        }

        pending += writer.WriteEnd(output);
        await FlushAsync(output, cancellationToken);
        return total + pending;
    }

    private static bool AcceptsGzip(HttpRequest request)
    {
        var header = request.Headers.AcceptEncoding;
        if (header.Count == 0) return false;
        if (header is ["gzip"]) return true;
        if (!StringWithQualityHeaderValue.TryParseList(header, out var codings)) return false;
        var quality = -1.0;
        foreach (var coding in codings)
        {
            if (coding.Value.Equals("gzip", StringComparison.OrdinalIgnoreCase)) return coding.Quality is not 0;
            if (coding.Value == "*") quality = coding.Quality ?? 1;
        }

        return quality > 0;
    }
}
