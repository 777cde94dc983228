using System.IO.Compression;
using System.IO.Pipelines;
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

    /// <summary>Writes the answer; returns the bytes of the exposition before compression.</summary>
    /// <exception cref="OperationCanceledException">The client went away before it had everything.</exception>
    public static async Task<long> WriteAsync(HttpContext context, BatchMerger exposition, CancellationToken cancellationToken)
    {
        var format = Negotiation.Choose(context.Request.Headers.Accept.ToString());
        var response = context.Response;
        response.ContentType = format.ContentType();
        response.Headers.Vary = "Accept, Accept-Encoding";
        var gzip = AcceptsGzip(context.Request);
        if (gzip) response.Headers.ContentEncoding = "gzip";
        // From here on a fault cuts the answer; before the head is settled it would be answered 500 under these headers, with what was rendered so far.
        await response.StartAsync(cancellationToken);
        if (!gzip) return await WriteAsync(response.BodyWriter, format, exposition, cancellationToken);
        var written = await WriteGzipAsync(response.BodyWriter, format, exposition, cancellationToken);
        await FlushAsync(response.BodyWriter, cancellationToken);
        return written;
    }

    /// <summary>Flushes. A connection that breaks does not make the framework's flush throw: it reports that nobody reads any more.</summary>
    private static async ValueTask FlushAsync(PipeWriter output, CancellationToken cancellationToken)
    {
        if ((await output.FlushAsync(cancellationToken)).IsCompleted) throw new OperationCanceledException("The client went away.");
    }

    private static async Task<long> WriteGzipAsync(PipeWriter output, ExpositionFormat format, BatchMerger exposition, CancellationToken cancellationToken)
    {
        await using var gzip = new GZipStream(output.AsStream(leaveOpen: true), CompressionLevel.Fastest);
        var writer = PipeWriter.Create(gzip, new StreamPipeWriterOptions(minimumBufferSize: FlushBytes, leaveOpen: true));
        var written = await WriteAsync(writer, format, exposition, cancellationToken);
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
